"""What several commands do alike: the arguments model and run, a document or a page on standard output.

Lives here: those arguments, and the ways to show by one name for all commands.
Not here: anything that one command alone does, how texts reach a screen (cli/terminal.py).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from allocator.cli.terminal import page as page
from allocator.cli.terminal import write_json as write_json

model_argument: Callable[[Any], Any] = click.argument("model", type=click.Path(path_type=Path))
run_argument: Callable[[Any], Any] = click.argument("run", type=click.Path(path_type=Path))
json_option: Callable[[Any], Any] = click.option("--json", is_flag=True)
