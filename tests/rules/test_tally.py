"""Groups as columns say the same as each group by itself, in exact arithmetic at every size."""

from fractions import Fraction
from random import Random

import numpy as np
import pytest

from allocator.audit.recount import KnownFigure, RuleCheck
from allocator.model.query import Figures
from allocator.model.rule import Judged, Tally


def figures(random: Random, count: int) -> Figures:
    """Small or up to 2**62, some of them missing; or numbers that 64 bits do not hold."""
    most = random.choice([3, 10**6, 2**62, 10**30])
    numbers = [random.randint(-most, most) for _ in range(count)]
    given = [random.random() < 0.8 for _ in range(count)]
    return Figures(
        np.array(numbers, object if most > 2**62 else np.int64), np.array(given, np.bool_), random.choice([1, 10, 1000])
    )


@pytest.mark.parametrize("seed", range(60))
def test_columns_and_single_groups_are_judged_alike(seed):
    random = Random(seed)
    count = random.randint(0, 8)
    tally = Tally([(g,) for g in range(count)], *(figures(random, count) for _ in range(3)))
    each = list(tally)
    assert [one.label for one in each] == [(g,) for g in range(count)]
    assert tally.slack.each() == [one.slack for one in each] == Tally.of(each).slack.each()
    broken = tuple(one for one in each if one.broken)
    least = min((one.slack for one in each if one.slack is not None), default=None)
    for check in (RuleCheck(KnownFigure(id="k"), tally), RuleCheck(KnownFigure(id="k"), tuple(each))):
        assert check.broken == broken and check.slack == least and check.remarks == ()
        first = next((one for one in each if one.slack is not None and one.slack == least), None)
        assert check.nearest == first
        for wanted in (least, Fraction(1, 7)):
            if wanted is not None:
                assert check.with_slack(wanted) == sum(one.slack == wanted for one in each)


def test_a_slice_and_the_end_of_columns_are_those_of_a_sequence():
    tally = Tally([("a",), ("b",)], *(Figures(np.array([1, 2]), np.array([True, False])) for _ in range(3)))
    assert tally[:1] == (Judged(("a",), Fraction(1), Fraction(1), Fraction(1)),)
    assert tally[-1] == Judged(("b",), None)
    with pytest.raises(IndexError):
        tally[2]
