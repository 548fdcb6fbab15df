"""The splits that a view may name."""

import pytest

from datasets.errors import DatasetNotFound, ViewError
from datasets.storage import collection, store
from datasets.views import splits
from datasets.viewspec import Filter, ViewSpec
from datasets.workspace import Workspace


def test_a_split_is_one_that_the_dataset_has(database: Workspace) -> None:
    store.create("d")
    collection.insert("d", [collection.sample_document(f"/{name}.png", split=name) for name in ("train", "odd")])
    whole = ViewSpec(dataset="d")
    for known in (whole, whole.of_splits("train"), whole.of_splits("train", "odd"), whole.of_splits("")):
        splits.check(known)
    splits.check(whole.narrowed(Filter(field="split", op="none_of", values=("val",))))
    with pytest.raises(ViewError, match=r"expected splits of dataset 'd' \(train, odd\), found 'val' and 'tset'; name"):
        splits.check(whole.of_splits("train", "val", "tset"))
    with pytest.raises(DatasetNotFound):
        splits.check(ViewSpec(dataset="gone").of_splits("train"))


def test_a_dataset_without_splits_says_so(database: Workspace) -> None:
    store.create("d")
    collection.insert("d", [collection.sample_document("/a.png")])
    with pytest.raises(ViewError, match=r"dataset 'd' \(none\), found 'train'"):
        splits.check(ViewSpec(dataset="d").of_splits("train"))
