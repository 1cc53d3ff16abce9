"""`python -m runner.inspect`: figures of a network that is trained already."""

from __future__ import annotations

import runner.base.early_interrupt  # noqa: F401 - first, since imports take a second

# isort: split
import sys

from runner.predict.inspection import main

if __name__ == "__main__":
    sys.exit(main())
