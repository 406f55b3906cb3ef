"""The hash of a model's content: keys of later versions are in it where they are said, and only there."""

import pytest
from tests.runs.shared import TUTORIAL, changed

from allocator.load import load
from allocator.model import identity
from allocator.model.identity import ADDED, model_id

RULE = "  - id: one-in-every-prefecture\n"
SAID = {
    "files": ("\nmissing:", "\nfiles: {past.csv: Earlier}\nmissing:"),
    "private": ("\nmissing:", "\nprivate: [score]\nmissing:"),
    "objections": ("\nmissing:", "\nobjections: In writing.\nmissing:"),
    "actions": ("\nmissing:", "\nactions: {1: {title: Model counties}}\nmissing:"),
    "yearly": ("    action: 2\n", "    action: 2\n    yearly: supports _ counties\n"),
    "change_weight": (RULE, RULE + "    change_weight: 2\n"),
    "decided_by": (RULE, RULE + "    decided_by: panel\n"),
    "map": ("\ntables:", "\nmap: tiles\ntables:\n  tiles: {file: tiles.csv, key: unit}"),
    "waivable": (RULE, RULE + "    waivable: false\n"),
    "per_unit.text": ('per_unit: {at_least: "1"}', 'per_unit: {at_least: "1", text: Each county gets one}'),
}


def test_a_model_that_says_nothing_of_later_keys_has_the_hash_that_it_had():
    content = identity._content(load(TUTORIAL))
    assert not [key for key in ADDED if f'"{key}": ' in content]
    assert '"waivable": false' in content and '"waivable": null' not in content


@pytest.mark.parametrize("key", SAID)
def test_what_is_said_makes_another_hash(tmp_path, key):
    model = changed(tmp_path / "m", ("model.yaml", *SAID[key]))
    (model / "tiles.csv").write_text("unit,column,row\nash,1,1\nbirch,2,1\ncedar,3,1\nmaple,1,2\noak,2,2\npine,3,2\n")
    assert model_id(load(model)) != model_id(load(TUTORIAL))
    assert set(SAID) == {*ADDED, "waivable", "per_unit.text"}
