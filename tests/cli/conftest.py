"""What the tests of commands share: an empty current folder, English, a page of 120 columns."""

import pytest


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("ALLOCATOR_LANG", "en")
    return tmp_path
