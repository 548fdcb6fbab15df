import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from datasets.exchange.importing import preview
from tests.helpers import make_image
from tests.stored import imported, pixels

SIZE = (64, 48)
ELL = [[4, 4], [20, 4], [20, 12], [12, 12], [12, 24], [4, 24]]  # an L of whole pixels
ELL_PIXELS = ((4, 4, 20, 12), (4, 4, 12, 24))


def labelme(path, image, *shapes, flags=None, **more):
    entry = {"version": "5.2.1", "flags": flags or {}, "shapes": list(shapes), "imagePath": image, "imageData": None,
             "imageHeight": 48, "imageWidth": 64, **more}  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(entry), encoding="utf-8")


def shape(label, kind, points, **more):
    return {"label": label, "points": points, "group_id": None, "shape_type": kind, "flags": {}, **more}


def test_all_shapes_beside_images(tmp_path, database):
    make_image(tmp_path / "a.jpg", SIZE)
    make_image(tmp_path / "b.jpg", SIZE, seed=1)
    labelme(
        tmp_path / "a.json", "a.jpg", shape("leaf", "polygon", ELL, group_id=3),
        shape("box", "rectangle", [[40.5, 30], [10, 20]]), shape("hub", "circle", [[32, 24], [32, 14]]),
        shape("edge", "linestrip", [[0, 0], [10, 10], [20, 0]]), shape("tip", "point", [[7, 9]]),
        flags={"blurry": True, "dark": False},
    )  # fmt: skip
    labelme(tmp_path / "b.json", "b.jpg")
    found, held = imported(tmp_path)
    assert (found.format, found.findings) == ("labelme", ())
    assert held.keys() == {"a.jpg", "b.jpg"} and held["b.jpg"].labels == {}
    leaf, box, hub = held["a.jpg"].of()
    assert (leaf.label, leaf.box, leaf.attributes["group_id"]) == ("leaf", (4, 4, 16, 20), 3)
    assert (leaf.mask == pixels(SIZE, *ELL_PIXELS)).all()
    assert (box.label, box.box, box.mask) == ("box", (10, 20, 30.5, 10), None)
    y, x = np.mgrid[:48, :64] + 0.5
    disc = (x - 32) ** 2 + (y - 24) ** 2 < 100
    assert hub.box == pytest.approx((22, 14, 20, 20), abs=0.1) and (hub.mask ^ disc).sum() < 0.06 * disc.sum()
    (edge,) = held["a.jpg"].of("ground_truth_polylines")
    (tip,) = held["a.jpg"].of("ground_truth_keypoints")
    (flag,) = held["a.jpg"].of("ground_truth_classifications")
    assert edge.points == ((0, 0), (10, 10), (20, 0)) and edge.attributes["closed"] is False
    assert (tip.label, tip.points, flag.label) == ("tip", ((7, 9),), "blurry")


def test_a_mask_is_put_at_its_first_point(tmp_path, database):
    make_image(tmp_path / "a.png", SIZE)
    stream = io.BytesIO()
    Image.fromarray(np.array([[255, 0, 255], [255, 255, 255]], np.uint8)).convert("1").save(stream, "PNG")
    text = base64.b64encode(stream.getvalue()).decode()
    labelme(tmp_path / "a.json", "a.png", shape("hole", "mask", [[10, 20], [12, 21]], mask=text))
    _, held = imported(tmp_path)
    (mask,) = held["a.png"].of()
    assert mask.box == (10, 20, 3, 2)
    assert (mask.mask == pixels(SIZE, (10, 20, 11, 22), (12, 20, 13, 22), (11, 21, 12, 22))).all()


def test_json_in_folders_of_their_own_and_equal_names(tmp_path, database):
    for number, cam in enumerate(("cam1", "cam2")):
        make_image(tmp_path / "images" / cam / "1.jpg", SIZE, seed=number)
        labelme(tmp_path / "json" / cam / "1.json", "..\\..\\images\\1.jpg", shape(cam, "rectangle", [[1, 2], [3, 4]]))
    found, held = imported(tmp_path)
    assert {path: [one.label for one in sample.of()] for path, sample in held.items()} == {
        "images/cam1/1.jpg": ["cam1"], "images/cam2/1.jpg": ["cam2"],
    }  # fmt: skip
    assert held["images/cam1/1.jpg"].tags == ["cam1"] and [one.code for one in found.findings] == ["groups_kept"]


def test_a_copied_json_names_another_image(tmp_path, database):
    for number in range(2):
        make_image(tmp_path / f"{number}.jpg", SIZE, seed=number)
        labelme(tmp_path / f"{number}.json", "0.jpg", shape(f"c{number}", "rectangle", [[1, 2], [3, 4]]))
    found, held = imported(tmp_path)
    assert [held[f"{number}.jpg"].of()[0].label for number in range(2)] == ["c0", "c1"]
    assert [(one.code, one.count) for one in found.findings] == [("wrong_filename", 1)]
    assert found.findings[0].where.endswith("1.json")


def test_an_image_that_is_in_the_json_alone_is_told(tmp_path):
    make_image(tmp_path / "a.jpg", SIZE)
    labelme(tmp_path / "a.json", "a.jpg", shape("x", "rectangle", [[1, 2], [3, 4]]))
    labelme(tmp_path / "b.json", "b.jpg", shape("x", "rectangle", [[1, 2], [3, 4]]), imageData="iVBORw0KGgo=")
    found = preview(tmp_path)
    assert found.count == 1 and [(one.code, one.where) for one in found.findings] == [
        ("embedded_image", str(tmp_path / "b.json"))
    ]


def test_what_makes_no_sense_is_left_out_and_told(tmp_path):
    make_image(tmp_path / "a.jpg", SIZE)
    labelme(
        tmp_path / "a.json", "a.jpg", shape("good", "rectangle", [[1, 2], [3, 4]]),
        shape("two", "polygon", [[1, 1], [2, 2]]), shape("odd", "spline", [[1, 1]]), shape(None, "point", [[1, 1]]),
        shape("text", "rectangle", [["x", 2], [3, 4]]),
    )  # fmt: skip
    (tmp_path / "c.json").write_text('{"shapes": [{"label": "x"}, ', encoding="utf-8")
    make_image(tmp_path / "c.jpg", SIZE, seed=1)
    found = preview(tmp_path, "labelme")
    assert found.class_counts["good"] == found.labels == 1
    codes = [one.code for one in found.findings]
    assert codes.count("bad_shape") == 4


def test_the_order_of_labels_txt(tmp_path):
    make_image(tmp_path / "a.jpg", SIZE)
    labelme(tmp_path / "a.json", "a.jpg", shape("a", "rectangle", [[1, 2], [3, 4]]))
    (tmp_path / "labels.txt").write_text("__ignore__\n_background_\nzebra\na\n")
    assert preview(tmp_path).classes == ("zebra", "a")
