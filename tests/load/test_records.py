"""What a line of a ledger may name: a folder beside it, and nothing above, below or elsewhere."""

import pytest

from allocator.read.records import NotOurs, SignatureRecord, fits

LINE = {
    "number": 1, "previous": "0" * 64, "model": "m", "run": "m-1", "id": "1" * 64, "status": "optimal", "through": 2026,
    "years": {"2026": "2" * 64}, "name": "Li", "date": "2026-01-31",
}  # fmt: skip


def test_a_line_that_we_write_fits():
    fits(SignatureRecord, LINE)


@pytest.mark.parametrize("run", ["..", ".", "../m-1", "/m-1", "a/b", "m-1/", ""])
def test_a_folder_elsewhere_is_none_of_ours(run):
    with pytest.raises(NotOurs, match="run"):
        fits(SignatureRecord, {**LINE, "run": run})


@pytest.mark.parametrize(
    ("key", "value"), [("more", 1), ("number", 0), ("status", "certain"), ("date", "31.1.2026"), ("years", {})]
)
def test_what_no_line_says_is_none_of_ours(key, value):
    with pytest.raises(NotOurs):
        fits(SignatureRecord, {**LINE, key: value})
