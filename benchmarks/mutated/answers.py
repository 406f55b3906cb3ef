"""Mutations of the way to an answer and of the recount.

Lives here: nothing but the list, over src/allocator/answer and src/allocator/audit.
Not here: what a mutation is (mutation.py), how they are applied and judged (../mutations.py).
"""

from __future__ import annotations

from benchmarks.mutated.mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = (
    Mutation(
        "other-plan-proved",
        "answer/verification.py",
        "a plan is proved again by another one's value",
        "return run.allocation == found.allocation",
        "return True",
        "tests/answer/test_hints.py -k 'proved_again'",
    ),
    Mutation(
        "equal-problem-again",
        "answer/otherwise.py",
        "an equal problem is solved a second time",
        "solution = self.solved.get(key)",
        "solution = None",
        "tests/explain/test_stairs.py -k 'solved_once'",
    ),
    Mutation(
        "reasons-of-any-run",
        "answer/reasons.py",
        "the reasons of another run, or of another engine, are believed",
        "if (kept.seal, kept.engine) != (run.seal, engine(EVERYTHING)):",
        "if not kept.seal:",
        "tests/answer/test_reasons.py -k 'else_is_believed'",
    ),
    Mutation(
        "any-run-was-loaded-before",
        "answer/reasons.py",
        "what another run was loaded by counts for this one: it is not tried on its tables",
        'return held is not None and (held.get("seal"), held.get("engine")) == (stored.seal, engine(EVERYTHING))',
        "return held is not None",
        "tests/answer/test_reasons.py -k 'loaded_before'",
    ),
    Mutation(
        "forced-by-the-question",
        "answer/forced.py",
        "the question itself is among the rules that force a decision",
        "(hand.unit, hand.program) != cell[:2]]",
        "True]",
        "tests/answer/test_forced.py",
    ),
    Mutation(
        "hints-of-any-solver",
        "answer/hints.py",
        "whoever asks for another solver gets the first one's proofs",
        'if one.told["solver"][0] == solver]',
        'if one.told["solver"][0]]',
        "tests/answer/test_hints.py -k 'another_solver'",
    ),
    Mutation(
        "violations-certified",
        "answer/second_opinion.py",
        "a plan that breaks a rule is certified",
        '"disagreement" if self.violations or self.unlike',
        '"disagreement" if self.unlike',
        "tests/solve/test_certify.py -k 'bear_out'",
    ),
    Mutation(
        "proved-replaced",
        "answer/pipeline.py",
        "a proved run is replaced by one that is not",
        "if held.status in (Status.OPTIMAL, Status.INFEASIBLE) and not made.status.proved:",
        "if False:",
        "tests/cli/test_store_commands.py -k 'not_proved'",
    ),
    Mutation(
        "disagreement-unsaid",
        "answer/pipeline.py",
        "a disagreement is no status",
        'if certificate is not None and certificate["verdict"] == "disagreement":',
        "if False:",
        "tests/cli/test_store_commands.py -k 'disagreement_at_solve'",
    ),
    Mutation(
        "goal-just-met",
        "audit/recount.py",
        "a goal that is just reached is missed",
        "self.value >= self.at_least)",
        "self.value > self.at_least)",
        "tests/report/test_report.py",
    ),
)
