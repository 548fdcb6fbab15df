"""Which image a name means: cleaned, as it stands, by the end of its path; never one of several, never another's."""

import json
from pathlib import Path

import pytest

from datasets.exchange.formats.common import imagenames
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.importing import ingest, preview
from datasets.exchange.previews import Preview
from datasets.storage import collection
from datasets.workspace import Workspace
from tests.helpers import make_image, run_foveal


def coco(folder: Path, names: list[str], file: str = "annotations.json") -> Path:
    """A COCO file with a class of its own for each name: the label says which name its image was found by."""
    folder.mkdir(parents=True, exist_ok=True)
    images = [{"id": n, "file_name": name, "width": 64, "height": 48} for n, name in enumerate(names)]
    boxes = [{"id": n, "image_id": n, "category_id": n, "bbox": [n, 2, 10, 9]} for n in range(len(names))]
    classes = [{"id": n, "name": f"of {n}"} for n in range(len(names))]
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"images": images, "annotations": boxes, "categories": classes}), encoding="utf-8")
    return path


def placed(found: Preview, root: Path) -> dict[str, list[str]]:
    """Classes by the place of their image below the root."""
    return {str(one.path.relative_to(root)): [label.label for label in one.objects] for one in found.records}


def codes(found: Preview) -> list[str]:
    return [one.code for one in found.findings if one.code not in ("own_split", "no_splits")]


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("images\\cam1\\a.jpg", "images/cam1/a.jpg"),
        ("D:\\work\\set\\cam1\\a.jpg", "images/cam1/a.jpg"),
        ("\\\\server\\share\\cam1\\a.jpg", "deep/down/cam1/a.jpg"),
        ("/content/drive/MyDrive/set/cam1/a.jpg", "images/cam1/a.jpg"),
        ("/cam1/a.jpg", "images/cam1/a.jpg"),
        ("../../elsewhere/cam1/a.jpg", "photos/cam1/a.jpg"),
        ("..\\..\\label-studio\\..\\a.png", "images/a.png"),
        ("file:///C:/data/cam1/a.jpg", "images/cam1/a.jpg"),
        ("file:///home/x/my%20set/a.jpg", "my set/a.jpg"),
        ("https://host.example/bucket/cam1/a%20b.jpg?X-Amz-Date=1&sig=%2F", "images/cam1/a b.jpg"),
        ("s3://bucket/set/cam1/a.jpg", "cam1/a.jpg"),
        ("/data/local-files/?d=set%2Fcam1/a.jpg", "images/cam1/a.jpg"),
        ("/data/upload/7/0a1b2c3d-a.jpg", "images/a.jpg"),
        ("/data/upload/7/0a1b2c3d-a.jpg", "images/0a1b2c3d-a.jpg"),
        ("images\\1/90fbb0c7-a.jpg", "images/90fbb0c7-a.jpg"),
        ("line%200%20%28copy%29.jpg", "images/line 0 (copy).jpg"),
        ("100%.jpg", "images/100%.jpg"),
        ("a%20b.jpg", "images/a%20b.jpg"),
        ("what?.jpg", "images/what?.jpg"),
        ("a.jpg?raw=true", "images/a.jpg"),
        (" a.jpg ", "images/a.jpg"),
        ("IMG_7.JPG", "images/img_7.jpg"),
        ("Stra\u00dfe.jpg", "images/STRASSE.JPG"),
        ("a\u0308.jpg", "images/\u00e4.jpg"),
        ("a", "images/a.jpg"),
        ("cam1/a", "deep/cam1/a.jpg"),
        ("v1.2_a", "images/v1.2_a.png"),
        ("a.png", "images/a.jpg"),
        ("a.tif", "deep/down/a.png"),
        ("./images/./a.jpg", "images/a.jpg"),
        ("other/images/a.jpg", "images/a.jpg"),
        ("data/images/a.jpg", "set/images/a.jpg"),
    ],
)
def test_a_name_that_another_system_wrote_finds_its_image(name: str, image: str, tmp_path: Path) -> None:
    make_image(tmp_path / image)
    make_image(tmp_path / "unrelated" / "z.jpg", seed=1)
    coco(tmp_path, [name])
    found = preview(tmp_path)
    assert placed(found, tmp_path) == {image: ["of 0"]} and not found.outside


@pytest.mark.parametrize(
    ("names", "images", "wanted"),
    [
        # the folders of the names tell the images apart, wherever these lie
        (["/x/cats/1.jpg", "/x/dogs/1.jpg"], ["cats/1.jpg", "dogs/1.jpg"], {0: "cats/1.jpg", 1: "dogs/1.jpg"}),
        (["d/cats/1.jpg", "d/dogs/1.jpg"], ["a/cats/1.jpg", "b/dogs/1.jpg"], {0: "a/cats/1.jpg", 1: "b/dogs/1.jpg"}),
        # an image is not taken for another name that merely ends like it
        (["cats/1.jpg", "dogs/1.jpg"], ["cats/1.jpg"], {0: "cats/1.jpg"}),
        (["dogs/1.jpg", "cats/1.jpg"], ["cats/1.jpg"], {1: "cats/1.jpg"}),
        (["/x/dogs/1.jpg", "/x/cats/1.jpg"], ["images/cats/1.jpg"], {1: "images/cats/1.jpg"}),
        (["s1/1.jpg", "s2/1.jpg"], ["images/1.jpg"], {}),
        (["11111111-a.jpg", "22222222-a.jpg"], ["images/a.jpg"], {}),
        (["a.png", "a.jpg"], ["images/a.jpg"], {1: "images/a.jpg"}),
        # two that fit equally well
        (["1.jpg"], ["cats/1.jpg", "dogs/1.jpg"], {}),
        (["/x/1.jpg"], ["cats/1.jpg", "dogs/1.jpg"], {}),
        (["a"], ["images/a.jpg", "images/a.png"], {}),
        (["A.JPG"], ["images/a.jpg", "images/a.JPG"], {}),
        # letters decide between those that differ in case alone
        (["x/A.jpg", "x/a.jpg"], ["y/A.jpg", "z/a.jpg"], {0: "y/A.jpg", 1: "z/a.jpg"}),
        # a mask is no photo
        (["a.png"], ["photos/a.png", "masks/a.png"], {0: "photos/a.png"}),
        (["a.jpg"], ["masks/a.png"], {}),
    ],
)
def test_no_label_goes_to_the_image_of_another_name(
    names: list[str], images: list[str], wanted: dict[int, str], tmp_path: Path
) -> None:
    for number, image in enumerate(images):
        make_image(tmp_path / image, seed=number)
    make_image(tmp_path / "other.jpg", seed=99)
    coco(tmp_path, [*names, "other.jpg"])
    found = preview(tmp_path)
    own = {place: labels for place, labels in placed(found, tmp_path).items() if place != "other.jpg"}
    assert own == {place: [f"of {number}"] for number, place in wanted.items()}
    assert len(wanted) == len(names) or found.findings


def test_two_that_fit_are_named_and_counted_once(tmp_path: Path) -> None:
    for number in range(30):
        for folder in ("left", "right"):
            make_image(tmp_path / folder / f"{number}.jpg", (8, 8))
    make_image(tmp_path / "only.jpg", seed=1)
    coco(tmp_path, ["only.jpg", *(f"{number}.jpg" for number in range(30))])
    (told,) = [one for one in preview(tmp_path).findings if one.code == "several_images"]
    assert told.count == 30 and told.severity == "warning" and len(told.paths) == 20
    assert str(tmp_path / "left" / "0.jpg") in told.found and str(tmp_path / "right" / "0.jpg") in told.found


def test_the_place_of_a_label_file_decides_between_equal_names(tmp_path: Path) -> None:
    for seed, split in enumerate(("train", "val")):
        make_image(tmp_path / split / "photos" / "1.jpg", seed=seed)
        coco(tmp_path, ["1.jpg"], f"annotations/instances_{split}2020.json")
    found = preview(tmp_path)
    assert {str(one.path.relative_to(tmp_path)): one.split for one in found.records} == {
        "train/photos/1.jpg": "train", "val/photos/1.jpg": "val",
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["data:image/png;base64,iVBORw0KGgo=", "https://host.example/far.jpg", "gs://b/far.jpg"]
)
def test_nothing_is_fetched(name: str, tmp_path: Path) -> None:
    make_image(tmp_path / "a.jpg")
    coco(tmp_path, ["a.jpg", name])
    found = preview(tmp_path)
    assert found.count == 1 and "web_images" in codes(found)
    assert "nothing is fetched" in " ".join(map(str, found.findings))


def test_labels_far_from_their_images(tmp_path: Path, database: Workspace) -> None:
    for number in range(3):
        make_image(tmp_path / "photos" / "batch1" / f"{number}.jpg", seed=number)
    file = coco(tmp_path / "export", [f"C:\\x\\{number}.jpg" for number in range(3)], "train.json")
    alone = preview(file)
    (error,) = [one for one in alone.findings if one.severity == "error"]
    assert alone.count == 0 and "--images DIR" in error.action and str(tmp_path / "photos" / "batch1") in error.action
    far = preview(file, images=[tmp_path / "photos"])
    ingest(far, "far", None)
    stored = {Path(raw["filepath"]).name: raw["ground_truth"]["detections"] for raw in collection.stream("far")}
    assert {name: [one["label"] for one in labels] for name, labels in stored.items()} == {
        f"{number}.jpg": [f"of {number}"] for number in range(3)
    }
    assert not any(one.code in ("outside", "outside_read") for one in far.findings)


def test_the_folder_of_a_person_goes_before_others_of_the_source(tmp_path: Path) -> None:
    make_image(tmp_path / "set" / "thumbnails" / "a.jpg")
    far = make_image(tmp_path / "photos" / "a.jpg", seed=1)
    coco(tmp_path / "set", ["a.jpg"])
    assert [one.path for one in preview(tmp_path / "set", images=[tmp_path / "photos"]).records] == [far]


def test_the_command_line_takes_folders_of_images(tmp_path: Path, workspace: Workspace) -> None:
    make_image(tmp_path / "photos" / "a.jpg")
    file = coco(tmp_path / "export", ["a.jpg"], "train.json")
    words = ("import", file, "--dry-run", "--json", "--home", workspace.home, "--images")
    assert json.loads(run_foveal(*words, tmp_path / "photos"))["preview"]["labels"] == 1
    with pytest.raises(AssertionError, match="--images: expected a folder, found none at"):
        run_foveal(*words, tmp_path / "nowhere")


def test_a_name_may_be_tried_without_a_word(tmp_path: Path) -> None:
    image = make_image(tmp_path / "deep" / "a.jpg")
    bounds = Bounds.of(tmp_path)
    assert bounds.seek("nowhere.jpg", [tmp_path]) is None and bounds.seek("a", [tmp_path]) == image
    assert bounds.hint() == "" and bounds.settled()


def test_ways_to_read_a_name() -> None:
    assert imagenames.ways("a/b.jpg") == ("a/b.jpg",)
    assert imagenames.ways("a%20b.jpg")[0] == "a%20b.jpg" and "a b.jpg" in imagenames.ways("a%20b.jpg")
    assert imagenames.ways("http://[bad/a.jpg")[0] == "http://[bad/a.jpg"
    assert imagenames.ways("data:image/png;base64,AA") == ()
    assert imagenames.parts("C:/x/../a.jpg") == ("x", "a.jpg")
    assert (
        imagenames.without_prefix("x/0a1b2c3d-a.jpg") == "x/a.jpg"
        and imagenames.without_prefix("holiday-a.jpg") is None
    )
