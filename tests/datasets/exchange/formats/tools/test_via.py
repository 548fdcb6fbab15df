import csv
import json

import pytest

from datasets.exchange.importing import preview
from tests.helpers import make_image
from tests.stored import imported, pixels

SIZE = (64, 48)
RECT = {"name": "rect", "x": 10, "y": 20, "width": 30, "height": 8}
POLYGON = {"name": "polygon", "all_points_x": [4, 20, 20, 4], "all_points_y": [4, 4, 12, 12]}
TRUTH = [("cat", (10, 20, 30, 8), None), ("dog", (4, 4, 16, 8), pixels(SIZE, (4, 4, 20, 12)))]


@pytest.fixture
def images(tmp_path):
    make_image(tmp_path / "a.jpg", SIZE)
    make_image(tmp_path / "b.jpg", SIZE, seed=1)
    return tmp_path


def second(regions):
    """What version 2 exports: an entry for each image."""
    return {
        "a.jpg1234": {"filename": "a.jpg", "size": 1234, "regions": regions, "file_attributes": {}},
        "b.jpg99": {"filename": "b.jpg", "size": 99, "regions": [], "file_attributes": {"caption": "x"}},
    }


def regions(one="cat", two="dog"):
    return [{"shape_attributes": RECT, "region_attributes": {"animal": one}},
            {"shape_attributes": POLYGON, "region_attributes": {"animal": two}}]  # fmt: skip


def right(folder, truth=TRUTH):
    found, held = imported(folder)
    assert (found.format, found.findings) == ("via", ())
    assert held.keys() == {"a.jpg", "b.jpg"} and held["b.jpg"].labels == {}
    assert len(held["a.jpg"].of()) == len(truth)
    for one, (label, box, mask) in zip(held["a.jpg"].of(), truth, strict=True):
        assert (one.label, one.box) == (label, box)
        assert one.mask is None if mask is None else (one.mask == mask).all()


def test_version_2_as_json(images, database):
    (images / "via_region_data.json").write_text(json.dumps(second(regions())))
    right(images)


def test_version_1_with_regions_by_number(images, database):
    numbered = {str(n): one for n, one in enumerate(regions())}
    (images / "via.json").write_text(json.dumps(second(numbered)))
    right(images)


def test_a_project_of_version_2_and_ticked_choices_by_number(images, database):
    options = {"region": {"animal": {"type": "checkbox", "options": {"1": "cat", "2": "dog"}}}, "file": {}}
    ticked = regions({"cat": True}, {"dog": True, "cat": False})
    project = {"_via_settings": {}, "_via_img_metadata": second(ticked), "_via_attributes": options}
    (images / "project.json").write_text(json.dumps(project))
    right(images)


def test_csv(images, database):
    columns = ["filename", "file_size", "file_attributes", "region_count", "region_id", "region_shape_attributes",
               "region_attributes"]  # fmt: skip
    with (images / "via.csv").open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(columns)
        for n, one in enumerate(regions()):
            shape, attributes = json.dumps(one["shape_attributes"]), json.dumps(one["region_attributes"])
            rows.writerow(["a.jpg", 1234, "{}", 2, n, shape, attributes])
        rows.writerow(["b.jpg", 99, "{}", 0, 0, "{}", "{}"])
    right(images)


def test_a_project_of_version_3(images, database):
    project = {
        "project": {"pname": "x"}, "config": {},
        "attribute": {"1": {"aname": "animal", "type": 4, "options": {"0": "cat", "1": "dog"}}},
        "file": {"1": {"fid": 1, "fname": "a.jpg", "type": 2}, "2": {"fid": 2, "fname": "b.jpg", "type": 2}},
        "view": {"1": {"fid_list": ["1"]}, "2": {"fid_list": ["2"]}},
        "metadata": {
            "1_a": {"vid": "1", "flg": 0, "z": [], "xy": [2, 10, 20, 30, 8], "av": {"1": "0"}},
            "1_b": {"vid": "1", "flg": 0, "z": [], "xy": [7, 4, 4, 20, 4, 20, 12, 4, 12], "av": {"1": "1"}},
        },
    }  # fmt: skip
    (images / "via3.json").write_text(json.dumps(project))
    right(images)


def test_regions_without_any_attribute_are_of_one_class_which_is_told(images, database):
    bare = [{"shape_attributes": POLYGON, "region_attributes": {}}]
    (images / "via_region_data.json").write_text(json.dumps(second(bare)))
    found, held = imported(images)
    assert [one.label for one in held["a.jpg"].of()] == ["object"]
    assert [(one.code, one.severity) for one in found.findings] == [("made_up_names", "note")]


def test_several_attributes_and_regions_without_a_class(images):
    made = regions()
    made[0]["region_attributes"] = {"colour": "red", "class": "cat"}
    made[1]["region_attributes"] = {"colour": "blue"}
    made.append({"shape_attributes": {"name": "spiral"}, "region_attributes": {"class": "cat"}})
    (images / "x.json").write_text(json.dumps(second(made)))
    found = preview(images)
    assert found.class_counts == {"cat": 1} and found.records[0].objects[0].attributes == {"colour": "red"}
    assert sorted(one.code for one in found.findings) == ["bad_shape", "bad_shape", "several_attributes"]


def test_circles_ellipses_lines_and_points(images, database):
    shapes = [
        {"name": "circle", "cx": 30, "cy": 20, "r": 5},
        {"name": "ellipse", "cx": 30, "cy": 20, "rx": 9, "ry": 3},
        {"name": "polyline", "all_points_x": [1, 2], "all_points_y": [3, 4]},
        {"name": "point", "cx": 7, "cy": 8},
    ]
    made = [{"shape_attributes": one, "region_attributes": {"type": one["name"]}} for one in shapes]
    (images / "x.json").write_text(json.dumps(second(made)))
    _, held = imported(images)
    circle, ellipse = held["a.jpg"].of()
    assert circle.box == pytest.approx((25, 15, 10, 10), abs=0.1) and circle.mask.sum() == pytest.approx(78.5, rel=0.06)
    assert ellipse.box == pytest.approx((21, 17, 18, 6), abs=0.1) and ellipse.mask.sum() == pytest.approx(
        84.8, rel=0.06
    )
    assert held["a.jpg"].of("ground_truth_polylines")[0].points == ((1, 3), (2, 4))
    assert held["a.jpg"].of("ground_truth_keypoints")[0].points == ((7, 8),)
