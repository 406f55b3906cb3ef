"""The first Chinese sign of an expression, and where a sign is part of a text."""

import pytest

from allocator.read.punctuation import first_sign


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a，b", (1, "，")),
        ("grade = '一，二'", None),
        ('"人口（万人）" > 3', None),
        ("grade = '一，二' and a ≥ 3", (20, "≥")),
        ("'it''s，' = a，b", (12, "，")),
    ],
)
def test_a_sign_inside_quotes_is_part_of_the_text(text: str, found: tuple[int, str] | None) -> None:
    assert first_sign(text) == found
