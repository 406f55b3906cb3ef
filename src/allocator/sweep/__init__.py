"""Many scenarios in one table: a grid, a list or seeded samples over any values of a model.

Lives here: the cases of a sweep file, the work on one, the pools it runs on, the tables.
Not here: one scenario (scenario/overlay.py), one answer (answer/pipeline.py), the page (report/sweep.py).
"""

from allocator.sweep.cases import Case, Sweep, read_sweep
from allocator.sweep.run import SWEEPS, SweepCount, Swept, sweep
from allocator.sweep.table import cases_frame, units_frame, write_tables

__all__ = [
    "SWEEPS",
    "Case",
    "Sweep",
    "SweepCount",
    "Swept",
    "cases_frame",
    "read_sweep",
    "sweep",
    "units_frame",
    "write_tables",
]
