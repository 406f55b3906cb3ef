"""allocator init: a new folder with the tutorial model, to start from, written for readers of the language.

Its tables and its meaning are one for all languages: templates/tutorial is models/tutorial. A folder called after a language
holds the files that are written otherwise for its readers; here the README and the comments of model.yaml.
"""

from __future__ import annotations

import re
from importlib.resources import files
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
    for name, content in template(lang).items():
        (directory / name).write_bytes(content)
    model, called = directory / "model.yaml", _id_of(directory.resolve().name)
    text = model.read_text(encoding="utf-8")
    model.write_text(
        text.replace(f"model: {TEMPLATE}\n", f'model: "{called}"\n', 1), encoding="utf-8"
    )  # runs are called after it
    click.echo(say("commands.init.made", lang, directory=str(directory), typed=typed(str(directory))))


def template(lang: Lang) -> dict[str, bytes]:
    """The files of a new model by name, as the readers of `lang` get them."""
    folders = [files("allocator") / "templates" / name for name in (TEMPLATE, lang)]
    found = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
    return {path.name: path.read_bytes() for path in found if path.is_file()}


def _id_of(name: str) -> str:
    """The name of a folder as a model may be called: what cannot stand there is one hyphen."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or TEMPLATE
