"""Conditions in words, and those without a control."""

import pytest

from app.components.filters import gather, words
from datasets.viewspec import Filter, Op, ViewSpec


@pytest.mark.parametrize(
    ("op", "values", "text"),
    [
        ("count_at_least", ("pedestrian", 3), "pred_r1: pedestrian ≥ 3"),
        ("count_at_most", ("", 0), "pred_r1: labels ≤ 0"),
        ("count_at_least", ("car", 2, 0.25), "pred_r1: car ≥ 2, confidence ≥ 0.25"),
        ("exists", (), "pred_r1 is there"),
    ],
)
def test_a_condition_is_said_in_words(op: Op, values: tuple[str | float, ...], text: str) -> None:
    assert words(Filter(field="pred_r1", op=op, values=values)) == text


def test_conditions_without_a_control_stay() -> None:
    count = Filter(field="pred_r1", op="count_at_least", values=("car", 2))
    assert gather(ViewSpec(dataset="d", filters=(count,)), []).filters == (count,)
