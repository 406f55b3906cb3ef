"""Finds the kinds of rules and objectives: one file a kind, a folder is scanned, nothing is listed by hand.

Lives here: the scan and the look-up by name.
Not here: any kind.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Generic, TypeVar

K = TypeVar("K")


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
        """All kinds by name, sorted; the folder is scanned once."""
        if not self._scanned:
            self._scanned = True
            folder = importlib.import_module(self.package)
            for module in pkgutil.iter_modules(folder.__path__):
                importlib.import_module(f"{self.package}.{module.name}")
        return dict(sorted(self._kinds.items()))
