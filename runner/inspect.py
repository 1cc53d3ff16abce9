"""`python -m runner.inspect`: figures of a network that is trained already."""

from __future__ import annotations

import sys

from runner.predict.inspection import main

if __name__ == "__main__":
    sys.exit(main())
