import base64
import io
import json
import zlib

import numpy as np
from PIL import Image

from tests.helpers import make_image
from tests.stored import imported, pixels

SIZE = (64, 48)


def packed(mask, mode="RGBA"):
    alpha = Image.fromarray((np.array(mask) * 255).astype(np.uint8))
    image = alpha if mode == "L" else Image.merge("RGBA", [Image.new("L", alpha.size, 255)] * 3 + [alpha])
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return base64.b64encode(zlib.compress(stream.getvalue())).decode()


def annotation(path, *objects, tags=()):
    path.parent.mkdir(parents=True, exist_ok=True)
    size = {"height": 48, "width": 64}
    path.write_text(json.dumps({"description": "", "tags": list(tags), "size": size, "objects": list(objects)}))


def thing(title, kind, exterior=(), interior=(), **more):
    points = {"exterior": list(exterior), "interior": list(interior)}
    return {"classTitle": title, "geometryType": kind, "points": points, "tags": [], **more}


def test_a_project_with_all_shapes(tmp_path, database):
    classes = [{"title": name, "shape": "any", "color": "#FF0000"} for name in ("zebra", "car", "unused")]
    (tmp_path / "meta.json").write_text(json.dumps({"classes": classes, "tags": []}))
    for stem in ("a", "b"):
        make_image(tmp_path / "ds" / "img" / f"{stem}.png", SIZE, seed=ord(stem))
    annotation(
        tmp_path / "ds" / "ann" / "a.png.json",
        thing("car", "rectangle", [[30, 40], [10, 20]], tags=[{"name": "colour", "value": "red"}, {"name": "parked"}]),
        thing("zebra", "polygon", [[4, 4], [20, 4], [20, 20], [4, 20]], [[[8, 8], [12, 8], [12, 12], [8, 12]]]),
        thing("car", "bitmap", bitmap={"origin": [40, 2], "data": packed([[1, 0, 1], [1, 1, 1]])}),
        thing("car", "bitmap", bitmap={"origin": [50, 2], "data": packed([[1, 1], [0, 1]], "L")}),
        thing("car", "line", [[0, 0], [5, 5]]), thing("car", "point", [[7, 8]]),
        tags=[{"name": "train", "value": None}, {"name": "night", "value": None}],
    )  # fmt: skip
    annotation(tmp_path / "ds" / "ann" / "b.png.json", tags=[{"name": "val"}])
    found, held = imported(tmp_path)
    assert (found.format, found.findings, found.classes[:3]) == ("supervisely", (), ("zebra", "car", "unused"))
    assert {path: one.split for path, one in held.items()} == {"ds/img/a.png": "train", "ds/img/b.png": "val"}
    sample = held["ds/img/a.png"]
    box, ring, first, second = sample.of()
    assert (box.label, box.box, box.attributes["colour"], box.attributes["parked"]) == (
        "car",
        (10, 20, 20, 20),
        "red",
        True,
    )
    assert (ring.mask == (pixels(SIZE, (4, 4, 20, 20)) & ~pixels(SIZE, (8, 8, 12, 12)))).all()
    assert (
        first.box == (40, 2, 3, 2)
        and (first.mask == pixels(SIZE, (40, 2, 41, 4), (42, 2, 43, 4), (41, 3, 42, 4))).all()
    )
    assert second.box == (50, 2, 2, 2) and second.mask.sum() == 3 and not second.mask[3, 50]
    assert sample.of("ground_truth_polylines")[0].points == ((0, 0), (5, 5))
    assert sample.of("ground_truth_keypoints")[0].points == ((7, 8),)
    assert [one.label for one in sample.of("ground_truth_classifications")] == ["night"]


def test_data_that_cannot_be_unpacked_is_a_finding(tmp_path, database):
    make_image(tmp_path / "ds" / "img" / "a.png", SIZE)
    bomb = base64.b64encode(zlib.compress(bytes(80 << 20))).decode()
    annotation(
        tmp_path / "ds" / "ann" / "a.png.json",
        *(thing("car", "bitmap", bitmap={"origin": [0, 0], "data": data}) for data in (bomb, "AAAA", "%%")),
        thing("car", "cuboid"), thing("car", "rectangle", [[1, 2], [3, 4]]),
    )  # fmt: skip
    found, held = imported(tmp_path)
    assert [one.box for one in held["ds/img/a.png"].of()] == [(1, 2, 2, 2)]
    assert [one.code for one in found.findings] == ["bad_shape"] * 4
