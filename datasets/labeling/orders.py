"""Orders of active learning: which unlabelled images to label next. Pure functions of arrays.

Scores are per image, higher is labelled sooner. Probabilities are (n, k), rows sum to 1; embeddings (n, d).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

Array = np.ndarray[Any, Any]
Needs = Literal["probabilities", "committee", "embeddings", "both", "nothing"]
TINY = 1e-12


@dataclass(frozen=True)
class Pool:
    """What is known about the images to choose from.

    `probabilities` (n, k) of the newest model; `committee` (m, n, k) of several models; `embeddings` (n, d) of the
    newest model; `labelled` (l, d) embeddings of the images that have labels. An empty array is unknown.
    """

    probabilities: Array
    committee: Array
    embeddings: Array
    labelled: Array


@dataclass(frozen=True)
class Order:
    """A way to choose: `choose(pool, count, random)` gives numbers of images, the first to label first."""

    name: str
    title: str
    about: str
    needs: Needs
    choose: Callable[[Pool, int, np.random.Generator], Array]


def least_confidence(probabilities: Array) -> Array:
    """1 minus the probability of the likeliest class (Lewis and Gale 1994)."""
    return np.asarray(1 - probabilities.max(axis=1))


def margin(probabilities: Array) -> Array:
    """1 minus the difference of the two likeliest classes (Scheffer et al. 2001)."""
    if probabilities.shape[1] < 2:
        return least_confidence(probabilities)
    top = np.partition(probabilities, -2, axis=1)[:, -2:]
    return np.asarray(1 - (top[:, 1] - top[:, 0]))


def entropy(probabilities: Array) -> Array:
    """Shannon entropy in units of its maximum, log k (Settles 2009)."""
    found = _entropy(probabilities)
    return np.asarray(found / np.log(max(probabilities.shape[-1], 2)))


def disagreement(committee: Array) -> Array:
    """Mean Kullback-Leibler divergence of the members (m, n, k) from their mean (McCallum and Nigam 1998), in nats."""
    return np.asarray(_entropy(committee.mean(axis=0)) - _entropy(committee).mean(axis=0))


def of_objects(confidences: Sequence[Array]) -> Array:
    """Probabilities (n, 2) that stand for images with objects: those of the object that the model is least sure of.

    The box whose confidence is nearest to 0.5 decides, as the maximum over objects of Brust et al. 2019. An image
    without a box counts as one box of confidence 0.25: between those that the model is sure and unsure of.
    """
    nearest = [one[np.abs(one - 0.5).argmin()] if len(one) else 0.25 for one in confidences]
    sure = np.asarray(nearest, dtype=float)
    return np.stack([sure, 1 - sure], axis=1)


def core_set(embeddings: Array, labelled: Array, count: int) -> Array:
    """Greedy k-centre: again and again the image farthest from all chosen or labelled ones (Sener and Savarese 2018).

    Euclidean distances; costs n distances for each image chosen. Without labelled ones the first is the most central.
    """
    nearest = _nearest(embeddings, labelled)
    chosen: list[int] = []
    for _ in range(min(count, len(embeddings))):
        pick = int(nearest.argmax()) if np.isfinite(nearest).all() else _central(embeddings)
        chosen.append(pick)
        nearest = np.minimum(nearest, _squares(embeddings, embeddings[pick][None])[:, 0])
        nearest[pick] = -1.0
    return np.array(chosen, dtype=int)


def badge(probabilities: Array, embeddings: Array, count: int, random: np.random.Generator) -> Array:
    """Unsure and different from each other: k-means++ on gradient embeddings (Ash et al. 2020, BADGE).

    The gradient of the last layer, for the class that the model answers, is the outer product of (p - y) and the
    embedding: its scalar products are products of scalar products, so the large vectors are never made.
    """
    errors = probabilities.copy()
    errors[np.arange(len(errors)), errors.argmax(axis=1)] -= 1
    norms = (errors**2).sum(axis=1) * (embeddings**2).sum(axis=1)
    nearest, chosen = norms.copy(), list[int]()
    for number in range(min(count, len(errors))):
        total = nearest.sum()
        if not number or total <= TINY:
            pick = int(np.where(np.isin(np.arange(len(errors)), chosen), -1, norms).argmax())
        else:
            pick = int(random.choice(len(errors), p=nearest / total))
        chosen.append(pick)
        products = (errors @ errors[pick]) * (embeddings @ embeddings[pick])
        nearest = np.minimum(nearest, np.maximum(norms + norms[pick] - 2 * products, 0))
        nearest[chosen] = 0.0
    return np.array(chosen, dtype=int)


def _best(score: Callable[[Array], Array], of: str) -> Callable[[Pool, int, np.random.Generator], Array]:
    def choose(pool: Pool, count: int, _random: np.random.Generator) -> Array:
        return np.argsort(-score(getattr(pool, of)), kind="stable")[:count]

    return choose


ORDERS: Mapping[str, Order] = MappingProxyType(
    {
        one.name: one
        for one in (
            Order("badge", "Unsure and varied", "where the model is unsure, no two alike (BADGE)", "both",
                  lambda pool, count, random: badge(pool.probabilities, pool.embeddings, count, random)),
            Order("margin", "Margin", "the two likeliest classes are closest", "probabilities",
                  _best(margin, "probabilities")),
            Order("entropy", "Entropy", "the answer is spread over most classes", "probabilities",
                  _best(entropy, "probabilities")),
            Order("uncertainty", "Least confidence", "the likeliest class is least likely", "probabilities",
                  _best(least_confidence, "probabilities")),
            Order("committee", "Committee", "several runs disagree most", "committee",
                  _best(disagreement, "committee")),
            Order("core_set", "Core-set", "farthest from everything that is labelled", "embeddings",
                  lambda pool, count, _random: core_set(pool.embeddings, pool.labelled, count)),
            Order("random", "Random", "the order to beat", "nothing",
                  lambda pool, count, random: random.permutation(len(pool.probabilities))[:count]),
        )
    }
)  # fmt: skip


def _entropy(probabilities: Array) -> Array:
    return np.asarray(-(probabilities * np.log(np.maximum(probabilities, TINY))).sum(axis=-1))


def _nearest(embeddings: Array, others: Array) -> Array:
    """Squared distance of each embedding to the nearest of others (block by block); infinite without any."""
    found = np.full(len(embeddings), np.inf)
    for start in range(0, len(others), 512):
        found = np.minimum(found, _squares(embeddings, others[start : start + 512]).min(axis=1))
    return found


def _squares(some: Array, others: Array) -> Array:
    made = (some**2).sum(axis=1)[:, None] + (others**2).sum(axis=1)[None] - 2 * some @ others.T
    return np.asarray(np.maximum(made, 0.0))


def _central(embeddings: Array) -> int:
    return int(_squares(embeddings, embeddings.mean(axis=0)[None])[:, 0].argmin())
