from datasets.skeleton import COCO, Skeleton
from datasets.storage import collection, documents, skeletons, store, vendor
from datasets.workspace import Workspace

NAME = "posed"


def test_what_is_declared_is_read_by_fiftyone_and_by_us(database: Workspace) -> None:
    store.create(NAME, {"points": "keypoints"})
    skeletons.declare(NAME, "points", COCO)
    dataset = collection.load(NAME)
    dataset.reload()
    assert dataset.skeletons["points"].labels == list(COCO.points)
    assert dataset.skeletons["points"].edges == [list(edge) for edge in COCO.edges]
    assert skeletons.of(documents.of(NAME), "points") == COCO and skeletons.of(documents.of(NAME), "other") is None
    skeletons.declare(NAME, "points", None)
    assert skeletons.of(documents.of(NAME), "points") is None


def test_chains_of_fiftyone_are_pairs_here(database: Workspace) -> None:
    fo = vendor.fiftyone()
    store.create(NAME, {"points": "keypoints"})
    dataset = collection.load(NAME)
    dataset.default_skeleton = fo.KeypointSkeleton(labels=["a", "b", "c"], edges=[[0, 1, 2], [0, 2]])
    dataset.skeletons = {"bare": fo.KeypointSkeleton(edges=[[0, 1]])}
    dataset.save()
    found = documents.of(NAME)
    assert skeletons.of(found, "points") == Skeleton(("a", "b", "c"), ((0, 1), (1, 2), (0, 2)))
    assert skeletons.of(found, "bare") == Skeleton((), ((0, 1),))


def test_edges_to_points_that_are_not_there_join_nothing() -> None:
    found = {"skeletons": {"points": {"labels": ["a"], "edges": [[0, 3]]}}}
    assert skeletons.of(found, "points") == Skeleton(("a",))
