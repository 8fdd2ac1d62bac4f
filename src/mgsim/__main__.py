"""``python -m mgsim``."""

import sys

from mgsim.cli import main

if __name__ == "__main__":
    sys.exit(main())
