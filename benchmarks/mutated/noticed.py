"""Which tests should notice a mutation that does not name them, or is not noticed by those it names: by the file of the source.

Lives here: nothing but that table.
Not here: the mutations (beside this file), how tests are run (../mutations.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.mutated.mutation import Mutation

RULES = "tests/rules/test_cases.py"
RANDOM = "tests/oracle/test_random.py -k agree"  # of the first seeds alone: mutations.py says how many

# The compiler and the rules: what fails fastest and most often comes first.
COMPILER = (
    "tests/problem",
    "tests/objectives/test_cases.py -k 'argued and soft'",
    RANDOM,
    f"{RULES} -k 'not told'",
    "tests/benchmarks/test_faults.py",
    "tests/oracle/test_readings.py -k 'alike and (100000 or 100018 or 100036 or 100048)'",
)
KINDS_OF = {"problem/cells.py": "frozen or eligible or quota"}  # rules whose cases speak of the file


def _objective(kind: str, *more: str) -> tuple[str, ...]:
    return (
        f"tests/objectives/test_cases.py -k 'argued and {kind}'",
        f"tests/solve/test_recheck.py -k 'allowed and {kind}'",
        *more,
        RANDOM,
    )


APPORTION = _objective("apportion", "tests/objectives/test_apportion.py -k 'not time and not many and not size'")
FAIR = _objective("fair", "tests/objectives/test_fair.py -k 'dozens or leaves'")
BACKENDS = ("tests/solve/test_duality.py -k backend", "tests/solve/test_solvers.py")
STORE = ("tests/store/test_store.py", "tests/cli/test_store_commands.py")
LEDGER = ("tests/ledger/test_ledger.py", "tests/ledger/test_objections.py")
ANSWERS = ("tests/answer/test_hints.py", "tests/solve/test_certify.py", *STORE)
TABLES = (
    "tests/oracle/test_expressions.py",
    f"{RULES} -k 'not told'",
    "tests/load/test_holes.py",
    "tests/load/test_references.py",
)

STAGES = (
    "tests/solve/test_stages.py",
    "tests/solve/test_duality.py -k 'rows or components'",
    RANDOM,
    "tests/solve/test_status.py",
    "tests/solve/test_solvers.py",
    *APPORTION[:-1],
)

APPORTIONED = (
    "apportion",
    "best_places",
    "divisors",
    "given_up",
    "group_sums",
    "remainders",
    "spread",
    "textbook_plans",
)

CERTIFICATE = ("prove", "shares", "chain", "system", "last", "made", "document", "thresholds")
FORM = ("structure", "complaints", "form_faults", "shaped")
NAMES = ("references", "expressions", "clashes", "sense", "context", "unseen", "bad_expressions")
FIGURES = ("evaluation", "bounds", "missing_figures", "owners")

FILES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((f"objectives/{name}.py" for name in APPORTIONED), APPORTION),
    **dict.fromkeys((f"objectives/{name}.py" for name in ("fair", "gap", "levels", "leximin")), FAIR),
    **{f"objectives/{kind}.py": _objective(kind) for kind in ("keep", "reach", "soft", "sum", "total")},
    "objectives/lottery.py": ("tests/objectives/test_cases.py -k 'ticket or order'", RANDOM),
    "solve/__init__.py": ("tests/solve/test_status.py", "tests/solve/test_recheck.py", RANDOM, "tests/explain/test_conflict.py"),
    "solve/symmetry.py": ("tests/solve/test_symmetry.py -k 'not draw'",),
    "solve/guest.py": ("tests/solve/test_guest.py",),
    "solve/punctual.py": ("tests/solve/test_guest.py",),
    "solve/certify.py": ("tests/solve/test_certify.py", "tests/solve/test_relations.py -k certifies"),
    **dict.fromkeys(("solve/stages.py", "solve/parts.py", "solve/state.py"), STAGES),
    **dict.fromkeys(
        ("../allocator_check.py", *(f"certificate/{name}.py" for name in CERTIFICATE)),
        ("tests/certificate/test_random.py", "tests/certificate/test_forged.py", "tests/certificate/test_shares.py"),
    ),
    "solve/cpsat.py": ("tests/solve/test_duality.py -k 'backend and cpsat'", "tests/solve/test_solvers.py -k large"),
    "solve/another_plan.py": ("tests/solve/test_another_plan.py",),
    "solve/aside.py": ("tests/solve/test_aside.py",),
    "solve/sifting.py": ("tests/solve/test_sifting.py",),
    "solve/at_once.py": ("tests/solve/test_at_once.py",),
    "solve/exchange.py": ("tests/solve/test_exchange.py",),
    "solve/draw.py": (RANDOM, "tests/objectives/test_cases.py -k argued"),
    "solve/duality.py": ("tests/solve/test_duality.py",),
    "solve/recheck.py": ("tests/solve/test_recheck.py -k 'defect or none'",),
    "solve/highs.py": (*BACKENDS, RANDOM),
    "solve/neighbourhood_search.py": ("tests/solve/test_neighbourhood_search.py",
        "tests/solve/test_duality.py -k 'restricted or blocks'"),
    "solve/subproblem.py": ("tests/solve/test_solvers.py -k 'order or settle'", "tests/solve/test_status.py"),
    "solve/proofs.py": ("tests/answer/test_hints.py",),
    "solve/feasible.py": ("tests/explain/test_guard.py",),
    "solve/solvers.py": ("tests/solve/test_solvers.py", "tests/solve/test_certify.py"),
    "solve/interrupt.py": ("tests/solve/test_solvers.py", "tests/solve/test_guest.py"),
    "database/asked.py": ("tests/load/test_readings.py", "tests/load/test_references.py"),
    "database/at_hand.py": ("tests/database/test_at_hand.py",),
    "database/connection.py": ("tests/database/test_connection.py",),
    "database/expression.py": ("tests/oracle/test_expressions.py", "tests/database/test_connection.py", *TABLES[1:]),
    "database/judged.py": ("tests/load/test_references.py", "tests/load/test_failing_expressions.py"),
    "database/names.py": (
        "tests/database/test_connection.py",
        "tests/load/test_same_names.py",
        "tests/load/test_references.py",
        *TABLES[1:3],
    ),
    "database/plain.py": ("tests/problem", *TABLES[1:]),
    **{
        f"database/{name}.py": ("tests/database/test_tables.py", *TABLES, RANDOM, "tests/facts", "tests/problem")
        for name in ("tables", "loaded", "frames", "groups", "cells", "figures")
    },
    "database/missing.py": ("tests/database/test_tables.py", "tests/load/test_holes.py", "tests/load/test_references.py"),
    "database/vectors.py": (*TABLES[1:3], RANDOM, "tests/problem"),
    "runs/engine.py": ("tests/store/test_key.py",),
    "runs/files.py": ("tests/runs/test_runs.py",),
    "runs/folder.py": ("tests/runs/test_runs.py", "tests/ledger/test_ledger.py", *STORE, "tests/cli/test_no_room.py"),
    "solve/draws.py": ("tests/solve/test_draws.py",),
    "load/committed.py": ("tests/answer/test_public_draw.py",),
    "answer/commitment.py": ("tests/answer/test_public_draw.py",),
    "model/public_draw.py": ("tests/answer/test_public_draw.py",),
    "model/identity.py": ("tests/runs/test_runs.py",),
    "store/key.py": ("tests/store/test_key.py", "tests/answer/test_hints.py"),
    "ledger/ledger.py": (*LEDGER, "tests/ledger/test_years.py", "tests/answer/test_hints.py"),
    "read/ledger_lines.py": (*LEDGER, "tests/ledger/test_years.py"),
    "runs/manifest.py": ("tests/runs/test_runs.py", "tests/report/test_signer.py"),
    "audit/not_awarded.py": ("tests/runs/test_runs.py", "tests/report/test_report.py"),
    "runs/proofs.py": ("tests/answer/test_hints.py",),
    "runs/read.py": ("tests/runs/test_read.py", "tests/runs/test_strangers.py"),
    "runs/sheets.py": ("tests/runs/test_sheets.py",),
    "store/entries.py": STORE,
    "runs/people_tables.py": ("tests/runs/test_sheets.py", "tests/runs/test_runs.py"),
    "runs/write.py": ("tests/runs/test_runs.py", "tests/answer/test_hints.py", "tests/cli/test_no_room.py"),
    "answer/verification.py": ANSWERS,
    "answer/otherwise.py": ("tests/explain/test_stairs.py",),
    "answer/reasons.py": ("tests/answer/test_reasons.py",),
    "answer/forced.py": ("tests/answer/test_forced.py",),
    "runs/mark.py": ("tests/sweep/test_rows.py", "tests/answer/test_reasons.py"),
    "answer/hints.py": ANSWERS,
    "answer/second_opinion.py": ("tests/solve/test_certify.py", *STORE),
    "answer/pipeline.py": ("tests/answer/test_hints.py", "tests/solve/test_certify.py", "tests/runs/test_runs.py", *STORE),
    "audit/recount.py": ("tests/python/test_api.py", "tests/report/test_report.py", "tests/report/test_signer.py"),
    "load/tiles.py": ("tests/load/test_tiles.py",),
    "load/layout.py": ("tests/load/test_allocation.py",),
    "read/headers.py": ("tests/load/test_allocation.py", "tests/load/test_data.py"),
    "scenario/followed.py": ("tests/scenario/test_scenario.py", "tests/scenario/test_overlay.py"),
    "read/inside.py": ("tests/runs/test_strangers.py", "tests/read/test_files.py"),
    "read/kinds.py": ("tests/cli/test_kinds_of_files.py",),
    "load/award_tables.py": ("tests/load/test_borders.py", "tests/load/test_data.py", "tests/load/test_keys.py"),
    "load/row_checks.py": ("tests/load/test_data.py", "tests/load/test_keys.py"),
    "load/model.py": (
        "tests/load/test_load.py",
        "tests/scenario/test_scenario.py",
        "tests/load/test_sizes.py",
        "tests/read/test_texts.py",
    ),
    "load/notices.py": ("tests/load/test_never.py",),
    "load/open_facts.py": ("tests/explain/test_guard.py", "tests/cli/test_guard.py"),
    "scenario/patch.py": ("tests/scenario/test_overlay.py", "tests/scenario/test_scenario.py"),
    "scenario/paths.py": ("tests/scenario/test_overlay.py", "tests/scenario/test_scenario.py"),
    "model/pins.py": ("tests/scenario/test_overlay.py",),
    "read/punctuation.py": ("tests/read/test_punctuation.py", "tests/load/test_mistakes.py", "tests/read/test_yaml.py"),
    "read/records.py": ("tests/runs/test_strangers.py",),
    "explain/objection.py": ("tests/explain/test_along.py",),
    "explain/contested.py": ("tests/ledger/test_objections.py", "tests/cli/test_objection.py"),
    "load/rows.py": ("tests/load/test_holes.py", "tests/load/test_references.py"),
    "scenario/overlay.py": ("tests/scenario/test_scenario.py", "tests/scenario/test_overlay.py"),
    "read/seal.py": ("tests/runs/test_read.py", "tests/runs/test_strangers.py"),
    "scenario/layers.py": ("tests/compare/test_compare.py", "tests/scenario/test_scenario.py", "tests/cli/test_show_scenario.py"),
    "scenario/merge.py": ("tests/scenario/test_scenario.py", "tests/scenario/test_overlay.py"),
    "scenario/ground.py": ("tests/scenario/test_scenario.py", "tests/scenario/test_overlay.py"),
    "model/deviation.py": ("tests/rules/test_cases.py -k keep", "tests/objectives/test_cases.py -k keep"),
    "read/stored.py": ("tests/runs/test_read.py", "tests/runs/test_strangers.py", "tests/runs/test_runs.py"),
    "read/syntax.py": ("tests/read/test_yaml.py",),
    "load/text_values.py": ("tests/read/test_texts.py",),
    "read/texts.py": ("tests/read/test_tables.py", "tests/load/test_data.py", "tests/load/test_allocation.py"),
    "scenario/times.py": ("tests/scenario/test_scenario.py", "tests/scenario/test_overlay.py"),
    "read/fault_collector.py": ("tests/cli/test_guard.py", "tests/explain/test_guard.py"),
    **dict.fromkeys((f"load/{name}.py" for name in FIGURES), ("tests/load/test_holes.py", "tests/load/test_references.py")),
    "read/written.py": ("tests/load/test_readings.py",),
    **dict.fromkeys((f"load/{name}.py" for name in FORM), ("tests/load/test_structure.py", "tests/load/test_references.py")),
    **dict.fromkeys((f"load/{name}.py" for name in NAMES), ("tests/load/test_references.py", "tests/load/test_data.py")),
    "load/column_cells.py": ("tests/load/test_readings.py", "tests/load/test_borders.py"),
    "read/files.py": ("tests/read/test_files.py", "tests/runs/test_read_once.py"),
}  # fmt: skip


def steps(mutation: Mutation) -> Iterator[str]:
    """The tests for a mutation, one step after the other."""
    if mutation.tests:
        yield mutation.tests
    room, name = mutation.file.removesuffix(".py").split("/")
    kinds = name if room == "rules" else KINDS_OF.get(mutation.file)
    if kinds:
        yield f"{RULES} -k '({kinds}) and not told'"
    yield from COMPILER if room in ("problem", "rules") else FILES.get(mutation.file, (f"tests/{room}/test_{name}.py",))
