"""`python -m benchmarks.instances DIRECTORY [NAME ...]`: write the instances (all, or those named) as model folders."""

import argparse
import sys
from pathlib import Path

from benchmarks.instances import instances

parser = argparse.ArgumentParser(prog="python -m benchmarks.instances", description=__doc__)
parser.add_argument("directory", type=Path)
parser.add_argument("name", nargs="*", help="all if none is named")
given = parser.parse_args()
known = instances()
unknown = sorted(set(given.name) - set(known))
if unknown:
    sys.exit(f"no instance named {', '.join(unknown)}; there are {', '.join(known)}")
for name in given.name or known:
    sys.stdout.write(f"{known[name].write(given.directory / name)}\n")
