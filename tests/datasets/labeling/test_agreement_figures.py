"""Kappa, against scikit-learn and the published example."""

from collections import Counter

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from datasets.labeling import agreement_figures as figures

# Ten subjects, fourteen raters, five categories; kappa 0.210 (Fleiss 1971, as in statsmodels' own tests and Wikipedia).
TABLE = [[0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1], [7, 7, 0, 0, 0],
         [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]]  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_cohen_equals_scikit_learn(seed: int) -> None:
    dice = np.random.default_rng(seed)
    first = dice.integers(0, 4, 60)
    second = np.where(dice.random(60) < 0.6, first, dice.integers(0, 5, 60))
    pairs = Counter(zip(first.tolist(), second.tolist(), strict=True))
    assert figures.cohen(pairs) == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)


def test_cohen_of_the_textbook() -> None:
    """Cohen's example of 50 proposals read by two people: 20 yes, 15 no, 5 and 10 apart; kappa 0.4."""
    assert figures.cohen({("y", "y"): 20, ("y", "n"): 5, ("n", "y"): 10, ("n", "n"): 15}) == pytest.approx(0.4)


def test_fleiss_of_the_published_table() -> None:
    ratings = [[name for name, count in enumerate(row) for _ in range(count)] for row in TABLE]
    assert figures.fleiss(ratings) == pytest.approx(0.20993, abs=5e-6)


@pytest.mark.parametrize("seed", range(3))
def test_fleiss_equals_its_formula(seed: int) -> None:
    dice = np.random.default_rng(seed)
    ratings = dice.integers(0, 3, (40, 4))
    counts = np.stack([(ratings == one).sum(1) for one in range(3)], 1)
    agreed = np.mean([(row @ row - 4) / 12 for row in counts])
    chance = sum((counts[:, one].sum() / 160) ** 2 for one in range(3))
    assert figures.fleiss(ratings.tolist()) == pytest.approx((agreed - chance) / (1 - chance), abs=1e-12)


def test_what_cannot_be_told_is_none() -> None:
    assert figures.cohen({}) is figures.fleiss([]) is figures.mean([]) is None
    assert figures.cohen({("a", "a"): 5}) is None and figures.fleiss([["a", "a"]]) is None
    with pytest.raises(ValueError, match="same number of ratings"):
        figures.fleiss([["a", "b"], ["a", "b", "b"]])
