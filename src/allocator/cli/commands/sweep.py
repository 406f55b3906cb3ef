"""allocator sweep: many scenarios in one table; known ones are not solved again, failing ones are rows."""

from __future__ import annotations

import json as json_module
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from allocator.cli.commands._line import Bar
from allocator.cli.commands._shared import json_option, page, write_json
from allocator.cli.usage import Finite, Wrong
from allocator.explain.names import Names
from allocator.faults import Exit
from allocator.load import load
from allocator.model.model import Model
from allocator.report.sweep import show_sweep
from allocator.runs.folder import room
from allocator.runs.write import STORE
from allocator.solve import Limits
from allocator.solve.solvers import SOLVERS
from allocator.sweep import SWEEPS, Swept, read_sweep, sweep, write_tables
from allocator.sweep.cases import Sweep
from allocator.sweep.pools import LOCAL, NoCluster, Pool, cluster, cores, here, processes
from allocator.words import Lang, Say, known, say, spoken


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--where")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--store", type=click.Path(path_type=Path, file_okay=False), default=STORE, show_default=True)
@click.option("--workers", type=click.IntRange(min=1))
@click.option("--cluster", "address", metavar="tcp://HOST:PORT|local")
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--solver", type=click.Choice(list(SOLVERS)), default="highs", show_default=True)
@click.option("--time-limit", "time_limit", type=Finite(min=0, min_open=True))
@click.option("--gap", type=Finite(min=0), default=0.0, show_default=True)
@click.option("--fresh", is_flag=True)
@json_option
@click.pass_obj
def command(
    lang: Lang,
    file: Path,
    where: str | None,
    out: Path | None,
    store: Path,
    workers: int | None,
    address: str | None,
    threads: int,
    solver: str,
    time_limit: float | None,
    gap: float,
    fresh: bool,
    json: bool,
) -> Exit:
    asked = read_sweep(file, where)
    base = load(asked.base, look=False)
    out = out or SWEEPS / asked.name
    if address in (None, LOCAL):
        workers, threads = _shares(workers, threads, lang)

    @contextmanager
    def pool() -> Iterator[Pool]:
        load(
            asked.base, over=asked.cases[0].layers, look=False
        )  # a path that leads nowhere is told before anything runs, and a folder that cannot be written
        for folder in (store / asked.name, out / "rows"):
            room(folder)
        with _pool(address, workers or 1, threads) as made:
            yield made

    limits = Limits(time_limit, threads, 0, gap)
    try:
        with Bar(len(asked.cases), lang) as bar:
            found = sweep(
                asked, out, store=store, pool=pool, solver=solver, limits=limits, fresh=fresh, lang=lang, report=bar
            )
    except NoCluster as error:
        code = f"commands.sweep.{error.reason}"
        code = code if known(code, lang) else "commands.sweep.no-cluster"
        raise Wrong(Say(code, {"address": address or LOCAL, "threads": threads}), "--cluster") from error
    _show(asked, base, found, out, lang, json)
    return Exit.SOME_FAILED if found.count.failed else Exit.DONE


def _show(asked: Sweep, base: Model, found: Swept, out: Path, lang: Lang, json: bool) -> None:
    """Writes the tables of a sweep, and shows them or gives the same as JSON."""
    names, count = Names(base, lang), found.count
    cases = found.cases(lang)
    units = found.units({unit: spoken(name, lang) for unit, name in base.unit_names.items()})
    files = write_tables({"cases": cases, "units": units}, out)
    told = {"cases": count.cases, "done": count.done, "solved": count.solved, "known": count.known}
    told |= {"taken": count.taken, "failed": count.failed, "repeated": count.repeated, "refused": count.refused}
    if json:
        records = json_module.loads(cases.to_json(orient="records", double_precision=15))
        by_unit = json_module.loads(units.to_json(orient="records", double_precision=15))
        written = [str(path) for path in files]
        write_json({"sweep": asked.name, "count": told, "files": written, "cases": records, "units": by_unit})
    else:
        show_sweep(page(), asked.name, asked.axes, cases, units, names)
        click.echo()
        click.echo(say("commands.sweep.count", lang, **told))
        click.echo(say("commands.sweep.wrote", lang, folder=str(out)))
    if found.unkept is not None:
        click.echo(found.unkept.text(lang), err=True)
    if count.refused:
        click.echo(say("commands.sweep.refused", lang, count=count.refused), err=True)


def _shares(workers: int | None, threads: int, lang: Lang) -> tuple[int, int]:
    """Workers and the threads of each on this machine: together never more than its processors."""
    most = cores()
    allowed = min(threads, most)
    width = most // allowed
    if allowed < threads or (workers is not None and workers > width):
        click.echo(say("commands.sweep.fewer", lang, workers=width, cores=most, threads=allowed), err=True)
    return min(workers or width, width), allowed


@contextmanager
def _pool(address: str | None, workers: int, threads: int) -> Iterator[Pool]:
    if address is not None:
        made = cluster(address, workers, threads)
    else:
        made = here() if workers == 1 else processes(workers)
    with made as pool:
        yield pool
