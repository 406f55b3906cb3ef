"""Files of a certificate in another form than a run writes, sealed anew: keys twice, cut off, nested, odd numbers, odd steps.

Lives here: what a reader could take for something else, or that another reader would read otherwise.
Not here: claims and plans that are wrong (test_forged.py), a draw that was bent (test_strangers.py).
"""

import hashlib
import json
import lzma
from collections.abc import Callable
from itertools import pairwise

import pytest
from tests.certificate.checked import PLAN, folder_of, forged, packed, put, worlds

import allocator_check
from allocator.certificate.files import CERTIFICATE, ROWS
from allocator.read.seal import sealed


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run with several stages, prices in its claims, and a draw."""
    for _, model, solution, made in worlds(0, 60):
        if solution.allocation is not None and model.policy.seed is not None and made.claims >= 6:
            folder = folder_of(model, solution, made, tmp_path_factory.mktemp("run") / "run")
            if sum(len(leaf["prices"]) for leaf in leaves(read(folder, CERTIFICATE))) > 5:
                return folder
    raise AssertionError("no such world")


def read(folder, name):
    return json.loads(lzma.decompress((folder / name).read_bytes()))


def leaves(tree):
    """Every set of prices in a proof."""
    if isinstance(tree, dict) and "prices" in tree:
        yield tree
    for held in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from leaves(held)


def with_bytes(run, folder, changed):
    """The run with some files replaced by these bytes, and every hash made to fit."""
    files = {name: (run / name).read_bytes() for name in (ROWS, CERTIFICATE, PLAN)} | changed
    if CERTIFICATE not in changed:
        proofs = read(run, CERTIFICATE)
        proofs["of"] = {name: hashlib.sha256(files[name]).hexdigest() for name in (ROWS, PLAN)}
        files[CERTIFICATE] = packed(proofs)
    told = json.loads((run / "run.json").read_text())
    return put(files, {key: told[key] for key in ("status", "draw")}, folder)


def code_of(run, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["allocator-check", str(run)])
    code = allocator_check.main()
    said = capsys.readouterr().out
    assert "Traceback" not in said
    assert ("\nCERTIFIED" in said) == (code == 0)
    return code


def test_what_is_not_changed_is_certified(run, tmp_path, monkeypatch, capsys):
    assert code_of(with_bytes(run, tmp_path / "same", {}), monkeypatch, capsys) == 0


def text_of(run, name):
    return lzma.decompress((run / name).read_bytes())


OTHER_FORMS = {
    "a key twice": lambda text: text[:-1] + b"," + text[1 : text.index(b",")] + b"}",
    "another value first": lambda text: b'{"form":9,' + text[1:],
    "blanks": lambda text: text.replace(b",", b", ", 1),
    "a blank at the end": lambda text: text + b" ",
    "more behind it": lambda text: text + text,
    "a letter escaped": lambda text: text.replace(b'"form"', b'"for\\u006d"', 1),
    "figures with a dot": lambda text: text.replace(b'"form":1', b'"form":1.0', 1),
    "figures with an exponent": lambda text: text.replace(b'"form":1', b'"form":1e0', 1),
    "minus nought": lambda text: text.replace(b":0", b":-0", 1).replace(b",0", b",-0", 1).replace(b"[0", b"[-0", 1),
    "no number": lambda text: text.replace(b'"form":1', b'"form":NaN', 1),
    "cut off": lambda text: text[: len(text) // 2],
    "nothing": lambda _: b"",
    "another encoding": lambda text: text.decode().encode("utf-16"),
    "a mark before it": lambda text: b"\xef\xbb\xbf" + text,
    "nested": lambda text: b'{"form":' + b"[" * 100_000 + b"]" * 100_000 + b"," + text[1:],
    "a figure without end": lambda text: text.replace(b'"form":1', b'"form":' + b"9" * 100_000, 1),
}


@pytest.mark.parametrize("name", [ROWS, CERTIFICATE])
@pytest.mark.parametrize("how", OTHER_FORMS)
def test_a_packed_file_has_one_form(run, name, how, tmp_path, monkeypatch, capsys):
    text = text_of(run, name)
    changed = OTHER_FORMS[how](text)
    assert changed != text
    made = with_bytes(run, tmp_path / "run", {name: lzma.compress(changed)})
    assert code_of(made, monkeypatch, capsys) in (1, 2)


@pytest.mark.parametrize("name", [ROWS, CERTIFICATE])
def test_a_packed_file_that_is_cut_off_is_refused_wherever(run, name, tmp_path, monkeypatch, capsys):
    """Up to the few bytes behind the text, which hold nothing of it."""
    data = (run / name).read_bytes()
    whole = next(
        n for n in range(1, len(data) + 1) if lzma.LZMADecompressor().decompress(data[:n]) == text_of(run, name)
    )
    for end in {*range(0, whole, max(whole // 25, 1)), whole - 1}:
        made = with_bytes(run, tmp_path / str(end), {name: data[:end]})
        assert code_of(made, monkeypatch, capsys) in (1, 2), end


def test_run_json_has_one_form(run, tmp_path, monkeypatch, capsys):
    """The first "status" of two would be what another reader reads."""
    told = json.loads((run / "run.json").read_text())
    for number, (old, new) in enumerate(
        [(b"{\n", b'{\n  "status": "infeasible",\n'), (b"\n  ", b"\n   "), (b"}\n", b"}\n\n"), (b"}\n", b"}")]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        for file in run.iterdir():
            (folder / file.name).write_bytes(file.read_bytes())
        data = sealed(told)
        assert data == (run / "run.json").read_bytes() and old in data
        (folder / "run.json").write_bytes(data.replace(old, new, 1) if old != b"}\n" else data[: -len(old)] + new)
        assert code_of(folder, monkeypatch, capsys) in (1, 2), (old, new)


ODD: dict[str, Callable[[int], object]] = {
    "text": str,
    "a list": lambda value: [value],
    "nothing": lambda _: None,
    "yes": bool,
    "huge": lambda value: value + 10**400,
    "hugely negative": lambda value: value - 10**400,
    "the other sign": lambda value: -value or -1,
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("where", ["prices", "scale", "rows", "value", "columns"])
def test_odd_figures_in_proofs_prove_nothing(run, where, odd, tmp_path, monkeypatch, capsys):
    """A price may be more than is needed; then the plan is the same, and what is claimed of it."""
    for number in range(6):

        def change(rows, proofs, plan, told, number=number):
            if where == "value":
                found = [proof for stage in proofs["stages"] for proof in stage if proof and "value" in proof]
            elif where == "columns":
                found = [proofs] if proofs["columns"] else []
            else:
                found = [leaf for leaf in leaves(proofs) if leaf["prices"]]
            if found:
                held = found[number % len(found)]
                if isinstance(held[where], list):
                    held[where][number % len(held[where])] = ODD[odd](held[where][number % len(held[where])])
                else:
                    held[where] = ODD[odd](held[where])

        made = forged(run, tmp_path / str(number), change)
        if code_of(made, monkeypatch, capsys) == 0:
            assert (made / PLAN).read_bytes() == (run / PLAN).read_bytes()
            assert where in ("prices", "scale", "rows", "columns") or read(made, CERTIFICATE) == read(run, CERTIFICATE)


@pytest.mark.parametrize("what", ["bound", "row"])
def test_what_the_plan_breaks_is_refused(run, what, tmp_path, monkeypatch, capsys):
    """Every bound of a cell and every side of a row, put where the plan does not keep it."""
    rows = read(run, ROWS)
    proofs = read(run, CERTIFICATE)
    plan = {tuple(line.split(",")[:3]): int(line.split(",")[3]) for line in (run / PLAN).read_text().splitlines()[1:]}
    x = [plan.get(tuple(map(str, cell[:3])), 0) for cell in rows["cells"]] + proofs["columns"]
    tried = 0
    for number, held in enumerate(rows["cells" if what == "bound" else "rows"]):
        made = x[number] if what == "bound" else sum(v * x[c] for c, v in zip(held[4], held[5], strict=True))
        for side, by in ((3, 1), (4, -1)) if what == "bound" else ((2, 1), (3, -1)):

            def change(rows, proofs, plan, told, number=number, side=side, value=made + by):
                rows["cells" if what == "bound" else "rows"][number][side] = value

            folder = tmp_path / f"{number}-{side}"
            assert code_of(forged(run, folder, change), monkeypatch, capsys) in (1, 2), (number, side)
            tried += 1
    assert tried >= 10


def test_steps_of_another_kind_are_refused(run, tmp_path, monkeypatch, capsys):
    """A stage whose rows are only stated, or said to be impossible; its least taken for its most."""

    def stated(step):
        return {"require": step["under"]}

    def impossible(step):
        return {"impossible": step["under"]}

    def turned(step):
        columns, values = step["least"]
        return {**step, "least": [columns, [-value for value in values]]}

    def generous(step):
        return {**step, "give": 1}

    def mean(step):
        return {**step, "give": -1}

    for number, other in enumerate((stated, impossible, turned, generous, mean)):

        def change(rows, proofs, plan, told, other=other):
            for stage in rows["stages"]:
                stage["steps"] = [
                    other(step) if "least" in step and step["least"][0] else step for step in stage["steps"]
                ]

        made = forged(run, tmp_path / str(number), change)
        assert code_of(made, monkeypatch, capsys) in (1, 2), other.__name__


@pytest.mark.parametrize("last", [14, pytest.param(60, marks=pytest.mark.thorough)])
def test_rows_and_proofs_of_two_runs_do_not_fit(last, tmp_path, monkeypatch, capsys):
    """Rows or plan out of one run with the rest of another, the hashes made to fit (certificates: test_forged.py)."""
    found = []
    for seed, model, solution, made in worlds(0, last):
        if solution.allocation is not None and model.policy.seed is not None and made.claims >= 2:
            found.append(folder_of(model, solution, made, tmp_path / f"run-{seed}"))
    tried = 0
    for one, other in pairwise(found):
        for name in (ROWS, PLAN):
            made = with_bytes(one, tmp_path / f"{one.name}-{name}", {name: (other / name).read_bytes()})
            assert code_of(made, monkeypatch, capsys) in (1, 2), (one.name, name)
            tried += 1
    assert tried >= last // 3
