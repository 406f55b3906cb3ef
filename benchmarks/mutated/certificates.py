"""Mutations of the certificate, and of the file that checks it.

Lives here: nothing but the list, over src/allocator/certificate and src/allocator_check.py.
Not here: what a mutation is (mutation.py), how they are applied and judged (../mutations.py).
"""

from __future__ import annotations

from benchmarks.mutated.mutation import Mutation

RANDOM, FORGED = "tests/certificate/test_random.py", "tests/certificate/test_forged.py"
CHECKER = "../allocator_check.py"

MUTATIONS: tuple[Mutation, ...] = (
    Mutation(
        "prices-nearly-enough",
        "certificate/prove.py",
        "prices that prove one less are taken",
        "if least >= self.value else None",
        "if least >= self.value - 1 else None",
        "tests/certificate/test_prove.py",
    ),
    Mutation(
        "given-up-nothing",
        "certificate/chain.py",
        "later stages are proved as if nothing could be given up",
        "system = narrow.with_most(cost, step.value + step.give)",
        "system = narrow.with_most(cost, step.value)",
        RANDOM,
    ),
    Mutation(
        "fixed-at-another-value",
        "certificate/system.py",
        "columns that may still move at the value are fixed as if it were one less",
        "left = face(self.whole(), prices, value)",
        "left = face(self.whole(), prices, value - 1)",
        RANDOM,
    ),
    Mutation(
        "at-no-bound",
        "certificate/last.py",
        "one claim speaks of cells that are at no bound",
        "if at == least:",
        "if at <= most:",
        RANDOM,
    ),
    Mutation(
        "drawn-in-any-order",
        "certificate/made.py",
        "the cells stand in the order of the problem",
        "drawn = [cells[i] for i in order(seed, [names[c] for c in cells])]",
        "drawn = cells",
        RANDOM,
    ),
    Mutation(
        "helpers-one-further",
        "certificate/document.py",
        "a row names the helper after its own",
        "column = rows.placed(first)",
        "column = rows.placed(first + 1)",
        RANDOM,
    ),
    Mutation(
        "prices-without-their-side",
        "certificate/thresholds.py",
        "a price of the upper side of a row counts as one of the lower side",
        "np.add.at(found, self.row, self.sign * price)",
        "np.add.at(found, self.row, price)",
        "tests/explain/test_cutoffs.py -k 'tutorial'",
    ),
    Mutation(
        "nothing-proves-nothing",
        CHECKER,
        "no price at all proves that nothing keeps the rows",
        'self.bound(cost, tree)[0] <= tree["scale"]',
        'self.bound(cost, tree)[0] < tree["scale"]',
        FORGED,
    ),
    Mutation(
        "one-worse-is-best",
        CHECKER,
        "prices that prove one less are accepted",
        '<= tree["scale"] * (value - 1):',
        '<= tree["scale"] * (value - 2):',
        "tests/certificate/test_strangers.py",
    ),
    Mutation(
        "drawn-out-of-order",
        CHECKER,
        "whoever writes the certificate picks the order of the draw",
        "if not told or drawn != sorted(set(drawn), key=order.__getitem__) or",
        "if not told or",
        FORGED,
    ),
    Mutation(
        "left-open",
        CHECKER,
        "cells that are not decided need not be drawn",
        " or not open_ <= set(drawn):",
        ":",
        "tests/certificate/test_strangers.py -k hidden",
    ),
    Mutation(
        "places-that-rank-alike",
        CHECKER,
        "where several places of a group rank alike, rows may leave some out",
        "or flat or floor < 0",
        "or floor < 0",
        "tests/certificate/test_strangers.py -k alike",
    ),
    Mutation(
        "a-place-below-the-margin",
        CHECKER,
        "a group may hold a place that ranks below the margin",
        "wrong = (less and ranks[1] < margin) or (more",
        "wrong = (less and ranks[1] > margin) or (more",
        FORGED,
    ),
    Mutation(
        "no-more-for-no-less",
        "certificate/shares.py",
        "that a group can have no more is told of groups that can have no less",
        "ends += [(g, 1, claim(np.array([g]), -1)) for g in no_more]",
        "ends += [(g, 1, claim(np.array([g]), -1)) for g in no_less]",
        "tests/certificate/test_shares.py",
    ),
)
