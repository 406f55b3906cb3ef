"""Three that must agree on a plan: the solver that found it, an unlike solver, and the audit that knows neither.

Lives here: asking the second solver and the recount, and comparing; the certificate as plain values.
Not here: the refutations (solve/certify.py), the recount (audit/), what a command does on a disagreement (cli/).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from allocator.audit import Audit
from allocator.problem import Problem
from allocator.runs.manifest import exactly
from allocator.solve import Clock, Solution, backend, second_solver
from allocator.solve.certify import Certificate, Verdict, certify
from allocator.solve.subproblem import Reporter, silent

Values = Sequence[tuple[Fraction, ...] | None]


@dataclass(frozen=True)
class Opinion:
    """The certificate; how many hard rules the recount finds broken; the objectives whose recount is `unlike` the claim."""

    certificate: Certificate
    violations: int
    unlike: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        return "disagreement" if self.violations or self.unlike else self.certificate.verdict


def second_opinion(
    problem: Problem,
    audit: Audit,
    *,
    values: Values,
    bounds: Sequence[Fraction | None],
    solver: str,
    clock: Clock,
    reporter: Reporter = silent,
) -> Opinion:
    """Certify the audited plan by the solver unlike `solver`, which found it and claims `values` and `bounds` of its stages."""
    recount = [objective.figures for objective in audit.objectives]
    differ = [
        objective.id
        for objective, counted, claimed, bound in zip(audit.objectives, recount, values, bounds, strict=True)
        if counted != claimed or (bound is not None and counted is not None and bound != counted[-1])
    ]
    certificate = certify(problem, audit.allocation, backend(second_solver(solver)), clock, reporter)
    return Opinion(certificate, len(audit.violations), tuple(differ))


def of_solution(
    problem: Problem, solution: Solution, audit: Audit, clock: Clock, reporter: Reporter = silent
) -> Opinion | None:
    """The opinion on a fresh solution; None where it is not said to be optimal: nothing else is certified."""
    if solution.allocation is None or solution.status != "optimal":
        return None
    values = [stage.value for stage in solution.stages]
    bounds = [stage.bound for stage in solution.stages]
    return second_opinion(
        problem, audit, values=values, bounds=bounds, solver=solution.solver, clock=clock, reporter=reporter
    )


def of_run(
    problem: Problem, manifest: Mapping[str, Any], audit: Audit, clock: Clock, reporter: Reporter = silent
) -> Opinion:
    """The opinion on a run that was written as optimal."""
    stages = manifest["stages"]
    return second_opinion(
        problem,
        audit,
        values=[exactly(stage["value"]) for stage in stages],
        bounds=[None if stage["bound"] is None else Fraction(stage["bound"]) for stage in stages],
        solver=manifest["proof"]["solver"],
        clock=clock,
        reporter=reporter,
    )


def certificate_record(opinion: Opinion) -> dict[str, Any]:
    """What the second solver proved, for each stage and the draw: the refutations asked and given; and the recount."""
    certificate = opinion.certificate
    return {
        "verdict": opinion.verdict,
        "solver": certificate.solver,
        "version": certificate.solver_version,
        "seconds": round(certificate.seconds, 3),
        "claims": [
            {
                "stage": claim.stage,
                "refutations": claim.refutations,
                "refuted": claim.refuted,
                "seconds": round(claim.seconds, 3),
                "better": None if claim.better is None else [list(award) for award in claim.better.awards],
            }
            for claim in certificate.claims
        ],
        "recount": {"violations": opinion.violations, "unlike": list(opinion.unlike)},
    }
