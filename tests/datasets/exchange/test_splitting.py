import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.errors import SplitError
from datasets.exchange.splitting import Item, same_content, split


def items(n=1000, classes=10):
    chance = random.Random(3)
    weights = [1 / (k + 1) for k in range(classes)]
    return [
        Item(f"{i}.jpg", tuple(f"c{k}" for k in chance.choices(range(classes), weights, k=i % 4))) for i in range(n)
    ]


def test_shares_are_met_in_all_and_in_each_class():
    made = items()
    chosen = split(made, (0.7, 0.15, 0.15))
    counts = Counter(chosen)
    assert abs(counts["train"] - 700) <= 10 and abs(counts["val"] - 150) <= 10
    for name in {name for item in made for name in item.classes}:
        of_class = Counter(where for item, where in zip(made, chosen, strict=True) if name in item.classes)
        total = sum(of_class.values())
        assert abs(of_class["train"] - 0.7 * total) <= max(2, 0.05 * total), name
        assert of_class["val"] >= 1 and of_class["test"] >= 1


def test_the_order_of_the_listing_does_not_matter():
    made = items(300)
    there = dict(zip([i.key for i in made], split(made), strict=True))
    shuffled = random.Random(1).sample(made, len(made))
    assert dict(zip([i.key for i in shuffled], split(shuffled), strict=True)) == there


def test_another_seed_gives_another_split_and_the_same_seed_the_same():
    assert split(items(100), seed=1) == split(items(100), seed=1) != split(items(100), seed=2)


def test_a_group_is_never_divided():
    made = [Item(f"{i}", ("a",), f"g{i // 5}") for i in range(200)]
    chosen = split(made, (0.6, 0.2, 0.2))
    assert all(len({chosen[i] for i in range(at, at + 5)}) == 1 for at in range(0, 200, 5))
    assert set(chosen) == {"train", "val", "test"}


def test_a_share_of_nothing_gets_nothing():
    assert "test" not in split(items(50), (0.8, 0.2, 0.0))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=3), min_size=20, max_size=80))
def test_every_sample_has_one_split(classes):
    chosen = split([Item(str(i), tuple(found)) for i, found in enumerate(classes)], (0.5, 0.25, 0.25))
    assert len(chosen) == len(classes) and set(chosen) <= {"train", "val", "test"}


@pytest.mark.parametrize("shares", [(0.5, 0.5, 0.5), (1.2, -0.1, -0.1), (0.0, 0.0, 0.0)])
def test_wrong_shares_are_refused(shares):
    with pytest.raises(SplitError, match="expected shares of train, val and test that add up to 1, such as"):
        split(items(5), shares)


def test_copies_are_told_by_content(tmp_path):
    long = "x" * 20_000  # e and f differ only at the end, g and h in nothing
    texts = {"a": "12", "b": "12", "c": "34", "d": "5", "e": long + "1", "f": long + "2", "g": long, "h": long}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    groups = dict(zip(texts, same_content([tmp_path / name for name in texts]), strict=True))
    assert groups["a"] == groups["b"] != groups["g"] == groups["h"]
    assert [name for name, group in groups.items() if not group] == ["c", "d", "e", "f"]
