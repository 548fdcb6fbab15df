from datasets.skeleton import Skeleton
from datasets.storage import skeletons, store
from datasets.views import joined
from datasets.workspace import Workspace


def test_every_field_of_key_points_says_how_they_are_joined(database: Workspace) -> None:
    store.create("posed", {"points": "keypoints", "bare": "keypoints", "boxes": "detections"})
    skeletons.declare("posed", "points", Skeleton(("a", "b", "c"), ((0, 1), (1, 2))))
    assert joined.edges("posed") == {"points": ((0, 1), (1, 2)), "bare": ()}
