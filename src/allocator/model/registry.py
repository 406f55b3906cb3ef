"""Finds the kinds of rules and objectives: one file a kind, a folder is scanned, nothing is listed by hand.

Lives here: the scan, kinds of other packages, the look-up by name.
Not here: any kind.

A package of somebody else's has kinds if it says so by an entry point of the group `allocator.kinds` that names one of its
modules. The module is imported; the sentences of its kinds stand in the folder `words` beside it, as ours do.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Generic, TypeVar

from allocator.words import add_words

K = TypeVar("K")
GROUP = "allocator.kinds"


@cache
def _of_others() -> None:
    """Import what other packages bring."""
    for entry in sorted(entry_points(group=GROUP)):
        module = entry.load()
        add_words(Path(module.__file__).parent / "words")


class Registry(Generic[K]):
    """The kinds of one folder, by the word that names them in a policy file."""

    def __init__(self, package: str) -> None:
        self.package = package
        self._kinds: dict[str, type[K]] = {}
        self._scanned = False

    def add(self, name: str, kind: type[K]) -> None:
        if name in self._kinds and self._kinds[name].__module__ != kind.__module__:
            raise ValueError(f"two kinds named {name!r}: {self._kinds[name].__module__} and {kind.__module__}")
        self._kinds[name] = kind

    def kinds(self) -> dict[str, type[K]]:
        """All kinds by name, sorted; folder and other packages are looked through once. ValueError: two of one name."""
        if not self._scanned:
            self._scanned = True
            folder = importlib.import_module(self.package)
            for module in pkgutil.iter_modules(folder.__path__):
                importlib.import_module(f"{self.package}.{module.name}")
            _of_others()
        return dict(sorted(self._kinds.items()))
