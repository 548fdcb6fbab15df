"""Label efficiency, on data whose answer is known."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from datasets.labeling import efficiency
from datasets.labeling.efficiency import Answered, Curve
from datasets.labeling.orders import ORDERS


def made(count: int, seed: int) -> Answered:
    """Two classes along one axis, which overlap a little; nine further axes say nothing."""
    random = np.random.default_rng(seed)
    features = random.normal(size=(count, 10))
    features[:, 0] *= 3
    return Answered(features, (features[:, 0] > 0).astype(int))


def test_the_area_is_the_mean_height_of_the_curve() -> None:
    assert Curve(np.array([10, 20, 40]), np.array([0.5, 0.7, 0.9])).area == pytest.approx((6 + 16) / 30)
    assert Curve(np.array([10]), np.array([0.5])).area == 0.5


def test_the_space_is_that_of_the_principal_components() -> None:
    features = np.random.default_rng(0).normal(size=(50, 7)) @ np.random.default_rng(1).normal(size=(7, 7))
    ours = efficiency.Space(features, size=3).place(features)
    theirs = PCA(3).fit_transform(features)
    assert (ours**2).sum(axis=1).mean() == pytest.approx(1)
    scale = np.sqrt((theirs**2).sum(axis=1).mean())
    assert np.abs(ours) == pytest.approx(np.abs(theirs / scale), abs=1e-9)


def test_one_class_alone_is_always_the_answer() -> None:
    answer = efficiency.probe(np.ones((3, 2)), np.array([2, 2, 2]), 4)
    assert answer(np.zeros((1, 2))).tolist() == [[0, 0, 1, 0]]


def test_margin_spends_labels_better_than_chance_where_a_boundary_decides() -> None:
    pool, test = efficiency.reduced(made(400, 0), made(400, 1))
    areas = {
        name: [
            efficiency.simulate(ORDERS[name], pool, test, first=6, batch=6, most=60, seed=seed).area
            for seed in range(4)
        ]
        for name in ("random", "margin")
    }
    assert np.mean(areas["margin"]) > np.mean(areas["random"])


def test_the_same_seed_starts_from_the_same_images_and_all_orders_end_alike() -> None:
    pool, test = made(30, 2), made(50, 3)
    curves = [
        efficiency.simulate(ORDERS[name], pool, test, first=5, batch=10, most=30, seed=1)
        for name in ("random", "core_set", "committee")
    ]
    assert len({one.accuracy[0] for one in curves}) == 1
    assert [one.spent.tolist() for one in curves] == [[5, 15, 25, 30]] * 3
    assert curves[0].accuracy[-1] == pytest.approx(curves[1].accuracy[-1], abs=0.02), "all labels are spent"
