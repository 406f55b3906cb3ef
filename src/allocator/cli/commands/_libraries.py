"""Whether the libraries of an extra are installed, asked before any work.

Lives here: that question, and what is told where they are not.
Not here: which libraries an output needs (the commands).
"""

from __future__ import annotations

from importlib.util import find_spec

from allocator.cli.usage import Wrong
from allocator.words import Say


def needs(*libraries: str, option: str | None = None) -> None:
    """Raises Wrong where one of them is not there."""
    if any(find_spec(library) is None for library in libraries):
        told = Say("commands.report.not-installed")
        raise Wrong(told) if option is None else Wrong(told, option)
