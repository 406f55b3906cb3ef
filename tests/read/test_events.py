"""The two parsers of YAML: where libyaml may answer, it gives what ruamel.yaml gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.read.events import Malformed, by_libyaml, by_ruamel, events

PIECES = [
    *(
        "a",
        "b",
        "1",
        "0x1f",
        " ",
        "  ",
        "\n",
        "\n",
        "\n  ",
        "\n    ",
        "\n- ",
        "- ",
        ": ",
        ":",
        ":\n",
        ", ",
        ",",
        "\t",
        "\r\n",
    ),
    *(
        "[",
        "]",
        "{",
        "}",
        '"',
        "'",
        "|",
        ">",
        "|-",
        ">+",
        "|2",
        "#",
        " # c",
        "---",
        "\n---\n",
        "...",
        "\n...\n",
        "?",
        "? ",
    ),
    *(
        "\\n",
        "\\",
        "\\x41",
        "\\/",
        "\\u00e9",
        '"a b"',
        "'it''s'",
        "key",
        "key: ",
        "key: value\n",
        "县",
        "é",
        "😀",
        "<<",
        "~",
    ),
    *(
        "@",
        "`",
        "%",
        "&a",
        "*a",
        "!t",
        "!!str ",
        "a:b",
        "a::b",
        "x#y",
        "-",
        "--",
        "- - ",
        '"a":1',
        "{a: 1}",
        "[a, b]",
        "{a}",
    ),
    *(
        "[a: b]",
        "{a: ,}",
        '{"k":v}',
        '"\n',
        "'\n",
        "{goal:%}",
        "=",
        "a != b",
        "a * b",
        "\x85",
        "\u2028",
        "\ufeff",
        "\x00",
    ),
]


def seen(event):
    """What a reader makes use of: where an end stands says nothing, and an empty value has no sign of its own."""
    empty = event.kind == "scalar" and event.style is None and not event.value
    return event.kind if event.kind in ("end", "stream-end") else event._replace(line=0, column=0) if empty else event


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), st.sampled_from(["", "k: ", "- ", "k:\n  - "]))
def test_what_libyaml_answers_is_what_ruamel_answers(text, start):
    quick = by_libyaml(start + text)
    if quick is not None:
        assert [seen(event) for event in quick] == [seen(event) for event in by_ruamel(start + text)]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "a: &x 1\nb: *x\n",
            "a: !t 1\n",
            "%YAML 1.2\n---\na: 1\n",
            "a: 1\n---\nb: 1\n",
            "a:\t1\n",
            "a: 1\r\n",
            "a: [1\n",
        ),
        *("a: b\u2028c\n", "a: b\x85c\n", "\ufeffa: 1\n", "k: |-#x\n", "a: b: c\n", "a: \x07\n"),
    ],
)
def test_what_the_two_may_read_otherwise_is_left_to_ruamel(text):
    assert by_libyaml(text) is None


def test_a_model_is_read_by_libyaml():
    text = 'a: {b: "x", c: [1, 2]}  # what a model looks like\nd: |\n  two\n  lines\n表: 县 != 1\n'
    assert by_libyaml(text) is not None


def test_a_text_that_is_no_yaml_is_malformed():
    with pytest.raises(Malformed):
        list(events("a: [1\n"))


def test_without_libyaml_all_is_read_by_ruamel(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "yaml.cyaml", None)
    assert by_libyaml("a: 1\n") is None and [event.value for event in events("a: 1\n") if event.value] == ["a", "1"]
