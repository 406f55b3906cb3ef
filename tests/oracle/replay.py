"""Asks one world again, from the YAML that a failing test printed: python -m tests.oracle.replay <file>."""

import sys
from pathlib import Path

from tests.oracle.agreement import differences
from tests.oracle.enumeration import Reading
from tests.oracle.worlds import World


def main(path: str) -> None:
    world = World.read(Path(path).read_text(encoding="utf-8"))
    answer = Reading(world.policy, world.files).answer()
    print(answer, *(differences(world, answer) or ["no difference"]), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1])
