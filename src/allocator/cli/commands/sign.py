"""allocator sign: the signed years of a run, entered in a ledger; and the check of a ledger, objections in it included."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from allocator.answer.verification import proved_again
from allocator.cli.commands._shared import json_option, write_json
from allocator.cli.commands._watch import Watch
from allocator.cli.usage import Wrong
from allocator.explain.names import Names
from allocator.faults import Exit, Fault, InputError, Place
from allocator.ledger.ledger import LEDGER, LedgerLine, ObjectionLine, SignatureLine, check_ledger, sign
from allocator.runs import read_run
from allocator.solve import Clock, Limits
from allocator.words import Lang, Say, say


@click.command()
@click.argument("run", type=click.Path(path_type=Path), required=False)
@click.option("--through", type=int)
@click.option("--name")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--unproved", is_flag=True)
@click.option("--ledger", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--check", "checked", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--last")
@json_option
@click.pass_context
def command(
    context: click.Context,
    run: Path | None,
    through: int | None,
    name: str | None,
    day: datetime | None,
    unproved: bool,
    ledger: Path | None,
    checked: Path | None,
    last: str | None,
    json: bool,
) -> Exit:
    lang: Lang = context.find_root().obj
    if checked is not None:
        if run is not None:
            raise Wrong(Say("commands.sign.run-and-check"))
        return _check(checked, last, json, lang)
    given = {"run": run, "through": through, "name": name, "day": day}
    missing = [param for param in context.command.params if param.name in given and given[param.name] in (None, "")]
    if missing:
        raise click.MissingParameter(ctx=context, param=missing[0])
    assert run is not None and through is not None and name is not None and day is not None
    kept = read_run(run)
    clock = Clock(Limits())
    with Watch(Names(kept.model, lang), clock) as watch:
        proved = proved_again(kept, clock=clock, reporter=watch)
    if proved != kept.status:
        raise InputError([Fault("sign-not-proved-again", Place(str(run)), found=kept.status)])
    ledger = ledger or run.absolute().parent / LEDGER
    line = sign(kept, ledger, through=through, name=name, date=day.date().isoformat(), unproved=unproved)
    if json:
        write_json({**_record(line), "draw_made": kept.model.policy.seed is not None})
    else:
        click.echo(say("commands.sign.signed", lang, **_told(line)))
        click.echo(say("commands.sign.hash", lang, hash=line.hash))
        _say_unproved([line], lang)
        if line.proved and kept.model.policy.seed is None:
            click.echo(say("report.status.optimal-one-of", lang))
    return Exit.DONE


def _check(ledger: Path, last: str | None, json: bool, lang: Lang) -> Exit:
    """A run that is gone cannot be compared: whoever asks by a script must see it too."""
    lines, gone = check_ledger(ledger, last)
    code = Exit.INPUT if gone else Exit.DONE
    if json:
        write_json({"lines": [_record(line) for line in lines], "without_run": [line.number for line in gone]})
        return code
    for line in lines:
        click.echo(_line(line, lang))
    if gone:
        click.echo(say("commands.sign.gone", lang, runs=sorted({line.run for line in gone})), err=True)
    click.echo(say("commands.sign.whole", lang, count=len(lines)))
    if lines:
        click.echo(say("commands.sign.hash", lang, hash=lines[-1].hash))
    _say_unproved(lines, lang)
    return code


def _say_unproved(lines: Sequence[LedgerLine], lang: Lang) -> None:
    if unproved := [line.number for line in lines if isinstance(line, SignatureLine) and not line.proved]:
        click.echo(say("commands.sign.unproved", lang, lines=unproved))


def _line(line: LedgerLine, lang: Lang) -> str:
    if isinstance(line, ObjectionLine):
        return _objection(line, lang)
    assert isinstance(line, SignatureLine)
    return say("commands.sign.line" if line.proved else "commands.sign.line-unproved", lang, **_told(line))


def _objection(line: ObjectionLine, lang: Lang) -> str:
    """What is contested, and the answer in one or two sentences."""
    what, stays = line.contested, line.answer.stays
    values = {"now": what.value, "contested": what.said}
    told: dict[str, object] = {k: Say("report.objection.empty") if v is None else v for k, v in values.items()}
    answer = Say(f"report.objection.outcome.{line.answer.outcome.replace(' ', '-')}", told)
    if stays is not None:
        ends = {"low": stays["from"], "high": stays["to"]}
        more = Say(f"report.objection.{'stays' if stays['proved'] else 'stays-tried'}", ends)
        answer = Say("commands.sign.answer", {"outcome": answer, "stays": more})
    told |= {"number": line.number, "date": line.date, "name": line.name, "run": line.run, "answer": answer}
    told |= {"unit": what.unit, "column": what.column, "file": what.file}
    told |= {"row": [f"{name} {value}" for name, value in what.key.items()]}
    told |= {"made": Say("commands.sign.illustrative") if what.illustrative else ""}
    return say("commands.sign.objection-of-row" if what.key else "commands.sign.objection", lang, **told)


def _told(line: SignatureLine) -> dict[str, object]:
    keys = ("number", "run", "through", "name", "date")
    return {key: getattr(line, key) for key in keys}


def _record(line: LedgerLine) -> dict[str, object]:
    if not isinstance(line, SignatureLine):
        return {**line.said(), "hash": line.hash}
    return {**vars(line), "years": dict(line.years), "proved": line.proved, "hash": line.hash}
