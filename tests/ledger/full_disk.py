"""A disk that fails at one write: it is full, or nothing may be renamed."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


@contextmanager
def failing_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Of all that is written, made and renamed meanwhile, the `step`th, counted from 1, fails."""
    seen = 0

    def failing(real: Callable[..., Any]) -> Callable[..., Any]:
        def work(*args: Any, **options: Any) -> Any:
            nonlocal seen
            seen += 1
            if seen == step:
                raise OSError(28, "No space left on device")
            return real(*args, **options)

        return work

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing(os.fsync))
        for name in ("mkdir", "replace"):
            patched.setattr(Path, name, failing(getattr(Path, name)))
        yield
