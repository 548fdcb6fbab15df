from datasets.records import Label
from datasets.skeleton import Skeleton
from datasets.storage import collection, labels, skeletons, store
from datasets.views import joined, resolve
from datasets.viewspec import Filter, ViewSpec
from datasets.workspace import Workspace


def test_every_field_of_key_points_says_how_they_are_joined(database: Workspace) -> None:
    store.create("posed", {"points": "keypoints", "bare": "keypoints", "boxes": "detections"})
    skeletons.declare("posed", "points", Skeleton(("a", "b", "c"), ((0, 1), (1, 2))))
    assert joined.edges("posed") == {"points": ((0, 1), (1, 2)), "bare": ()}


def test_the_confidence_of_a_pose_is_its_own_not_that_of_its_points(database: Workspace) -> None:
    store.create("posed", {"pred_r1": "keypoints"})
    for sure in (0.9, 0.2):
        pose = Label("a", (0.1, 0.1, 0.5, 0.5), sure, points=(((0.2, 0.2),),), attributes={"confidences": [0.6]})
        held = labels.to_document("keypoints", [pose])
        collection.insert("posed", [collection.sample_document(f"/nowhere/{sure}.png", pred_r1=held)])
    least = Filter(field="pred_r1.confidence", op="at_least", values=(0.5,))
    counted = Filter(field="pred_r1", op="count_at_least", values=("a", 1, 0.5))
    for one in (least, counted):
        (found,) = resolve.ids(ViewSpec(dataset="posed", filters=(one,)))
        assert collection.load("posed")[found].filepath == "/nowhere/0.9.png"
