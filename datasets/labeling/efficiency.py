"""Label efficiency: how good a model becomes for the labels spent, in one order of labelling and in another.

A linear probe on frozen features stands for the model, because it takes milliseconds: logistic regression on the
first principal components.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from datasets.labeling.orders import Order, Pool

Array = np.ndarray[Any, Any]
SIZE = 64  # principal components
STRENGTH, ROUNDS = 30.0, 60  # of the logistic regression: inverse of its L2 penalty (`C` of scikit-learn), and rounds
TINY = 1e-12


@dataclass(frozen=True)
class Answered:
    """Features (n, d) of images with the numbers (n,) of their classes."""

    features: Array
    classes: Array


def reduced(pool: Answered, test: Answered) -> tuple[Answered, Answered]:
    """The same images in the space of the pool's features, see `Space`."""
    space = Space(pool.features)
    made = [Answered(space.place(side.features), side.classes) for side in (pool, test)]
    return made[0], made[1]


@dataclass(frozen=True)
class Curve:
    """`accuracy` (b,) on the other side after so many labels `spent` (b,)."""

    spent: Array
    accuracy: Array

    @property
    def area(self) -> float:
        """Area under the curve by the trapezoidal rule, divided by its width: a mean accuracy, in [0, 1]."""
        if len(self.spent) < 2:
            return float(self.accuracy.mean())
        return float(np.trapezoid(self.accuracy, self.spent) / (self.spent[-1] - self.spent[0]))


class Space:
    """The space that features are compared and learned in: their first principal components, scaled as a whole.

    Few labels cannot fit a thousand numbers, and 64 carry almost all of what a frozen network tells.
    """

    def __init__(self, features: Array, size: int = SIZE) -> None:
        self.mean = features.mean(axis=0, dtype=np.float64)
        strengths, axes = np.linalg.eigh(np.cov(features, rowvar=False, bias=True).reshape(2 * [features.shape[1]]))
        kept = strengths[::-1][:size]
        self.axes = axes[:, ::-1][:, :size] / max(float(np.sqrt(kept.clip(0).sum())), TINY)

    def place(self, features: Array) -> Array:
        """Coordinates (n, at most `size`); the mean squared length of the features that made the space is 1."""
        return np.asarray((features - self.mean) @ self.axes)


def probe(places: Array, answers: Array, classes: int) -> Callable[[Array], Array]:
    """A linear probe learned from places (n, d) and the numbers of their classes; it gives probabilities (m, k).

    Classes without an example have the probability 0.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    seen = np.unique(answers)
    fitted = None
    if len(seen) > 1:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # after so many rounds it is near enough
            fitted = LogisticRegression(C=STRENGTH, max_iter=ROUNDS).fit(places, answers)

    def answer(others: Array) -> Array:
        made = np.zeros((len(others), classes))
        made[:, seen] = 1.0 if fitted is None else fitted.predict_proba(others)
        return made

    return answer


def simulate(
    order: Order, pool: Answered, test: Answered, *, first: int, batch: int, most: int, seed: int, members: int = 5
) -> Curve:
    """Label `first` random images, then `batch` at a time in this order up to `most`; after each, a probe is scored.

    Features are best `reduced` before. Two orders with the same seed start from the same images. A committee is
    `members` probes, each learned from a bootstrap sample of the labels.
    """
    choosing, classes = np.random.default_rng([seed, 1]), _classes(pool, test)
    places, others = pool.features, test.features
    labelled = np.random.default_rng(seed).permutation(len(places))[:first]
    spent, accuracy = list[int](), list[float]()
    while True:
        model = probe(places[labelled], pool.classes[labelled], classes)
        spent.append(len(labelled))
        accuracy.append(_accuracy(model, others, test.classes))
        left = np.setdiff1d(np.arange(len(places)), labelled)
        count = min(batch, most - len(labelled), len(left))
        if count <= 0:
            return Curve(np.array(spent), np.array(accuracy))
        voters = members if order.needs == "committee" else 0
        bags = [choosing.choice(labelled, len(labelled)) for _ in range(voters)]
        votes = [probe(places[bag], pool.classes[bag], classes)(places[left]) for bag in bags]
        known = Pool(model(places[left]), np.array(votes), places[left], places[labelled])
        labelled = np.concatenate([labelled, left[order.choose(known, count, choosing)]])


def replay(pool: Answered, test: Answered, budgets: Sequence[int]) -> Curve:
    """The curve of labels in the order in which they were given: `pool` is in that order."""
    classes, places, others = _classes(pool, test), pool.features, test.features
    models = [probe(places[:budget], pool.classes[:budget], classes) for budget in budgets]
    return Curve(np.array(budgets), np.array([_accuracy(model, others, test.classes) for model in models]))


def _classes(pool: Answered, test: Answered) -> int:
    return int(max(pool.classes.max(), test.classes.max())) + 1


def _accuracy(model: Callable[[Array], Array], places: Array, classes: Array) -> float:
    return float((model(places).argmax(axis=1) == classes).mean())
