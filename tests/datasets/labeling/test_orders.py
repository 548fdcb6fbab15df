"""Orders of active learning: scores by their definition, and choices that can be checked by hand."""

import numpy as np
import pytest
from scipy.stats import entropy as reference

from datasets.labeling import orders
from datasets.labeling.orders import ORDERS, Pool

SURE, TORN, FLAT = [0.98, 0.01, 0.01], [0.49, 0.48, 0.03], [0.34, 0.33, 0.33]
PROBABILITIES = np.array([SURE, TORN, FLAT])
NOTHING = np.zeros((0, 0))


def test_scores_are_those_of_their_definitions() -> None:
    assert orders.least_confidence(PROBABILITIES) == pytest.approx([0.02, 0.51, 0.66])
    assert orders.margin(PROBABILITIES) == pytest.approx([1 - 0.97, 1 - 0.01, 1 - 0.01])
    expected = [reference(row, base=3) for row in PROBABILITIES]
    assert orders.entropy(PROBABILITIES) == pytest.approx(expected)


def test_a_committee_disagrees_where_its_members_are_sure_of_different_classes() -> None:
    agree, differ = np.array([[0.5, 0.5], [0.99, 0.01]]), np.array([[0.5, 0.5], [0.01, 0.99]])
    found = orders.disagreement(np.stack([agree, differ]))
    assert found[0] == pytest.approx(0, abs=1e-9)
    mean = [0.5, 0.5]
    divergence = np.mean([reference([0.99, 0.01], mean), reference([0.01, 0.99], mean)])
    assert found[1] == pytest.approx(divergence)


def test_of_objects_the_box_nearest_to_a_coins_toss_decides() -> None:
    found = orders.of_objects([np.array([0.99, 0.52]), np.array([0.97]), np.array([])])
    assert found[:, 0].tolist() == [0.52, 0.97, 0.25]
    assert np.argsort(-orders.margin(found)).tolist() == [0, 2, 1]


def test_a_core_set_takes_the_farthest_again_and_again() -> None:
    places, labelled = np.array([[0.0], [1.0], [5.0], [9.0], [10.0]]), np.array([[0.0]])
    assert orders.core_set(places, labelled, 2).tolist() == [4, 2]
    assert orders.core_set(places, np.zeros((0, 1)), 3).tolist()[0] == 2, "the most central, without labels"


def test_a_core_set_covers_better_than_chance() -> None:
    places = np.random.default_rng(0).uniform(size=(300, 2))

    def radius(chosen: np.ndarray) -> float:
        return float(np.linalg.norm(places[:, None] - places[chosen][None], axis=2).min(axis=1).max())

    ours = orders.core_set(places, np.zeros((0, 2)), 20)
    assert len(set(ours.tolist())) == 20
    assert radius(ours) < min(radius(np.random.default_rng(seed).permutation(300)[:20]) for seed in range(20))


def test_badge_takes_unsure_images_that_differ() -> None:
    sure = np.tile([0.999, 0.001], (50, 1))
    torn = np.tile([0.5, 0.5], (10, 1))
    embeddings = np.concatenate([np.ones((50, 2)), np.repeat([[1.0, 0.0], [0.0, 1.0]], 5, axis=0)])
    chosen = orders.badge(np.concatenate([sure, torn]), embeddings, 2, np.random.default_rng(0))
    assert min(chosen) >= 50
    assert {tuple(embeddings[one]) for one in chosen} == {(1.0, 0.0), (0.0, 1.0)}


def test_badges_products_are_those_of_the_gradient_embeddings() -> None:
    """k-means++ over the outer products themselves chooses the same images."""
    random = np.random.default_rng(3)
    probabilities, embeddings = random.dirichlet(np.ones(4), 60), random.normal(size=(60, 5))
    errors = probabilities.copy()
    errors[np.arange(60), errors.argmax(axis=1)] -= 1
    whole = (errors[:, :, None] * embeddings[:, None]).reshape(60, -1)
    drawing, chosen = np.random.default_rng(7), [int((whole**2).sum(axis=1).argmax())]
    nearest = np.minimum((whole**2).sum(axis=1), ((whole - whole[chosen[0]]) ** 2).sum(axis=1))
    for _ in range(9):
        nearest[chosen] = 0
        pick = int(drawing.choice(60, p=nearest / nearest.sum()))
        chosen.append(pick)
        nearest = np.minimum(nearest, ((whole - whole[pick]) ** 2).sum(axis=1))
    assert orders.badge(probabilities, embeddings, 10, np.random.default_rng(7)).tolist() == chosen


@pytest.mark.parametrize("name", ORDERS)
def test_every_order_chooses_so_many_different_images(name: str) -> None:
    random = np.random.default_rng(1)
    probabilities = random.dirichlet(np.ones(3), 40)
    pool = Pool(probabilities, np.stack([probabilities, probabilities[::-1]]), random.normal(size=(40, 6)), NOTHING)
    for count in (7, 100):
        chosen = ORDERS[name].choose(pool, count, np.random.default_rng(2)).tolist()
        assert len(chosen) == len(set(chosen)) == min(count, 40)
