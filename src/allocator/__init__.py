"""The Python API by name: `from allocator import load, compile, solve, audit`.

Lives here: which name is found where. It is imported when it is first used, so that `import allocator` costs nothing.
Not here: any code of the engine; nothing inside the package imports from this file.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from allocator.audit import audit as audit
    from allocator.compare import compare as compare
    from allocator.explain.conflict import conflict as conflict
    from allocator.faults import InputError as InputError
    from allocator.load import load as load
    from allocator.load.allocation import read_allocation as read_allocation
    from allocator.model.allocation import Allocation as Allocation
    from allocator.problem import compile as compile
    from allocator.runs import read_run as read_run
    from allocator.runs import write_run as write_run
    from allocator.solve import Limits as Limits
    from allocator.solve import solve as solve
    from allocator.sweep import read_sweep as read_sweep
    from allocator.sweep import sweep as sweep

_HOME: dict[str, str] = {
    "load": "allocator.load",
    "compile": "allocator.problem",
    "solve": "allocator.solve",
    "audit": "allocator.audit",
    "compare": "allocator.compare",
    "conflict": "allocator.explain.conflict",
    "Allocation": "allocator.model.allocation",
    "Limits": "allocator.solve",
    "read_allocation": "allocator.load.allocation",
    "read_run": "allocator.runs",
    "write_run": "allocator.runs",
    "read_sweep": "allocator.sweep",
    "sweep": "allocator.sweep",
    "InputError": "allocator.faults",
}

__all__ = sorted(_HOME)


class _Api(ModuleType):
    """A module whose `_HOME` names come first.

    `__getattr__` would not do: Python sets the folder solve/ as `allocator.solve` when it is imported, and the function
    of the same name would be out of reach from then on.
    """

    def __getattribute__(self, name: str) -> Any:
        home = _HOME.get(name)
        return super().__getattribute__(name) if home is None else getattr(import_module(home), name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_HOME})


sys.modules[__name__].__class__ = _Api
