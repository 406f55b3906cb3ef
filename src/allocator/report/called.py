"""What a plan is called beside its status: by the draw alone, one of the best, any.

Lives here: which of these it is, as the end of a word's key.
Not here: the words (words/*/report.toml), the status (model/status.py).
"""

from __future__ import annotations

from allocator.model.status import Status


def ending(*, objectives: bool, drawn: bool) -> str:
    """What is added to the key of a plan that is the best, or that keeps every rule where nothing else is asked."""
    return ("" if drawn else "-one-of") if objectives else ("-by-lot" if drawn else "-any")


def called(status: str, *, objectives: bool, drawn: bool) -> str:
    """The key of a status: `optimal`, `optimal-by-lot`, `optimal-one-of`, `optimal-any`. drawn: the model asks for a draw."""
    word = status.replace(" ", "-")
    return word + (ending(objectives=objectives, drawn=drawn) if status == Status.OPTIMAL else "")
