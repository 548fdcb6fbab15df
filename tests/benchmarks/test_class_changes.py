"""A class renamed over a whole field: ours, with a journal and an undo, beside FiftyOne's `map_labels`, without."""

import os

import pytest

from datasets.labeling import classes
from datasets.labeling.class_changes import ClassChange
from datasets.records import Label
from datasets.review import warm
from datasets.storage import collection, store, vendor
from datasets.storage.labels import to_document
from tests.benchmarks.measure import Bench

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
SAMPLES = int(os.environ.get("FOVEAL_BENCH_RENAMED", "5000"))
METADATA = collection.image_metadata(640, 480, 1, "image/png", 3)


def made(name: str) -> None:
    """Twenty labels on each sample, half of them cats."""
    store.create(name, {"boxes": "detections"}, ["cat", "dog"])
    boxes = [Label(("cat", "dog")[k % 2], (0.1, 0.1, 0.2, 0.2)) for k in range(20)]
    collection.insert(name, (
        collection.sample_document(f"/nowhere/{k}.png", METADATA, boxes=to_document("detections", boxes))
        for k in range(SAMPLES)))  # fmt: skip


def test_a_class_is_renamed(bench: Bench) -> None:
    warm.warm()
    for name in ("ours", "peer"):
        made(name)

    names = iter((("cat", "lynx"), ("lynx", "puma")))  # ours is measured twice

    def ours() -> dict[str, int]:
        old, new = next(names)
        classes.apply("ours", "boxes", ClassChange(action="rename", names=(old,), into=new))
        return dict(store.summary("ours").class_counts["boxes"])

    def peer() -> dict[str, int]:
        dataset = vendor.fiftyone().load_dataset("peer")
        dataset.map_labels("boxes", {"cat": "puma"}).save()
        return dict(store.summary("peer").class_counts["boxes"])

    bench.compare("classes: rename", SAMPLES * 10, ours, "map_labels", peer, lambda a, b: a == b)
    for name in ("ours", "peer"):
        store.delete(name)
