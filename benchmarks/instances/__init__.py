"""Problems that others wrote, with answers that are published or proved elsewhere, as model folders.

Lives here: what an instance is, its registry (each family registers itself), the writing of a folder.
Not here: any family (one file each), the raw files and their sources (raw/), the tests (tests/instances).

    python -m benchmarks.instances DIRECTORY [NAME ...]
"""

from __future__ import annotations

import csv
import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

RAW = Path(__file__).parent / "raw"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Instance:
    """One problem: the policy and its tables, and what is known of the answer.

    `optimum`: the exact value of each objective whose optimum is known, by id (None of it where no plan exists).
    `awards`: the whole plan, where it is published: amount by (unit, program).
    """

    name: str
    policy: Mapping[str, Any]
    tables: Mapping[str, Sequence[Row]]
    optimum: Mapping[str, Fraction] = field(default_factory=dict)
    awards: Mapping[tuple[str, str], int] | None = None
    feasible: bool = True

    def write(self, folder: Path) -> Path:
        """The model folder: model.yaml and its tables. Returns the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in self.tables.items():
            with (folder / name).open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
        with (folder / "model.yaml").open("w", encoding="utf-8") as file:
            _yaml().dump({"model": self.name, **self.policy}, file)
        return folder


FAMILIES: dict[str, Callable[[], Sequence[Instance]]] = {}


def family(build: Callable[[], Sequence[Instance]]) -> Callable[[], Sequence[Instance]]:
    """Registers a function that gives the instances of one family."""
    FAMILIES[build.__module__.rpartition(".")[2]] = build
    return build


def instances() -> dict[str, Instance]:
    """Every instance of every family by its name; the folder is scanned, no list is kept."""
    for module in pkgutil.iter_modules(__path__):
        if not module.name.startswith("_"):
            importlib.import_module(f"{__name__}.{module.name}")
    found = [instance for name in sorted(FAMILIES) for instance in FAMILIES[name]()]
    return {instance.name: instance for instance in found}


def read(name: str) -> list[dict[str, str]]:
    """The rows of a raw CSV file."""
    with (RAW / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _yaml() -> YAML:
    yaml = YAML()
    yaml.width = 120
    yaml.representer.add_representer(
        Decimal, lambda r, value: r.represent_scalar("tag:yaml.org,2002:float", format(value, "f"))
    )
    return yaml


def exact_shares(weights: Mapping[str, Fraction], places: int, least: int) -> dict[str, Fraction]:
    """Shares in proportion to the weights, nobody below `least`: who would be gets it, and the rest is shared out anew."""
    held: set[str] = set()
    while True:
        rest, total = (
            places - least * len(held),
            sum((w for name, w in weights.items() if name not in held), Fraction(0)),
        )
        shares = {name: Fraction(least) if name in held else rest * w / total for name, w in weights.items()}
        below = {name for name, share in shares.items() if share < least}
        if not below:
            return shares
        held |= below
