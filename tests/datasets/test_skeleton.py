import pytest

from datasets.skeleton import COCO, Skeleton, guessed, mirrored, sigmas_of


def test_the_table_of_coco_is_that_of_pycocotools() -> None:
    from pycocotools.cocoeval import Params

    assert sigmas_of(COCO, 17) == pytest.approx(Params("keypoints").kpt_oks_sigmas.tolist(), abs=0)
    assert len(COCO.points) == 17 and len(COCO.edges) == 19


def test_sigmas_are_the_own_ones_then_those_of_a_person_then_all_alike() -> None:
    named = Skeleton(tuple("abcdefghijklmnopq"))
    assert sigmas_of(None, 17) == COCO.sigmas and sigmas_of(named, 17) == (1 / 17,) * 17
    assert sigmas_of(Skeleton(("a", "b"), (), (0.1, 0.2)), 2) == (0.1, 0.2)
    assert sigmas_of(None, 4) == (0.25,) * 4 and sigmas_of(None, 0) == ()
    assert guessed(17) == COCO and guessed(16) is None


def test_sides_change_places_in_a_mirror() -> None:
    assert mirrored(COCO.points) == (0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15)
    assert mirrored(["head", "eyeL", "eyeR", "Left Hand", "Right Hand"]) == (0, 2, 1, 4, 3)
    assert mirrored(["l_hip", "r_hip", "glare"]) == (1, 0, 2)
    assert mirrored(["left_eye", "nose"]) == () and mirrored([]) == () and mirrored(["a", "a"]) == ()


def test_a_skeleton_is_the_same_after_json() -> None:
    assert Skeleton.read(COCO.plain()) == COCO and Skeleton.read({}) is None


@pytest.mark.parametrize(
    ("edges", "sigmas", "words"),
    [(((0, 2),), (), r"edges between 2 points.*\(0, 2\)"), ((), (0.1,), "2 sigmas above 0, found"),
     ((), (0.1, 0.0), "sigmas above 0")],
)  # fmt: skip
def test_what_does_not_fit_the_points_is_refused(edges: tuple, sigmas: tuple, words: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(ValueError, match=words):
        Skeleton(("a", "b"), edges, sigmas)
