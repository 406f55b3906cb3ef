"""Run folders: a solved model on disk, written whole or not at all.

Lives here: the identity of a model's content, the files of a run, the manifest, the folder and how it is replaced.
Not here: solving and judging (solve/, audit/), what is shown of a run (report/).
"""

from allocator.runs.folder import NotARun
from allocator.runs.identity import model_id
from allocator.runs.write import default_folder, write_run

__all__ = ["NotARun", "default_folder", "model_id", "write_run"]
