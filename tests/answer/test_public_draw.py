"""A public draw: the model is fixed first, the seed comes from it and from public numbers; any change in between is refused."""

import csv
import hashlib
import json
import random
import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.conftest import THOROUGH

import allocator_check
from allocator.answer.commitment import commit, drawn, read_commitment
from allocator.cli.main import main
from allocator.faults import InputError
from allocator.load import load
from allocator.model.public_draw import numbers_in
from allocator.runs import read_run
from allocator.runs.folder import amend

DAY = (date.today() + timedelta(days=400)).isoformat()
SOURCE = "Welfare lottery, draw 2026140"
NUMBERS = "07 12 19 23 28 31 + 05"
PUBLIC = {"commitment": "0" * 64, "day": DAY, "source": SOURCE}

MODEL = """\
model: small
title: {zh: 小模型, en: A small model}
periods: [2026, 2027]
units: {file: units.csv, id: code, name: {zh: zh, en: en}}
parameters:
  least: {value: 1, text: places in each zone}
programs:
  aid:
    title: Aid
    decides: selection
    quota: 3
    repeat: never
    eligible:
      - {if: "score >= 40", says: a score of 40}
rules:
  - id: each-zone
    text: every zone
    total: {of: aid, by: [zone], at_least: "least"}
objectives:
  - id: score
    total: {of: aid, maximize: "level"}
ties: {lottery: 7}
"""
UNITS = "code,zh,en,zone,level,score\n" + "".join(
    f"0{n},单位{n},Unit {n},{'NS'[n % 2]},{n % 3},{60 + n}\n" for n in range(1, 10)
)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "models" / "small"
    folder.mkdir(parents=True)
    (folder / "model.yaml").write_text(MODEL, encoding="utf-8")
    (folder / "units.csv").write_text(UNITS, encoding="utf-8")
    return folder


@pytest.fixture
def page(folder, tmp_path):
    file = tmp_path / "page.yaml"
    _, data = commit(load(folder), folder, file, day=DAY, source=SOURCE, lang="en")
    file.write_bytes(data)
    return file


def test_the_seed_can_be_made_by_hand(folder, page):
    model = drawn(read_commitment(page), NUMBERS)
    told = read_commitment(page).page
    assert told.commitment == hashlib.sha256(f"{told.content}|{DAY}|{SOURCE}".encode()).hexdigest()
    seed = int(hashlib.sha256(f"{told.commitment}|5.7.12.19.23.28.31".encode()).hexdigest()[:12], 16)
    assert model.policy.seed == seed != load(folder).policy.seed


@pytest.mark.parametrize(
    "typed",
    [
        "07 12 19 23 28 31 + 05",
        "31, 28, 23, 19, 12, 7; 5",
        "０７・12・19・２３・28・31　05",
        "红 7-12-19-23-28-31 蓝 5。\n",
    ],
)
def test_numbers_are_read_as_a_newspaper_prints_them(typed):
    assert numbers_in(typed) == (5, 7, 12, 19, 23, 28, 31)


def changes():
    """Every cell of the table and every word of the policy that means something, each changed alone."""
    lines = UNITS.splitlines()
    for number, line in enumerate(lines[1:], 1):
        cells = line.split(",")
        for place, cell in enumerate(cells):
            other = str(int(cell) + 1) if place > 3 else "SN"["NS".index(cell)] if place == 3 else f"{cell}9"
            new = ",".join([*cells[:place], other, *cells[place + 1 :]])
            yield "units.csv", "\n".join([*lines[:number], new, *lines[number + 1 :]]) + "\n"
    for number in range(1, len(lines)):
        yield "units.csv", "\n".join([*lines[:number], *lines[number + 1 :]]) + "\n"
        yield "units.csv", "\n".join([*lines, f"1{lines[number][1:]}"]) + "\n"  # one more unit
    for number in range(1, len(lines) - 1):  # two scores change places
        first, second = (lines[n].rpartition(",") for n in (number, number + 1))
        swapped = [f"{first[0]},{second[2]}", f"{second[0]},{first[2]}"]
        yield "units.csv", "\n".join([*lines[:number], *swapped, *lines[number + 2 :]]) + "\n"
    for old, new in (
        *(("2027]", "2028]"), ("quota: 3", "quota: 4"), ("quota: 3", "quota: 2"), ("never", "{gap: 0}"), ("40", "41")),
        *(("at_least", "at_most"), ('"least"', '"least + 1"'), ("value: 1", "value: 2"), ("小模型", "大模型")),
        *(("A small", "The small"), ("title: Aid", "title: Help"), ("every zone", "each zone"), ('"level"', '"score"')),
        *(("id: score", "id: points"), ("maximize", "minimize"), ("model: small", "model: other")),
        *(("quota: 3", "quota: {at_most: 3}"), ("score >= 40", "score > 40"), ("[zone]", "[zone, period]")),
        *(("places in each", "of every"), ("a score of 40", "at least 40"), ("each-zone", "zones")),
    ):
        assert old in MODEL
        yield "model.yaml", MODEL.replace(old, new)


def test_every_change_after_the_commitment_is_refused(folder, page):
    """Every day each third one."""
    read = read_commitment(page)
    every = list(changes())
    assert len(every) >= 100
    named, asked = 0, every if THOROUGH else every[::3]
    for file, text in asked:
        before = (folder / file).read_bytes()
        (folder / file).write_text(text, encoding="utf-8")
        with pytest.raises(InputError) as refused:
            drawn(read, NUMBERS)
        named += [fault.place.file for fault in refused.value.faults] == [file]
        (folder / file).write_bytes(before)
    assert named > len(asked) // 2  # the others are faults of the policy itself
    assert drawn(read, NUMBERS).policy.public_draw is not None


@pytest.mark.parametrize(
    ("pattern", "new", "code"),
    [
        (DAY, "2001-01-01", "commitment-page"),
        (DAY, "2001-1-1", "not-a-day"),
        ("2026140", "2026141", "commitment-page"),
        ("commitment: [0-9a-f]{64}", f"commitment: {'0' * 64}", "commitment-page"),
        ("commitment: [0-9a-f]{64}", "commitment: ab12", "not-a-hash"),
        ("source:", "sauce:", "unknown-key"),
        ("model: models", "model: nowhere", "missing-file"),
    ],
)
def test_the_page_itself_cannot_be_changed_either(page, pattern, new, code):
    text = page.read_text(encoding="utf-8")
    page.write_text(re.sub(pattern, new, text), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        drawn(read_commitment(page), NUMBERS)
    assert code in [fault.code for fault in refused.value.faults]


def test_what_means_nothing_may_change(folder, page):
    lines = UNITS.splitlines()
    rows = lines[1:]
    random.Random(3).shuffle(rows)
    (folder / "units.csv").write_text("\n".join([lines[0], *rows]) + "\n", encoding="utf-8")
    (folder / "model.yaml").write_text(
        "# looked through\n" + MODEL.replace("lottery: 7", "lottery: 8"), encoding="utf-8"
    )
    assert drawn(read_commitment(page), NUMBERS).policy.public_draw is not None


def test_nobody_claims_a_public_draw_of_another_model(folder, page, tmp_path):
    public = drawn(read_commitment(page), NUMBERS).policy.public_draw
    assert public is not None
    claim = f"ties: {{public: {json.dumps(public.model_dump())}}}\n"
    (folder / "model.yaml").write_text(MODEL.replace("ties: {lottery: 7}\n", claim), encoding="utf-8")
    model = load(folder)
    assert model.policy.seed == public.seed
    other = model.pinned("01", "aid", 2026)  # a question about it keeps the seed, not the claim
    assert (other.policy.seed, other.policy.public_draw) == (public.seed, None)
    (folder / "units.csv").write_text(UNITS.replace(",61\n", ",62\n"), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load(folder)
    assert [fault.code for fault in refused.value.faults] == ["not-committed"]
    both = claim.replace("{public:", "{lottery: 3, public:")
    (folder / "model.yaml").write_text(MODEL.replace("ties: {lottery: 7}\n", both), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load(folder)
    assert [fault.code for fault in refused.value.faults] == ["two-seeds"]


def _no_network(*_: object) -> None:
    raise OSError("no network")


@pytest.mark.thorough
def test_every_change_of_a_cell_of_the_guangxi_model_is_refused(tmp_path):
    """25 cells at random, of all tables, what no rule reads among them."""
    folder = tmp_path / "models" / "guangxi"
    shutil.copytree(Path(__file__).parents[2] / "models" / "guangxi-2013-2015", folder)
    file = tmp_path / "page.yaml"
    file.write_bytes(commit(load(folder), folder, file, day=DAY, source=SOURCE, lang="en")[1])
    read, chance = read_commitment(file), random.Random(5)
    tables = [folder / name for name in sorted(read.page.inputs) if name.endswith(".csv")]
    for number in range(25):
        table = chance.choice(tables)
        before = table.read_bytes()
        rows = list(csv.reader(before.decode().splitlines()))
        row = chance.choice(rows[1:])
        place = chance.randrange(len(row))
        row[place] = str(int(row[place]) + 1) if row[place].isdigit() else f"{row[place]}9"
        with table.open("w", encoding="utf-8", newline="") as changed:
            csv.writer(changed).writerows(rows)
        with pytest.raises(InputError):
            drawn(read, NUMBERS)
        table.write_bytes(before)
        assert number % 20 or drawn(read, NUMBERS).policy.public_draw is not None


def test_from_the_page_to_the_chances_on_the_command_line(folder, tmp_path, monkeypatch, capsys):
    """Without a network: who asks for an address is refused."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("socket.getaddrinfo", _no_network)
    monkeypatch.setattr("socket.socket.connect", _no_network)
    asked = ["commit", "models/small", "--day", DAY, "--source", SOURCE, "--lang", "en"]
    assert main(asked) == 0 and "Publish it before" in capsys.readouterr().out
    assert main(asked) == 2 and "is there already" in capsys.readouterr().err
    file = "small-commitment.yaml"
    assert main(["draw", file, "--numbers", NUMBERS, "--out", "runs/a", "--lang", "en"]) == 0
    told = capsys.readouterr()
    assert "rehearsal" in told.err and "made of public numbers: Welfare lottery" in told.out
    run = read_run("runs/a")
    assert run.manifest["draw"]["public"]["numbers"] == NUMBERS and str(run.model.policy.seed) in told.out
    assert b"allocator draw" in run.files["public_draw.txt"]
    assert main(["draw", file, "--numbers", "5 7 12 19 23 28 31", "--out", "runs/b", "--json"]) == 0
    assert read_run("runs/b").allocation == run.allocation
    capsys.readouterr()
    assert main(["chances", "runs/a", "--orders", "20", "--json", "--csv", "chances.csv"]) == 0
    chances = json.loads(capsys.readouterr().out)["chances"]
    assert chances and all(0 <= one["between"][0] <= one["between"][1] <= 1 for one in chances)
    for lang in ("zh", "en"):
        assert main(["chances", "runs/a", "--orders", "2", "--lang", lang]) == 0
        assert main(["chances", "runs/a", "--orders", "2", "--lang", lang, "--unit", chances[0]["unit"]]) == 0
    assert main(["solve", "models/small", "--out", "runs/own", "--lang", "en"]) == 0
    assert "chosen by the author of the model" in capsys.readouterr().out
    shutil.copy(file, "other.yaml")
    assert main(["solve", "other.yaml", "--lang", "en"]) == 2
    assert "allocator draw other.yaml" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--day", "2020-01-01", "--source", SOURCE], "not after today"),
        (["--day", DAY, "--source", " "], "one line"),
        (["--day", DAY, "--source", "a\nb"], "one line"),
        (["--day", DAY, "--source", "a" * 1001], "one line"),
    ],
)
def test_a_commitment_that_would_mean_nothing_is_refused(folder, tmp_path, monkeypatch, capsys, arguments, told):
    monkeypatch.chdir(tmp_path)
    assert main(["commit", "models/small", *arguments, "--lang", "en"]) == 2
    assert told in capsys.readouterr().err and not list(tmp_path.glob("*.yaml"))


def test_whoever_checks_a_run_sees_who_chose_the_seed(folder, page, tmp_path, monkeypatch, capsys):
    assert main(["draw", str(page), "--numbers", NUMBERS, "--out", str(tmp_path / "public")]) == 0
    assert main(["solve", str(folder), "--out", str(tmp_path / "own")]) == 0
    capsys.readouterr()
    for run, told in (("public", "made of "), ("own", "chosen by the author of the model")):
        monkeypatch.setattr("sys.argv", ["allocator-check", str(tmp_path / run)])
        assert allocator_check.main() == 0
        assert told in capsys.readouterr().out
    other = amend(
        tmp_path / "public", lambda held: {**held, "draw": {**held["draw"], "public": {**PUBLIC, "numbers": "1"}}}
    )
    assert other["draw"]["public"]["numbers"] == "1"
    monkeypatch.setattr("sys.argv", ["allocator-check", str(tmp_path / "public")])
    assert allocator_check.main() == 1 and "the seed is not made of" in capsys.readouterr().out
