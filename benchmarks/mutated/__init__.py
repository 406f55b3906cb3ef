"""The mutations: small wrong changes of the source, as a mistake would make them; the tests must notice each.

Lives here: all of them, in the order of the rooms.
Not here: how they are applied and judged (../mutations.py). That each text stands in its file is asked by tests/benchmarks.
"""

from benchmarks.mutated import (
    answers,
    certificates,
    compiler,
    database,
    loading,
    objectives,
    public_draws,
    runs,
    solving,
)
from benchmarks.mutated.mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = (
    *compiler.MUTATIONS,
    *objectives.MUTATIONS,
    *solving.MUTATIONS,
    *database.MUTATIONS,
    *runs.MUTATIONS,
    *answers.MUTATIONS,
    *loading.MUTATIONS,
    *certificates.MUTATIONS,
    *public_draws.MUTATIONS,
)

__all__ = ["MUTATIONS", "Mutation"]
