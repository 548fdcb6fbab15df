"""CVAT for images: a file as CVAT writes it is read, imported, exported, and says the same again."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from datasets.exchange import exporting, importing
from datasets.exchange.fitting import fit
from datasets.exchange.formats.base import Draft, Source
from datasets.exchange.formats.common import files
from datasets.exchange.formats.cvat import images as cvat
from datasets.images import masks
from datasets.images.probe import probe
from datasets.kinds import CLASSIFICATION, DETECTIONS, KEYPOINTS, POLYLINES
from datasets.labelschema import SchemaAttribute
from datasets.storage import collection, labels
from datasets.views import label_schemas
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from tests.helpers import make_image

SVG = (
    '&lt;line x1="36" y1="47" x2="86" y2="10" stroke="black" data-type="edge" data-node-from="2" '
    'stroke-width="0.5" data-node-to="3"&gt;&lt;/line&gt;'
    + "".join(
        f'&lt;circle r="1.5" stroke="black" fill="#b3b3b3" cx="{20 * n}" cy="{10 * n}" stroke-width="0.1" '
        f'data-type="element node" data-element-id="{n}" data-node-id="{n}" data-label-name="{name}"&gt;&lt;/circle&gt;'
        for n, name in enumerate(("head", "hip", "foot"), 1)
    )
)
# ruff: noqa: E501  lines as CVAT writes them
FILE = f"""<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta>
    <job>
      <id>7</id>
      <size>2</size>
      <mode>annotation</mode>
      <labels>
        <label><name>car</name><color>#fa3253</color><type>any</type>
          <attributes>
            <attribute><name>body style</name><mutable>False</mutable><input_type>select</input_type>
              <default_value>van</default_value><values>van
truck
car, small</values></attribute>
            <attribute><name>occluded</name><mutable>True</mutable><input_type>checkbox</input_type>
              <default_value>false</default_value><values>false</values></attribute>
            <attribute><name>doors</name><mutable>False</mutable><input_type>number</input_type>
              <default_value>4</default_value><values>0
9
1</values></attribute>
            <attribute><name>plate</name><mutable>False</mutable><input_type>text</input_type>
              <default_value></default_value><values></values></attribute>
          </attributes></label>
        <label><name>road</name><color>#33ddff</color><type>any</type><attributes>
            <attribute><name>doors</name><mutable>False</mutable><input_type>radio</input_type>
              <default_value>none</default_value><values>none
some</values></attribute></attributes></label>
        <label><name>man</name><color>#24b353</color><type>skeleton</type><attributes></attributes><svg>{SVG}</svg></label>
        <label><name>head</name><color>#d12345</color><type>points</type><attributes></attributes><parent>man</parent></label>
        <label><name>hip</name><color>#350dea</color><type>points</type><attributes></attributes><parent>man</parent></label>
        <label><name>foot</name><color>#479ffe</color><type>points</type><attributes></attributes><parent>man</parent></label>
        <label><name>night</name><color>#b83df5</color><type>tag</type><attributes></attributes></label>
      </labels>
    </job>
    <dumped>2024-09-25 11:38:28.799808+00:00</dumped>
  </meta>
  <image id="0" name="day/a.png" subset="Train" task_id="4" width="160" height="120">
    <box label="car" source="manual" occluded="1" xtl="79.73" ytl="8.09" xbr="96.52" ybr="92.94" z_order="4" group_id="2">
      <attribute name="body style">car, small</attribute>
      <attribute name="occluded">true</attribute>
      <attribute name="doors">5</attribute>
      <attribute name="plate"></attribute>
    </box>
    <box label="car" source="auto" occluded="0" xtl="20.00" ytl="30.00" xbr="60.00" ybr="50.00" rotation="30.00" z_order="0">
      <attribute name="doors">2</attribute>
    </box>
    <mask label="car" source="semi-auto" occluded="0" rle="3, 5, 7, 7, 5, 9, 3, 11, 2, 11, 2, 12, 1, 12, 1, 26, 1, 12, 1, 12, 2, 11, 3, 9, 5, 7, 7, 5, 3" left="70" top="88" width="13" height="15" z_order="1">
    </mask>
    <polygon label="road" source="manual" occluded="0" points="56.13,91.62;56.13,84.28;55.47,76.16" z_order="-1">
      <attribute name="doors">some</attribute>
    </polygon>
    <polyline label="road" source="manual" occluded="0" points="46.21,0.00;12.68,120.00" z_order="3">
    </polyline>
    <points label="car" source="manual" occluded="0" points="57.49,93.95;117.02,90.79;60.02,45.95" z_order="5">
    </points>
    <skeleton label="man" source="manual" z_order="0">
      <points label="head" source="manual" occluded="0" outside="0" points="54.47,94.81">
      </points>
      <points label="hip" source="manual" occluded="1" outside="0" points="68.02,62.34">
      </points>
      <points label="foot" source="manual" occluded="0" outside="1" points="0.00,0.00">
      </points>
    </skeleton>
    <tag label="night" source="manual">
    </tag>
  </image>
  <image id="1" name="day/b.png" subset="Train" task_id="4" width="160" height="120">
  </image>
</annotations>
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder as CVAT exports it with images."""
    for seed, name in enumerate(("a", "b")):
        make_image(tmp_path / "task" / "images" / "day" / f"{name}.png", (160, 120), seed=seed)
    (tmp_path / "task" / "annotations.xml").write_text(FILE, encoding="utf-8")
    return tmp_path / "task"


def read(path: Path) -> Source:
    files.forget()
    return cvat.read(path)


def shapes(text: str | bytes) -> dict[str, list[Any]]:
    """What a file says, image by image: elements with their attributes as numbers where they are some, in any order."""
    root = ElementTree.fromstring(text)
    return {str(image.get("name")): sorted((_plain(one) for one in image), key=repr) for image in root.iter("image")}


def _plain(one: Any) -> Any:
    return one.tag, tuple(sorted((key, _value(text)) for key, text in one.attrib.items())), tuple(
        (inner.tag, tuple(sorted((key, _value(text)) for key, text in inner.attrib.items())), inner.text or "")
        if inner.tag == "attribute" else _plain(inner) for inner in one
    )  # fmt: skip


def _value(text: str) -> Any:
    try:
        return tuple(tuple(round(float(x), 6) for x in pair.split(",")) for pair in text.split(";"))
    except ValueError:
        return text


def label_definitions(text: str | bytes) -> list[Any]:
    listed = next(iter(ElementTree.fromstring(text).iter("labels")))
    said = []
    for label in listed:
        if label.find("parent") is None:
            texts = {tag: label.findtext(tag) or "" for tag in ("name", "color", "type", "svg")}
            own = [{part.tag: part.text or "" for part in one} for one in label.iter("attribute")]
            said.append((texts, sorted(own, key=repr)))
    return said


def test_a_file_as_cvat_writes_it_is_read(source: Path) -> None:
    found = read(source)
    assert found.findings == () and found.classes == ("car", "road", "man", "night")
    assert found.kind == DETECTIONS and set(found.others.values()) - {None} >= {POLYLINES, KEYPOINTS}
    first = found.records[0]
    box, mask = first.objects
    assert (box.label, box.attributes) == ("car", {
        "occluded": True, "z_order": 4, "group_id": 2, "body_style": "car, small", "occluded_2": True, "doors": 5,
        "plate": ""})  # fmt: skip
    assert box.box == pytest.approx((79.73 / 160, 8.09 / 120, 16.79 / 160, 84.85 / 120))
    assert mask.attributes["source"] == "semi-auto" and mask.outline is not None
    turned, polygon, line = first.others["polylines"]
    assert turned.attributes["rotation"] == 30 and polygon.attributes["closed"] and not line.attributes["closed"]
    points, man = first.others["keypoints"]
    assert man.attributes["visible"] == [2, 1, 0] and math.isnan((man.points or ())[0][2][0])
    assert [one.label for one in first.others["classifications"]] == ["night"]
    assert (first.split, first.about, points.label) == ("train", {"cvat_name": "day/a.png"}, "car")


def test_its_labels_become_a_schema(source: Path) -> None:
    schema = read(source).schema
    assert schema and [one.colour for one in schema.classes] == ["#fa3253", "#33ddff", "#24b353", "#b83df5"]
    kinds = {(one.name, one.kind, one.classes) for one in schema.attributes}
    assert kinds == {
        ("body_style", "choice", ("car",)), ("occluded_2", "flag", ("car",)), ("doors", "number", ("car",)),
        ("plate", "text", ("car",)), ("doors", "choice", ("road",)),
    }  # fmt: skip
    style = schema.attributes[0]
    assert style.title == "body style" and style.default == "van" and style.choices[2] == "car, small"
    assert schema.skeleton and schema.skeleton.points == ("head", "hip", "foot") and schema.skeleton.edges == ((1, 2),)


def test_the_turned_box_covers_what_cvat_shows(source: Path) -> None:
    turned = read(source).records[0].others["polylines"][0]
    points = np.array((turned.points or ())[0]) * (160, 120)
    assert points.mean(axis=0) == pytest.approx((40, 40))
    cos, sin = math.cos(math.radians(30)), math.sin(math.radians(30))
    assert points[0] == pytest.approx((40 - 20 * cos + 10 * sin, 40 - 20 * sin - 10 * cos))


@pytest.mark.usefixtures("database")
def test_in_and_out_again_it_says_the_same(source: Path, tmp_path: Path, server: Workspace) -> None:
    report = importing.ingest(importing.preview(source), "street", None)
    assert report.findings == ()
    written = exporting.export(ViewSpec(dataset="street"), tmp_path / "out", "cvat")
    assert written.findings == ()
    text = (tmp_path / "out" / "annotations.xml").read_bytes()
    mine, theirs = shapes(text), shapes(FILE)
    assert mine == theirs
    assert label_definitions(text) == label_definitions(FILE)
    assert (tmp_path / "out" / "images" / "day" / "a.png").exists()


@pytest.mark.usefixtures("database")
def test_masks_and_schema_reach_the_dataset(source: Path) -> None:
    importing.ingest(importing.preview(source), "street", None)
    fields = {"ground_truth", "ground_truth_polylines", "ground_truth_keypoints", "ground_truth_classifications"}
    (sample,) = [one for one in collection.stream("street", projection=dict.fromkeys(fields, 1))
                 if labels.from_document(one["ground_truth"])]  # fmt: skip
    mask = labels.from_document(sample["ground_truth"])[1]
    assert int((masks.read({"mask_path": mask.mask_path}) != 0).sum()) == 149
    for field in fields:
        held = label_schemas.of("street", field)
        assert held.stored and held.schema.names == ("car", "road", "man", "night")
    assert label_schemas.of("street", "ground_truth_keypoints").schema.skeleton
    assert label_schemas.of("street", "ground_truth").schema.skeleton is None


def test_attributes_that_the_schema_lacks_are_declared_on_the_way_out(source: Path, tmp_path: Path) -> None:
    found = read(source)
    box = found.records[0].objects[0]
    more = {"depth": 2.5, "checked": True, "note": "x", "list": [1]}
    changed = [*found.records]
    changed[0] = replace(changed[0], objects=(replace(box, attributes=more, confidence=0.25),), others={})
    (tmp_path / "out").mkdir()
    cvat.write(Draft(changed, found.classes, DETECTIONS, "link", schema=found.schema), tmp_path / "out")
    again = read(tmp_path / "out")
    read_back = again.records[0].objects[0]
    assert read_back.attributes == {"depth": 2.5, "checked": True, "note": "x"} and read_back.confidence == 0.25
    assert again.schema and {one.kind for one in again.schema.attributes if one.name == "depth"} == {"number"}


def test_a_file_of_tags_alone_gives_each_image_one_class(source: Path) -> None:
    root = ElementTree.fromstring(FILE)
    for image in root.iter("image"):
        for one in [one for one in image if one.tag != "tag"]:
            image.remove(one)
    (source / "annotations.xml").write_bytes(ElementTree.tostring(root))
    found = read(source)
    assert found.kind == CLASSIFICATION and not found.others
    assert [one.classification and one.classification.label for one in found.records] == ["night", None]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('rle="3, 5,', 'rle="4, 5,', "bad_rle"),
        ('left="70"', 'left="150"', "bad_shape"),
        ('xtl="79.73"', 'xtl="none"', "bad_shape"),
        ('points="46.21,0.00;', 'points="46.21;', "bad_shape"),
        ("<tag ", "<ellipse ", "unknown_shape"),
        ('points label="foot"', 'points label="tail"', "unknown_point"),
    ],
)
def test_what_is_broken_is_a_finding_and_the_rest_is_read(source: Path, old: str, new: str, code: str) -> None:
    text = FILE.replace(old, new)
    text = text.replace("</tag>", "</ellipse>") if new == "<ellipse " else text
    (source / "annotations.xml").write_text(text, encoding="utf-8")
    found = read(source)
    assert [one.code for one in found.findings] == [code] and found.records[0].objects


def test_points_are_turned_with_an_image_that_is_shown_turned(tmp_path: Path) -> None:
    path = make_image(tmp_path / "images" / "a.jpg", (160, 120), orientation=6)
    text = FILE.replace("day/a.png", "a.jpg").replace("day/b.png", "b.png")
    (tmp_path / "annotations.xml").write_text(text, encoding="utf-8")
    (record,) = [one for one in read(tmp_path).records if one.path.name == path.name]
    ((fitted, _),), _ = fit([record], probe([record.path]))
    line = fitted.others["polylines"][2]
    assert np.array((line.points or ())[0]) == pytest.approx(np.array(((1, 46.21 / 160), (0, 12.68 / 160))))


def test_an_attribute_says_again_what_cvat_said_until_it_is_changed(source: Path) -> None:
    from datasets.exchange.formats.cvat.labels import _parts

    schema = read(source).schema
    assert schema
    radio = next(one for one in schema.attributes if one.classes == ("road",))
    assert _parts(radio)["input_type"] == "radio"
    changed = radio.model_copy(update={"choices": ("none", "all")})
    assert _parts(changed) == {"name": "doors", "mutable": "False", "input_type": "select", "default_value": "none",
                               "values": "none\nall"}  # fmt: skip
    plain = SchemaAttribute(name="n", kind="number", minimum=1, maximum=3)
    assert _parts(plain)["values"] == "1\n3\n1"
