"""YAML: what each scalar is, where each value stands, and that every malformed text is a fault with a place."""

import io
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from allocator.faults import Fault, Place, render
from allocator.read import yaml as yaml_module
from allocator.read.texts import spelled
from allocator.read.yaml import parse_yaml, read_yaml


def read(text):
    value, _, faults = parse_yaml(text, "m.yaml")
    assert faults == (), [render(fault, "en") for fault in faults]
    return value


def faults_of(text):
    """(code, line, column) of each fault."""
    _, _, faults = parse_yaml(text, "m.yaml")
    for fault in faults:
        render(fault, "en"), render(fault, "zh")  # its words take its parameters
    return [(fault.code, fault.place.line, fault.place.column) for fault in faults]


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("3", 3),
        ("-3", -3),
        ("+3", 3),
        ("0", 0),
        ("0.9", Decimal("0.9")),
        ("2.50", Decimal("2.50")),
        ("-.5", Decimal("-0.5")),
        ("1e3", Decimal("1E+3")),
        ("010", "010"),  # a code
        ("0450102", "0450102"),
        ("01.5", "01.5"),
        ("1_000", "1_000"),
        ("0x1F", 31),
        ("0o17", 15),
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("null", None),
        ("~", None),
        ("", None),
        ("2013-01-01", "2013-01-01"),
        ("12:30", "12:30"),
        ("'3'", "3"),
        ('"true"', "true"),
        ("!!str 3", "3"),
        ("! 3", "3"),
        ("县 A", "县 A"),
        ("level = 'county'", "level = 'county'"),
    ],
)
def test_what_a_scalar_is(scalar, value):
    found = read(f"x: {scalar}\n")["x"]
    assert (type(found), found) == (type(value), value)
    if isinstance(value, Decimal):
        assert str(found) == str(value)  # 2.50 keeps its digits


def test_a_decimal_is_never_a_float():
    assert read("x: 0.1")["x"] == Decimal("0.1")  # as a float it would be 0.1000000000000000055…


def test_blocks_and_flows_and_whole_number_keys():
    text = "a:\n- {b: [1, two]}\n- |\n  line 1\n  line 2\nquota: {2013: 10, 2014: {at_most: 12}}\n"
    assert read(text) == {
        "a": [{"b": [1, "two"]}, "line 1\nline 2\n"],
        "quota": {2013: 10, 2014: {"at_most": 12}},
    }


def test_an_alias_is_the_value_of_its_anchor_and_has_its_own_place():
    text = "a: &x {k: 1}\nb: *x\n"
    value, positions, faults = parse_yaml(text, "m.yaml")
    assert (value, faults) == ({"a": {"k": 1}, "b": {"k": 1}}, ())
    assert positions.at(("b",)) == Place("m.yaml", 2, 4)
    assert positions.at(("b",), key=True) == Place("m.yaml", 2, 1)
    assert positions.at(("b", "k")) == Place("m.yaml", 1, 11)  # written there only


def test_places_of_values_keys_and_of_what_is_not_there():
    text = "programs:\n  demo:\n    quota: 10\nrules:\n- id: a\n  total: {of: demo}\n"
    _, positions, _ = parse_yaml(text, "m.yaml")
    at = positions.at
    assert at(("programs", "demo", "quota")) == Place("m.yaml", 3, 12)
    assert at(("programs", "demo", "quota"), key=True) == Place("m.yaml", 3, 5)
    assert at(("rules", 0)) == at(("rules", 0), key=True) == Place("m.yaml", 5, 3)
    assert at(("rules", 0, "total", "of")) == Place("m.yaml", 6, 15)
    assert at(("programs", "demo", "score")) == Place("m.yaml", 2, 3)  # the key of what lacks it
    assert at(("programs", "demo", "quota", 2013)) == Place("m.yaml", 3, 5)
    assert at(("rules", 7)) == Place("m.yaml", 4, 1)
    assert at(("nothing", "here")) == Place("m.yaml", 1, 1)
    assert positions.has(("rules", 0, "id")) and not positions.has(("rules", 1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", ("duplicate-key", 3, 1)),
        ("x: {k: 1, k: 1}", ("duplicate-key", 1, 11)),
        ("a: [1\nb: 2\n", ("yaml-syntax-since", 2, 2)),
        ("a: b: c", ("yaml-syntax", 1, 5)),
        ("a:\n\t- 1\n", ("yaml-tab", 2, 1)),
        ("a: \x01", ("yaml-character", 1, 4)),
        ("a: 1\nb: é\x07\n", ("yaml-character", 2, 5)),
        ("true: 1", ("yaml-key", 1, 1)),
        ("2.5: 1", ("yaml-key", 1, 1)),
        ("? [a]\n: 1", ("yaml-key", 1, 3)),
        (": 1", ("yaml-key", 1, 1)),
        ("--- {a: 1}\n--- {b: 1}", ("yaml-several-documents", 2, 1)),
        ("a: !!python/object/apply:os.system [ls]", ("yaml-tag", 1, 4)),
        ("a: !thing {b: 1}", ("yaml-tag", 1, 4)),
        ("a: !!int 3", ("yaml-tag", 1, 4)),
        ("a: &x {b: 1}\nc:\n  <<: *x", ("yaml-merge-key", 3, 3)),
        ("a: .inf", ("yaml-not-finite", 1, 4)),
        ("a: [.nan]", ("yaml-not-finite", 1, 5)),
        ("a: " + "9" * 39, ("number-too-long", 1, 4)),
        ("a: 1e99", ("number-too-long", 1, 4)),
        ("a: 1e-99", ("number-too-long", 1, 4)),
        ("a: 1e999999999999", ("number-too-long", 1, 4)),
        ("a: 0x" + "f" * 40, ("number-too-long", 1, 4)),
        ("a: " + "9" * 10_000, ("number-too-long", 1, 4)),
        ("&x a: 1\nb: &y [*y]", ("yaml-cycle", 2, 8)),
        ("a: *x", ("yaml-unknown-anchor", 1, 4)),
        ("- 1", ("yaml-not-a-mapping", 1, 1)),
        ("text", ("yaml-not-a-mapping", 1, 1)),
        ("", ("empty-file", None, None)),
        ("# only this\n", ("empty-file", None, None)),
        ("a: " + "[" * 100, ("yaml-too-deep", 1, 64)),
        ("a: 'x", ("yaml-syntax", 1, 6)),
        ('a: "\\UFFFFFFFF"', ("yaml-syntax", 1, 1)),  # the last place before it
        ("%YAML 1.99\n--- {a: 1}", ("yaml-syntax", 1, 1)),
        ("a: !%FF b", ("yaml-syntax", 1, 5)),
        ('a: "\\uD800"', ("yaml-character", 1, 4)),
        ('a: "x\\0"', ("yaml-character", 1, 4)),
    ],
)
def test_what_is_wrong_has_a_code_and_a_place(text, expected):
    assert faults_of(text) == [expected]


def test_all_faults_are_found_in_one_pass():
    text = "a: 1\na: 2\nb: .inf\n2.5: x\n"
    assert [code for code, _, _ in faults_of(text)] == ["duplicate-key", "yaml-not-finite", "yaml-key"]


def test_a_duplicate_key_names_both_places_and_keeps_the_first():
    value, _, (fault,) = parse_yaml("a: 1\nb: 2\na: 3\n", "m.yaml")
    assert value == {"a": 1, "b": 2}
    assert render(fault, "en") == 'm.yaml:3:1 duplicate-key: the key "a" is here a second time; first at m.yaml:1:1'


def test_the_longest_number_that_fits_is_read():
    assert read("a: " + "9" * 38) == {"a": int("9" * 38)}
    assert read("a: 0." + "0" * 37 + "1")["a"] == Decimal("1E-38")


def test_a_few_lines_of_aliases_cannot_fill_the_memory():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    assert [code for code, _, _ in faults_of("\n".join(lines))] == ["yaml-too-many-values"]


def test_many_honest_aliases_are_read():
    assert len(read("a: &x [1, 2]\nb: [" + ", ".join(["*x"] * 1000) + "]")["b"]) == 1000


def test_a_missing_file_is_a_fault_where_it_is_named(tmp_path):
    (tmp_path / "model.yaml").write_text("a: 1")
    named = Place("scenario.yaml", 2, 8)
    _, _, faults = read_yaml(tmp_path / "modle.yaml", "modle.yaml", named)
    assert faults == (Fault("missing-file", named, {"file": "modle.yaml"}, nearest="model.yaml"),)
    _, _, (fault,) = read_yaml(tmp_path / "no" / "folder.yaml", "no/folder.yaml")
    assert (fault.code, fault.place) == ("missing-file", Place("no/folder.yaml"))


def test_a_folder_and_a_huge_file_are_faults(tmp_path, monkeypatch):
    assert read_yaml(tmp_path, "m.yaml")[2][0].code == "not-a-file"
    monkeypatch.setattr(yaml_module, "MOST_MEGABYTES", 0)
    (tmp_path / "m.yaml").write_text("a: 1")
    fault = read_yaml(tmp_path / "m.yaml", "m.yaml")[2][0]
    assert render(fault, "en") == 'm.yaml file-too-large: "m.yaml" has 1 MB; at most 0 MB are read'


def test_text_in_another_encoding_is_a_fault_at_its_byte(tmp_path):
    file = tmp_path / "m.yaml"
    file.write_bytes("a: 1\nb: 县区\n".encode("gbk"))
    assert read_yaml(file, "m.yaml")[2] == (Fault("not-utf8", Place("m.yaml", 2, 4), {"byte": "0xCF"}),)
    file.write_bytes(b"\xef\xbb\xbfa: \xff\n")
    assert read_yaml(file, "m.yaml")[2][0].place == Place("m.yaml", 1, 4)
    file.write_bytes("县: 区\n".encode("utf-8-sig"))  # its mark is no character of the text
    value, positions, _ = read_yaml(file, "m.yaml")
    assert value == {"县": "区"} and positions.at(("县",)) == Place("m.yaml", 1, 4)


# In the spelling in which they are held; what other spellings become is asked of texts.py.
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).map(spelled)
scalars = st.one_of(
    texts,
    st.integers(-(10**20), 10**20),
    st.booleans(),
    st.none(),
    st.decimals(-1000, 1000, allow_nan=False, places=3),
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=20
)


def write(value, indent):
    """A writer of our own, block style: JSON strings and plain numbers, so that it shares nothing with the reader."""
    pad = "  " * indent
    if isinstance(value, dict) and value:
        return "".join(f"{pad}{quoted(k)}:\n{write(v, indent + 1)}" for k, v in value.items())
    if isinstance(value, list) and value:
        return "".join(f"{pad}-\n{write(v, indent + 1)}" for v in value)
    if isinstance(value, dict | list):
        return f"{pad}{value}\n"
    if isinstance(value, bool) or value is None:
        return f"{pad}{ {True: 'true', False: 'false', None: 'null'}[value] }\n"
    return f"{pad}{quoted(value) if isinstance(value, str) else value}\n"


def quoted(text):
    return '"' + "".join(c if c.isascii() and c.isalnum() else f"\\U{ord(c):08x}" for c in text) + '"'


def leaves(value, path=()):
    if isinstance(value, dict | list) and value:
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(part, (*path, key))
    else:
        yield path, value


@given(st.dictionaries(texts, values, min_size=1, max_size=5))
def test_what_is_written_is_read_and_every_value_stands_at_its_place(mapping):
    text = write(mapping, 0)
    value, positions, faults = parse_yaml(text, "m.yaml")
    assert (value, faults) == (mapping, ())
    lines = text.split("\n")
    for path, leaf in leaves(mapping):
        place = positions.at(path)
        assert place.line is not None and place.column is not None
        assert lines[place.line - 1][place.column - 1 :] == write(leaf, 0).rstrip("\n")
        key = positions.at(path, key=True)
        if isinstance(path[-1], str):
            assert key.line is not None and key.column is not None
            assert lines[key.line - 1][key.column - 1 :] == quoted(path[-1]) + ":"


@given(st.dictionaries(texts, values, min_size=1, max_size=4))
def test_another_writer_is_read_the_same(mapping):
    def floats(value):  # ruamel writes no Decimal
        if isinstance(value, dict):
            return {key: floats(part) for key, part in value.items()}
        if isinstance(value, list):
            return [floats(part) for part in value]
        return str(value) if isinstance(value, Decimal) else value

    plain = floats(mapping)
    out = io.StringIO()
    dump = YAML(typ="safe", pure=True)
    dump.allow_unicode = True
    dump.default_flow_style = False  # its flow style it cannot always read itself: `{"": :0}`
    dump.dump(plain, out)
    value, _, faults = parse_yaml(out.getvalue(), "m.yaml")
    assert faults == ()
    assert same_as_text(value) == same_as_text(plain)


def same_as_text(value):
    """Leading zeros make text for us, and a number for the other writer's reader: compare what was written."""
    if isinstance(value, dict):
        return {str(key): same_as_text(part) for key, part in value.items()}
    return [same_as_text(part) for part in value] if isinstance(value, list) else str(value)


@settings(max_examples=500)
@given(st.text(st.sampled_from("ab1: -[]{}&*!|>'\"%@`#,?\n\t\\<~.\r\x85\ufeff县"), max_size=30))
def test_no_text_whatever_ends_in_an_exception(text):
    value, positions, faults = parse_yaml(text, "m.yaml")
    assert isinstance(value, dict)
    assert positions.at(()) is not None
    for fault in faults:
        assert render(fault, "en") and render(fault, "zh")
    assert faults or value or text.strip()
