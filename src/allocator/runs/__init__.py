"""Run folders: a solved model on disk, written whole or not at all.

Lives here: the identity of a model's content, the files of a run, the manifest, the folder and how it is replaced, reading
it back with its model.
Not here: solving and judging (solve/, audit/), folders of runs (store/), signatures (ledger/), what is shown (report/).
"""

from allocator.model.identity import model_id
from allocator.runs.folder import NotARun
from allocator.runs.read import Run, read_run
from allocator.runs.write import default_folder, write_run

__all__ = ["NotARun", "Run", "default_folder", "model_id", "read_run", "write_run"]
