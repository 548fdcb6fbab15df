"""Label efficiency: how good a model becomes for the labels spent, in one order of labelling and in another.

A model stands for itself by a linear probe on frozen features, which takes milliseconds: logistic regression on
standardised features, as in Radford et al. 2021.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from datasets.labeling.orders import Order, Pool

Array = np.ndarray[Any, Any]
STRENGTH = 1.0  # inverse of the L2 penalty (`C` of scikit-learn) on features of unit variance, divided by their number


@dataclass(frozen=True)
class Answered:
    """Features (n, d) of images with the numbers (n,) of their classes."""

    features: Array
    classes: Array


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


class Probe:
    """A linear probe: logistic regression on features standardised by those of `scale` (n, d)."""

    def __init__(self, scale: Array, classes: int) -> None:
        self.mean, self.spread, self.classes = scale.mean(axis=0), np.maximum(scale.std(axis=0), 1e-6), classes
        self._fitted: Any = None
        self._only = 0

    def embed(self, features: Array) -> Array:
        """Standardised features, of unit length in the mean."""
        return np.asarray((features - self.mean) / self.spread / np.sqrt(features.shape[1]))

    def fit(self, features: Array, answers: Array) -> "Probe":
        """Learn from features and the numbers of classes; of a single class, that class is always the answer."""
        from sklearn.linear_model import LogisticRegression

        self._only, self._fitted = int(answers[0]), None
        if len(set(answers.tolist())) > 1:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of rounds that did not suffice: the answer is good enough
                solver = LogisticRegression(C=STRENGTH * features.shape[1], max_iter=100)
                self._fitted = solver.fit(self.embed(features), answers)
        return self

    def probabilities(self, features: Array) -> Array:
        """(n, k), over all classes; those that were never seen have 0."""
        made = np.zeros((len(features), self.classes))
        if self._fitted is None:
            made[:, self._only] = 1.0
        else:
            made[:, self._fitted.classes_] = self._fitted.predict_proba(self.embed(features))
        return made


def simulate(
    order: Order, pool: Answered, test: Answered, *, first: int, batch: int, most: int, seed: int, members: int = 5
) -> Curve:
    """Label `first` random images, then `batch` at a time in this order up to `most`; after each, a probe is scored.

    Two orders with the same seed start from the same images. A committee is `members` probes, each learned from a
    bootstrap sample of the labels.
    """
    random, choosing = np.random.default_rng(seed), np.random.default_rng([seed, 1])
    classes = int(max(pool.classes.max(), test.classes.max())) + 1
    labelled = random.permutation(len(pool.classes))[:first]
    spent, accuracy = list[int](), list[float]()
    while True:
        probe = Probe(pool.features, classes).fit(pool.features[labelled], pool.classes[labelled])
        spent.append(len(labelled))
        accuracy.append(float((probe.probabilities(test.features).argmax(axis=1) == test.classes).mean()))
        left = np.setdiff1d(np.arange(len(pool.classes)), labelled)
        count = min(batch, most - len(labelled), len(left))
        if count <= 0:
            return Curve(np.array(spent), np.array(accuracy))
        known = _known(order, probe, pool, labelled, left, (members, choosing))
        labelled = np.concatenate([labelled, left[order.choose(known, count, choosing)]])


def replay(pool: Answered, test: Answered, budgets: Sequence[int]) -> Curve:
    """The curve of labels in the order in which they were given: `pool` is in that order."""
    classes = int(max(pool.classes.max(), test.classes.max())) + 1
    probe, accuracy = Probe(pool.features, classes), list[float]()
    for budget in budgets:
        probe.fit(pool.features[:budget], pool.classes[:budget])
        accuracy.append(float((probe.probabilities(test.features).argmax(axis=1) == test.classes).mean()))
    return Curve(np.array(budgets), np.array(accuracy))


def _known(
    order: Order, probe: Probe, pool: Answered, labelled: Array, left: Array, chance: tuple[int, np.random.Generator]
) -> Pool:
    members, random = chance
    nothing = np.zeros((0, 0))
    committee = nothing
    if order.needs == "committee":
        some = [random.choice(labelled, len(labelled)) for _ in range(members)]
        others = [Probe(pool.features, probe.classes).fit(pool.features[one], pool.classes[one]) for one in some]
        committee = np.stack([one.probabilities(pool.features[left]) for one in others])
    embeddings = probe.embed(pool.features)
    return Pool(probe.probabilities(pool.features[left]), committee, embeddings[left], embeddings[labelled])
