"""Mutations of the public draw and of its chances."""

from benchmarks.mutated.mutation import Mutation

DRAW = "tests/answer/test_public_draw.py"
CHANCES = "tests/solve/test_draws.py"

MUTATIONS: tuple[Mutation, ...] = (
    Mutation(
        "any-model-claims-a-public-draw",
        "load/committed.py",
        "a public draw is believed of any model",
        "if own == public.commitment:",
        "if own:",
        DRAW,
    ),
    Mutation(
        "a-question-keeps-the-claim",
        "load/committed.py",
        "a model that is changed in memory still says that its draw is public",
        '{"ties": Ties(lottery=model.policy.seed)}',
        '{"ties": model.policy.ties}',
        DRAW,
    ),
    Mutation(
        "drawn-after-a-change",
        "answer/commitment.py",
        "a model that was changed is drawn all the same",
        "if model.policy.public_draw is None:",
        "if model.policy.public_draw is None and not page:",
        DRAW,
    ),
    Mutation(
        "few-orders-for-all",
        "solve/draws.py",
        "cells that touch others are taken as if they stood alone",
        "own = part_of[tied]",
        "own = tied",
        CHANCES,
    ),
    Mutation(
        "one-order-leaves-the-next-less",
        "solve/draws.py",
        "what one order decided holds for the next",
        "course.state = before",
        "course.state = course.state",
        CHANCES,
    ),
    Mutation(
        "seed-of-the-numbers-alone",
        "model/public_draw.py",
        "the seed does not depend on the model",
        'f"{commitment}|{read_as(numbers)}"',
        'f"{read_as(numbers)}"',
        DRAW,
    ),
)
