"""How far raters agree beyond chance: Cohen's kappa for two, Fleiss' kappa for any number. Pure functions.

Sources: J. Cohen, A Coefficient of Agreement for Nominal Scales (1960); J. L. Fleiss, Measuring Nominal Scale Agreement
Among Many Raters (1971). Equal to `sklearn.metrics.cohen_kappa_score` and `statsmodels.stats.inter_rater.fleiss_kappa`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np

Name = TypeVar("Name")


def cohen(pairs: Mapping[tuple[Name, Name], float]) -> float | None:
    """Cohen's kappa of how often the first rater said one and the second the other.

    None without ratings, and where chance alone would agree on all: both use one and the same class.
    """
    names = {name: at for at, name in enumerate(dict.fromkeys(name for pair in pairs for name in pair))}
    table = np.zeros((len(names), len(names)))
    for (first, second), count in pairs.items():
        table[names[first], names[second]] += count
    total = table.sum()
    if not total:
        return None
    agreed, chance = np.trace(table) / total, float(table.sum(0) @ table.sum(1)) / total**2
    return None if np.isclose(chance, 1) else float((agreed - chance) / (1 - chance))


def fleiss(ratings: Iterable[Sequence[Name]]) -> float | None:
    """Fleiss' kappa of items, each with one class from every rater. None where it cannot be told, as for `cohen`.

    Raises ValueError unless all items have the same number of ratings.
    """
    items = list(ratings)
    if not items:
        return None
    raters = len(items[0])
    if raters < 2 or any(len(one) != raters for one in items):
        raise ValueError("expected the same number of ratings, at least 2, of every item")
    names = {name: at for at, name in enumerate(dict.fromkeys(name for one in items for name in one))}
    rows = np.repeat(np.arange(len(items)), raters)
    counts = np.zeros((len(items), len(names)))
    np.add.at(counts, (rows, np.array([names[name] for one in items for name in one])), 1)
    agreed = ((counts**2).sum(1) - raters) / (raters * (raters - 1))
    chance = float(((counts.sum(0) / counts.sum()) ** 2).sum())
    return None if np.isclose(chance, 1) else float((agreed.mean() - chance) / (1 - chance))


def mean(values: Sequence[float]) -> float | None:
    """The mean; None of nothing."""
    return float(np.mean(values)) if len(values) else None
