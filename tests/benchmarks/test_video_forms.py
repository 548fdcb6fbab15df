"""The two forms that a video may have, side by side: images with `sequence` and `frame_number`, or frame documents.

10,000 frames (20 videos of 500) with 20 labels each, as FOVEAL_BENCH_FRAMES says; "ours" in the table are images, the
canonical form.
"""

import os
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

from datasets.review import warm
from datasets.storage import (
    collection,
    columns,
    database,
    documents,
    frame_collection,
    frames,
    labels,
    layout,
    replies,
    schemas,
    store,
    vendor,
)
from tests.benchmarks.measure import Bench

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
VIDEOS, OBJECTS, CLASSES = 20, 20, [f"class {k}" for k in range(10)]
FRAMES = int(os.environ.get("FOVEAL_BENCH_FRAMES", "10000")) // VIDEOS
IMAGES, FIELD, FOUND = "as images", "ground_truth", "pred_r1"
PEER = "frame documents"
WANTED = columns.Wanted([f"{FIELD}.detections"], numbers=["frame_number"], extra=["index"])
Document = dict[str, Any]


@pytest.fixture(scope="module", autouse=True)
def both(bench: Bench) -> Iterator[None]:
    """The same labels in both forms."""
    warm.warm()
    vendor.fiftyone()
    bench.compare("video: make", VIDEOS * FRAMES, as_images, PEER, as_frames, lambda a, b: a == b)
    yield
    for name in (IMAGES, PEER):
        store.delete(name)


@cache
def boxes(video: int) -> Any:
    """Boxes (frames, objects, 4) of one video."""
    return np.random.default_rng(video).uniform(0.05, 0.4, (FRAMES, OBJECTS, 4)).round(6)


def document(video: int, number: int) -> Document:
    """The labels of one frame, counted from 1."""
    names = [CLASSES[(video + k) % len(CLASSES)] for k in range(OBJECTS)]
    made = labels.detections(names, boxes(video)[number - 1].tolist(), [None] * OBJECTS)
    for k, one in enumerate(made):
        one["index"] = k
    return {"_cls": "Detections", "detections": made}


def numbers() -> Iterator[tuple[int, int]]:
    return ((video, number) for video in range(VIDEOS) for number in range(1, FRAMES + 1))


def fresh(name: str) -> None:
    if store.exists(name):
        store.delete(name)


def as_images() -> int:
    fresh(IMAGES)
    store.create(IMAGES, {FIELD: "detections"}, CLASSES, {"sequence": "string", "frame_number": "int"})
    made = (
        collection.sample_document(
            f"/nowhere/{v:02d}/{n:06d}.jpg", collection.image_metadata(1280, 720, 100_000, "image/jpeg", 3),
            sequence=f"{v:02d}", frame_number=n, **{FIELD: document(v, n)},
        )
        for v, n in numbers()
    )  # fmt: skip
    written = len(collection.insert(IMAGES, made))
    collection.samples(IMAGES).create_index([("sequence", 1), ("frame_number", 1)])
    schemas.declare(IMAGES, {FOUND: "detections"})
    return written


def as_frames() -> int:
    fresh(PEER)
    fo = vendor.fiftyone()
    dataset = fo.Dataset(PEER, persistent=True)
    dataset.media_type = "video"
    about = {"_cls": "VideoMetadata", "frame_width": 1280, "frame_height": 720, "total_frame_count": FRAMES}
    made = (collection.sample_document(f"/nowhere/{v:02d}.mp4", about, _media_type="video") for v in range(VIDEOS))
    ids = collection.insert(PEER, made)
    for field in (FIELD, FOUND):
        frames.declare(PEER, field, "detections")
    return frame_collection.write(PEER, ((ids[v], n, {FIELD: document(v, n)}) for v, n in numbers()))


def ids_of(name: str) -> list[str]:
    return [str(one["_id"]) for one in collection.stream(name, projection={"_id": 1})]


def track(documents: Any, index: int) -> list[list[float]]:
    """Boxes of one object in the order of frames."""
    return [one["bounding_box"] for found in documents for one in found[FIELD]["detections"] if one["index"] == index]


def test_write_what_a_tracker_found(bench: Bench) -> None:
    images, videos = ids_of(IMAGES), ids_of(PEER)
    keys = dict(zip(numbers(), images, strict=True))

    def mine() -> int:
        return collection.update(IMAGES, ((keys[v, n], {FOUND: document(v, n)}) for v, n in numbers()))

    def theirs() -> int:
        return frame_collection.write(PEER, ((videos[v], n, {FOUND: document(v, n)}) for v, n in numbers()))

    bench.compare("video: write tracks", VIDEOS * FRAMES, mine, PEER, theirs, lambda a, b: a == b)


def test_read_single_frames(bench: Bench) -> None:
    chosen = [(v, n) for v in range(VIDEOS) for n in range(1, FRAMES, max(1, FRAMES // 10))]
    videos = ids_of(PEER)

    def mine() -> list[Any]:
        found = collection.samples(IMAGES)
        return [track([found.find_one({"sequence": f"{v:02d}", "frame_number": n}, {FIELD: 1})], 3) for v, n in chosen]

    def theirs() -> list[Any]:
        keys = [layout.object_id(videos[v]) for v, _ in chosen]
        found = frame_collection.frames(PEER)
        rows = zip(keys, chosen, strict=True)
        return [track([found.find_one({"_sample_id": k, "frame_number": n}, {FIELD: 1})], 3) for k, (_, n) in rows]

    bench.compare("video: read a frame", len(chosen), mine, PEER, theirs, lambda a, b: a == b, 3)


def test_read_one_track(bench: Bench) -> None:
    key = ids_of(PEER)[7]
    keep = [f"{FIELD}.detections.index", f"{FIELD}.detections.bounding_box"]

    def mine() -> Any:
        order = [("sequence", 1), ("frame_number", 1)]
        return track(collection.stream(IMAGES, {"sequence": "07"}, dict.fromkeys(keep, 1), order), 3)

    def theirs() -> Any:
        return track(frame_collection.stream(PEER, {}, dict.fromkeys(keep, 1), [key]), 3)

    bench.compare("video: read a track", FRAMES, mine, PEER, theirs, lambda a, b: len(a) == FRAMES and a == b, 3)


def test_count_by_class(bench: Bench) -> None:
    def theirs() -> dict[str, int]:
        return collection.class_tally(frame_collection.frames(PEER), {}, f"{FIELD}.detections.label")

    def mine() -> dict[str, int]:
        return collection.class_tally(collection.samples(IMAGES), {}, f"{FIELD}.detections.label")

    bench.compare("video: count classes", VIDEOS * FRAMES, mine, PEER, theirs, lambda a, b: a == b)


def test_open_a_page(bench: Bench) -> None:
    """60 frames with their labels, from the middle."""
    videos, start = ids_of(PEER), FRAMES // 2

    def mine() -> Any:
        here = {"sequence": "10", "frame_number": {"$gte": start, "$lt": start + 60}}
        found = collection.stream(IMAGES, here, sort=[("sequence", 1), ("frame_number", 1)])
        return [len(labels.from_document(one[FIELD])) for one in found]

    def theirs() -> Any:
        here = {"frame_number": {"$gte": start, "$lt": start + 60}}
        found = frame_collection.stream(PEER, here, {FIELD: 1}, [videos[10]])
        return [len(labels.from_document(one[FIELD])) for one in found]

    bench.compare("video: open a page", 60, mine, PEER, theirs, lambda a, b: a == b, 3)


def test_read_columns(bench: Bench) -> None:
    def theirs() -> columns.Columns:
        found = frame_collection.frames(PEER)
        command = {"find": found.name, "filter": {}, "projection": WANTED.projection}
        order = {"sort": {"_sample_id": 1, "frame_number": 1}}
        return columns.joined(list(columns.stream(replies._raw(found, {**command, **order}), WANTED)), WANTED)

    def same(a: columns.Columns, b: columns.Columns) -> bool:
        one, other = a.labels[f"{FIELD}.detections"], b.labels[f"{FIELD}.detections"]
        return bool((one.box == other.box).all() and one.extra == other.extra and len(a) == VIDEOS * FRAMES)

    bench.compare("video: read columns", VIDEOS * FRAMES, lambda: columns.read(IMAGES, WANTED), PEER, theirs, same, 2)


def test_size_on_disk(bench: Bench) -> None:
    del bench
    base = database.connect()
    base.client.admin.command("fsync")
    sizes = {}
    for name in (IMAGES, PEER):
        found = documents.of(name)
        parts = [found["sample_collection_name"], found.get("frame_collection_name")]
        stats = [base.command("collStats", one) for one in parts if one]
        sizes[name] = sum(one["storageSize"] - one["freeStorageSize"] + one["totalIndexSize"] for one in stats) / 1e6
    print("\nsize on disk in MB:", {name: round(size, 1) for name, size in sizes.items()})
    assert max(sizes.values()) < 2 * min(sizes.values())
