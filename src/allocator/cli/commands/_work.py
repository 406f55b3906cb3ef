"""What commands that write runs do alike: progress around long work, and a folder that is not theirs is refused.

Lives here: both, as contexts.
Not here: the work (answer/), what is shown of it (the commands).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from allocator.cli.usage import Wrong
from allocator.runs.folder import NotARun, Signed
from allocator.words import Say


@contextmanager
def refusing() -> Iterator[None]:
    """A folder that may not be replaced, as wrong usage."""
    try:
        yield
    except Signed as refused:
        raise _refusal("commands.solve.signed", refused) from refused
    except NotARun as refused:
        code = "commands.solve.not-a-run" if refused.stranger is None else "commands.solve.stranger"
        raise _refusal(code, refused) from refused


def _refusal(code: str, refused: NotARun) -> Wrong:
    return Wrong(Say(code, {"folder": str(refused.path), "file": refused.stranger or ""}), "--out")
