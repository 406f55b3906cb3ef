"""allocator schema: the JSON Schema of model files."""

from __future__ import annotations

import click

from allocator.cli.commands._shared import write_json
from allocator.load.schema import schema
from allocator.words import Lang


@click.command()
@click.pass_obj
def command(lang: Lang) -> None:
    write_json(schema(lang))
