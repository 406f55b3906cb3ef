"""Mutations of the way to an answer and of the recount.

Lives here: nothing but the list, over src/allocator/answer and src/allocator/audit.
Not here: what a mutation is (mutation.py), how they are applied and judged (../mutations.py).
"""

from __future__ import annotations

from benchmarks.mutated.mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = (
    Mutation(
        "other-plan-proved",
        "answer/again.py",
        "a plan is proved again by another one's value",
        "(found.status, found.allocation) == (told, run.allocation)",
        "found.status == told",
    ),
    Mutation(
        "hints-of-any-solver",
        "answer/hints.py",
        "whoever asks for another solver gets the first one's proofs",
        'if one.told["solver"][0] == solver]',
        'if one.told["solver"][0]]',
    ),
    Mutation(
        "oldest-first",
        "answer/hints.py",
        "the oldest proofs are tried first",
        "one.name), reverse=True):",
        "one.name)):",
    ),
    Mutation(
        "violations-certified",
        "answer/opinion.py",
        "a plan that breaks a rule is certified",
        '"disagreement" if self.violations or self.unlike',
        '"disagreement" if self.unlike',
    ),
    Mutation(
        "recount-not-compared",
        "answer/opinion.py",
        "a value that the recount does not find is certified",
        "if counted != claimed or (",
        "if (",
    ),
    Mutation(
        "bound-of-claim-not-compared",
        "answer/opinion.py",
        "a bound that is not the value is certified",
        "bound != counted[-1])",
        "bound < counted[-1])",
    ),
    Mutation(
        "proved-replaced",
        "answer/pipeline.py",
        "a proved run is replaced by one that is not",
        "if held.status in (Status.OPTIMAL, Status.INFEASIBLE) and not made.status.proved:",
        "if False:",
    ),
    Mutation(
        "certificate-lost",
        "answer/pipeline.py",
        "a certificate is lost by solving again",
        "return same and certified and made.certificate is None and not fresh",
        "return False",
    ),
    Mutation(
        "signed-plan-solved-away",
        "answer/pipeline.py",
        "a signed run of another model is no obstacle before the work",
        'if held is None or held.id != model_id(model) or held.manifest["problem"] != key:',
        "if held is None:",
    ),
    Mutation(
        "disagreement-published",
        "answer/pipeline.py",
        "a plan that a solver disagrees with stands where a plan should",
        'folder = folder.with_name(f"{folder.name}-disagreement")',
        "folder = folder.absolute()",
    ),
    Mutation(
        "disagreement-unsaid",
        "answer/pipeline.py",
        "a disagreement is no status",
        'if certificate is not None and certificate["verdict"] == "disagreement":',
        "if False:",
    ),
    Mutation(
        "goal-just-met",
        "audit/recount.py",
        "a goal that is just reached is missed",
        "self.value >= self.at_least)",
        "self.value > self.at_least)",
    ),
    Mutation(
        "wishes-are-duties",
        "audit/recount.py",
        "a soft rule that is missed is a violation",
        "return tuple(f for f in self.findings if not f.soft)",
        "return tuple(f for f in self.findings)",
    ),
    Mutation(
        "strangers-unseen",
        "audit/recount.py",
        "awards of nobody are not seen",
        "if a.unit not in units or a.program not in programs",
        "if a.unit not in units and a.program not in programs",
    ),
    Mutation(
        "loosest-is-nearest",
        "audit/recount.py",
        "the nearest group is the one with the most room",
        "self.judged[min(bound)[1]]",
        "self.judged[max(bound)[1]]",
    ),
)
