"""Label Studio's JSON: tasks as it writes them are read, imported, exported, and say the same again."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets.exchange import exporting, importing
from datasets.exchange.formats.base import Draft, Source
from datasets.exchange.formats.common import files
from datasets.exchange.formats.labelstudio import project as labelstudio
from datasets.exchange.formats.labelstudio.brush_rle import decoded, encoded
from datasets.images import masks
from datasets.images.outlines import mask_of
from datasets.kinds import DETECTIONS, KEYPOINTS, POLYLINES
from datasets.records import Label
from datasets.storage import collection, labels, store
from datasets.views import label_schemas
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from tests.helpers import make_image

BRUSH = np.zeros((120, 160), np.uint8)
BRUSH[20:31, 40:77] = 1
BRUSH[25, 50:60] = 0
SIZE = {"original_width": 160, "original_height": 120, "image_rotation": 0}


def result(key: str, kind: str, name: str, value: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One result, as Label Studio writes it."""
    return {**SIZE, "value": value, "id": key, "from_name": name, "to_name": "img", "type": kind,
            "origin": "manual", **more}  # fmt: skip


def rectangle(key: str, label: str, rotation: float = 0, **more: Any) -> dict[str, Any]:
    place = {"x": 50.8, "y": 5.869797225186766, "width": 12.4, "height": 10.458911419423693, "rotation": rotation}
    return result(key, "rectanglelabels", "tag", {**place, "rectanglelabels": [label]}, **more)


def tasks() -> list[dict[str, Any]]:
    """Two tasks: one with everything, by two people and a model, one without annotations."""
    points = [[10.5, 20.25], [30.125, 20.25], [20.0, 61.3]]
    polygon = result("p1", "polygonlabels", "poly", {"points": points, "closed": True, "polygonlabels": ["Lake"]})
    first = [
        rectangle("Dx_aB91ISN", "Car"),
        result("Dx_aB91ISN", "choices", "colour", {
            "x": 50.8, "y": 5.869797225186766, "width": 12.4, "height": 10.458911419423693, "rotation": 0,
            "choices": ["red"]}),
        result("Dx_aB91ISN", "number", "doors", {"number": 4}),
        result("Dx_aB91ISN", "textarea", "plate", {"text": ["B 12"]}),
        rectangle("turned", "Car", 30),
        {**polygon, "meta": {"text": ["a note"]}},
        result("line", "polygonlabels", "poly", {"points": points[:2], "closed": False, "polygonlabels": ["Road"]}),
        result("b1", "brushlabels", "brush", {"format": "rle", "rle": encoded(BRUSH), "brushlabels": ["Cat"]}),
        result("k1", "keypointlabels", "kp", {"x": 12.5, "y": 40.0, "width": 0.3, "keypointlabels": ["Nose"]}),
        {"value": {"choices": ["Day", "Rain"]}, "id": "c1", "from_name": "scene", "to_name": "img", "type": "choices",
         "origin": "manual"},
        {"value": {"text": ["a whole image"]}, "id": "t1", "from_name": "about", "to_name": "img", "type": "textarea"},
        {"from_id": "p1", "to_id": "b1", "type": "relation", "direction": "right"},
    ]  # fmt: skip
    first[1]["value"] = {"choices": ["red"]}
    annotations = [
        {"id": 1, "was_cancelled": True, "completed_by": 3, "result": [rectangle("gone", "Car")]},
        {"id": 1001, "completed_by": 10, "result": first, "was_cancelled": False, "ground_truth": False,
         "lead_time": 4.288, "created_at": "2021-03-09T22:16:08.728353Z", "task": 1},
        {"id": 1002, "completed_by": 11, "result": [rectangle("other", "Bus")], "was_cancelled": False},
    ]  # fmt: skip
    predictions = [{"id": 5, "model_version": "model 1", "score": 0.7,
                    "result": [rectangle("t5sp3TyXPo", "Car", score=0.5)]}]  # fmt: skip
    image = "/data/upload/83/4c6f1a2b-a.png"
    return [
        {"id": 1, "created_at": "2021-03-09T21:52:49.513742Z", "project": 83, "data": {"image": image, "who": "x"},
         "annotations": annotations, "predictions": predictions},
        {"id": 2, "project": 83, "data": {"image": "/data/local-files/?d=images/b%20c.png"}, "annotations": [],
         "predictions": []},
    ]  # fmt: skip


@pytest.fixture
def source(tmp_path: Path) -> Path:
    make_image(tmp_path / "project" / "images" / "a.png", (160, 120), seed=1)
    make_image(tmp_path / "project" / "images" / "b c.png", (160, 120), seed=2)
    (tmp_path / "project" / "project-83.json").write_text(json.dumps(tasks()), encoding="utf-8")
    return tmp_path / "project"


def read(path: Path) -> Source:
    files.forget()
    return labelstudio.read(path)


def same(one: Any, other: Any, where: str = "") -> None:
    """Fail unless two values are equal, numbers to ten digits."""
    if isinstance(one, float) or isinstance(other, float):
        assert one == pytest.approx(other, abs=1e-9), where
    elif isinstance(one, dict) and isinstance(other, dict):
        assert one.keys() == other.keys(), where
        for key in one:
            same(one[key], other[key], f"{where}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and one[:1] != encoded(BRUSH)[:1]:
        assert len(one) == len(other), where
        for number, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            same(mine, theirs, f"{where}[{number}]")
    else:
        assert one == other, where


def test_tasks_as_label_studio_writes_them_are_read(source: Path) -> None:
    found = read(source)
    assert {one.code for one in found.findings} == {"kept_aside"}
    assert found.kind == DETECTIONS and {name: kind for name, kind in found.others.items() if kind != KEYPOINTS} == {
        "polylines": POLYLINES, "classifications": found.others["classifications"], "by_11": DETECTIONS,
        "pred_model_1": DETECTIONS}  # fmt: skip
    first, second = found.records
    assert (first.path.name, second.path.name) == ("a.png", "b c.png") and second.others == {}
    car, cat = first.objects
    assert car.attributes == {"labelstudio_id": "Dx_aB91ISN", "colour": "red", "doors": 4, "plate": "B 12"}
    assert car.box == pytest.approx((0.508, 0.05869797225186766, 0.124, 0.10458911419423693))
    assert cat.outline is not None and np.array_equal(mask_of(cat.outline.runs, (160, 120)), BRUSH)
    assert [one.label for one in first.others["classifications"]] == ["Day", "Rain"]
    assert first.others["pred_model_1"][0].confidence == 0.5
    turned = np.array((first.others["polylines"][0].points or ())[0]) * (160, 120)
    cos, sin = math.cos(math.radians(30)), math.sin(math.radians(30))
    corner, wide = np.array((0.508 * 160, 0.05869797225186766 * 120)), 0.124 * 160
    assert turned[1] == pytest.approx(corner + np.array((wide * cos, wide * sin)))
    assert [one.attributes["closed"] for one in first.others["polylines"]] == [True, True, False]


def test_its_controls_become_a_schema(source: Path) -> None:
    schema = read(source).schema
    assert schema and schema.names == ("Car", "Lake", "Road", "Cat", "Nose", "Day", "Rain", "Bus")
    assert [(one.name, one.kind, one.choices) for one in schema.attributes] == [
        ("colour", "choice", ("red",)), ("doors", "number", ()), ("plate", "text", ())
    ]  # fmt: skip


@pytest.mark.usefixtures("database")
def test_in_and_out_again_it_says_the_same(source: Path, tmp_path: Path, server: Workspace) -> None:
    importing.ingest(importing.preview(source), "street", None)
    assert {"ground_truth_by_11", "pred_model_1"} <= set(store.summary("street").label_fields)
    written = exporting.export(ViewSpec(dataset="street"), tmp_path / "out", "labelstudio")
    assert written.findings == ()
    again = json.loads((tmp_path / "out" / "tasks.json").read_text(encoding="utf-8"))
    same(again, tasks())
    mask = again[0]["annotations"][1]["result"][7]["value"]["rle"]
    assert np.array_equal(decoded(mask, (160, 120)), BRUSH)


@pytest.mark.usefixtures("database")
def test_changed_and_deleted_labels_go_out_with_their_ids(source: Path, tmp_path: Path, server: Workspace) -> None:
    found = read(source)
    first = found.records[0]
    car = replace(first.objects[0], label="Bus", box=(0.1, 0.2, 0.3, 0.4), attributes={
        **first.objects[0].attributes, "colour": "blue"})  # fmt: skip
    new = Label("Car", (0.5, 0.5, 0.25, 0.25), id="6" * 24, attributes={"doors": 2})
    others = {key: held for key, held in first.others.items() if key != "polylines"}
    changed = replace(first, objects=(car, new), others=others)
    (tmp_path / "out").mkdir()
    draft = Draft([changed], found.classes, DETECTIONS, others=found.others, schema=found.schema)
    labelstudio.write(draft, tmp_path / "out")
    (task,) = json.loads((tmp_path / "out" / "tasks.json").read_text(encoding="utf-8"))
    said = {(one.get("id"), one["type"]): one for one in task["annotations"][1]["result"]}
    assert said["Dx_aB91ISN", "rectanglelabels"]["value"]["rectanglelabels"] == ["Bus"]
    assert said["Dx_aB91ISN", "rectanglelabels"]["value"]["x"] == pytest.approx(10)
    assert said["Dx_aB91ISN", "choices"]["value"]["choices"] == ["blue"]
    assert said["6" * 24, "rectanglelabels"]["from_name"] == "tag" and said["6" * 24, "number"]["value"] == {
        "number": 2
    }
    assert not {"turned", "p1", "line", "b1"} & {key for key, _ in said} and ("t1", "textarea") in said


@pytest.mark.usefixtures("database")
def test_what_was_imported_is_there(source: Path) -> None:
    importing.ingest(importing.preview(source), "street", None)
    (sample,) = [one for one in collection.stream("street", projection={"ground_truth": 1})
                 if labels.from_document(one["ground_truth"])]  # fmt: skip
    cat = labels.from_document(sample["ground_truth"])[1]
    assert int((masks.read({"mask_path": cat.mask_path}) != 0).sum()) == int(BRUSH.sum())
    assert label_schemas.of("street", "ground_truth_by_11").schema.names[0] == "Car"


def test_the_interface_gives_order_colours_hotkeys_and_limits(source: Path, tmp_path: Path) -> None:
    config = """<View><Image name="img" value="$image"/>
      <RectangleLabels name="tag" toName="img"><Label value="Bus" background="#FF0000" hotkey="b"/>
        <Label value="Car" background="green"/></RectangleLabels>
      <Choices name="colour" toName="img" perRegion="true" required="true"><Choice value="blue"/><Choice value="red"/>
      </Choices><Number name="doors" toName="img" perRegion="true" min="0" max="9"/></View>"""
    (source / "config.xml").write_text(config, encoding="utf-8")
    schema = read(source).schema
    assert schema and schema.names[:3] == ("Bus", "Car", "Lake")
    assert (schema.classes[0].colour, schema.classes[0].hotkey) == ("#ff0000", "b")
    colour, doors, _ = schema.attributes
    assert colour.choices == ("blue", "red") and colour.required and (doors.minimum, doors.maximum) == (0, 9)
    (tmp_path / "out").mkdir()
    labelstudio.write(Draft([], schema.names, DETECTIONS, schema=schema), tmp_path / "out")
    text = (tmp_path / "out" / "config.xml").read_text(encoding="utf-8")
    assert '<Label value="Bus" background="#ff0000" hotkey="b" />' in text and 'max="9"' in text


def test_two_results_that_draw_and_name_one_region_stay_two(source: Path, tmp_path: Path) -> None:
    place = {"x": 10, "y": 20, "width": 30, "height": 40, "rotation": 0}
    pair = [result("r", "rectangle", "rect", place), result("r", "labels", "label", {**place, "labels": ["Car"]})]
    task = {"id": 7, "data": {"image": "a.png"}, "annotations": [{"id": 1, "result": pair}]}
    (source / "project-83.json").write_text(json.dumps([task]), encoding="utf-8")
    found = read(source)
    assert [one.label for one in found.records[0].objects] == ["Car"]
    (tmp_path / "out").mkdir()
    labelstudio.write(Draft(found.records, found.classes, DETECTIONS, schema=found.schema), tmp_path / "out")
    same(json.loads((tmp_path / "out" / "tasks.json").read_text(encoding="utf-8")), [task])


@pytest.mark.parametrize(
    "change",
    [
        {"value": {"x": "a", "y": 1, "width": 1, "height": 1, "rectanglelabels": ["Car"]}},
        {"value": {"format": "rle", "rle": [0, 0, 1], "rectanglelabels": ["Car"]}},
        {"value": {"x": 1, "y": 1, "width": 1, "height": 1, "rectanglelabels": []}},
        {"value": {"points": [[1]], "rectanglelabels": ["Car"]}},
    ],
)
def test_what_is_broken_is_a_finding_and_kept_aside(source: Path, tmp_path: Path, change: dict[str, Any]) -> None:
    task = {
        "id": 7,
        "data": {"image": "a.png"},
        "annotations": [{"id": 1, "result": [{**rectangle("r", "Car"), **change}]}],
    }
    (source / "project-83.json").write_text(json.dumps([task]), encoding="utf-8")
    found = read(source)
    assert [one.code for one in found.findings] == ["bad_region"] and found.records[0].objects == ()


def test_runs_of_brushes_are_those_of_label_studio() -> None:
    """Encoded by hand from the description: 2 x 1 pixels, the second inside."""
    bits = "".join((f"{8:032b}", "00111", "0010", "0011", "0111", "1111", "1", "00", "011", "00000000",
                    "1", "00", "011", "11111111"))  # fmt: skip
    bits += "0" * (-len(bits) % 8)
    assert encoded(np.array([[0, 1]]))[: len(bits) // 8] == list(int(bits, 2).to_bytes(len(bits) // 8, "big"))
    for seed, shape in enumerate([(1, 1), (3, 5), (40, 70), (300, 400)]):
        mask = (np.random.default_rng(seed).random(shape) > 0.5).astype(np.uint8)
        assert np.array_equal(decoded(encoded(mask), (shape[1], shape[0])), mask)
    assert np.array_equal(decoded(encoded(np.ones((600, 400))), (400, 600)), np.ones((600, 400)))
    with pytest.raises(ValueError, match="where 3 x 1 pixels of four were expected"):
        decoded(encoded(np.ones((1, 2))), (3, 1))


def test_the_short_export_says_the_same(database: Workspace, tmp_path: Path) -> None:
    make_image(tmp_path / "images" / "0a1b2c3d-one.png", (160, 120))
    make_image(tmp_path / "images" / "two.png", (160, 120))
    box = {"x": 25, "y": 50, "width": 12.5, "height": 10, "rotation": 0, "original_width": 160, "original_height": 120}
    (tmp_path / "min.json").write_text(json.dumps([
        {"image": "/data/upload/3/0a1b2c3d-one.png", "id": 1, "annotator": 1, "annotation_id": 4, "scene": "day",
         "label": [{**box, "rectanglelabels": ["car"]}, {**box, "x": 0, "rectanglelabels": ["bus"]}]},
        {"image": "/data/upload/3/9f8e7d6c-two.png", "id": 2, "annotator": 1,
         "label": [{**box, "rectanglelabels": ["bus"]}]},
    ]))  # fmt: skip
    found = importing.preview(tmp_path)
    assert found.format == "labelstudio" and found.class_counts == {"car": 1, "bus": 2}
    importing.ingest(found, "short", None)
    stored = {Path(one["filepath"]).name: one["ground_truth"]["detections"] for one in collection.stream("short")}
    boxes = {name: [(one["label"], one["bounding_box"]) for one in labels] for name, labels in stored.items()}
    assert boxes == {
        "0a1b2c3d-one.png": [("car", [0.25, 0.5, 0.125, 0.1]), ("bus", [0.0, 0.5, 0.125, 0.1])],
        "two.png": [("bus", [0.25, 0.5, 0.125, 0.1])],
    }


def test_a_short_export_of_a_bucket_without_annotators_is_one_too(tmp_path: Path) -> None:
    make_image(tmp_path / "pics" / "a x.jpg", (160, 120))
    box = {"x": 25, "y": 50, "width": 12.5, "height": 10, "rotation": 0, "original_width": 160, "original_height": 120}
    task = {"id": 1, "image": "s3://bucket/pics/a%20x.jpg", "label": [{**box, "rectanglelabels": ["car"]}]}
    (tmp_path / "min.json").write_text(json.dumps([task]))
    found = importing.preview(tmp_path)
    assert (found.format, found.count, dict(found.class_counts)) == ("labelstudio", 1, {"car": 1})
