"""allocator init: a new folder with the tutorial model, to start from."""

from __future__ import annotations

import re
from importlib.resources import as_file, files
from pathlib import Path

import click

from allocator.cli.usage import Wrong
from allocator.read.inside import typed
from allocator.words import Lang, Say, say

TEMPLATE = "tutorial"


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=TEMPLATE)
@click.pass_obj
def command(lang: Lang, directory: Path) -> None:
    if directory.exists() and any(directory.iterdir()):
        raise Wrong(Say("commands.init.not-empty", {"directory": str(directory)}), "DIRECTORY")
    directory.mkdir(parents=True, exist_ok=True)
    with as_file(files("allocator") / "templates" / TEMPLATE) as template:
        for path in sorted(template.iterdir()):
            if path.is_file():
                (directory / path.name).write_bytes(path.read_bytes())
    model, name = directory / "model.yaml", _id_of(directory.resolve().name)
    text = model.read_text(encoding="utf-8")
    model.write_text(
        text.replace(f"model: {TEMPLATE}\n", f'model: "{name}"\n', 1), encoding="utf-8"
    )  # runs are called after it
    click.echo(say("commands.init.made", lang, directory=str(directory), typed=typed(str(directory))))


def _id_of(name: str) -> str:
    """The name of a folder as a model may be called: what cannot stand there is one hyphen."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or TEMPLATE
