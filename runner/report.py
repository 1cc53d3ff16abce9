"""`python -m runner.report`: tables of sweeps, comparisons and ensembles of finished runs."""

from __future__ import annotations

import runner.base.early_interrupt  # noqa: F401 - first, since imports take a second

# isort: split
import sys

from runner.sweeps.report.report_command import main

if __name__ == "__main__":
    sys.exit(main())
