"""`python -m allocator`: the command line, where the program `allocator` is not on the path."""

from __future__ import annotations

import sys

from allocator.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
