"""Label files made to eat time or memory: each is refused in words, at once, and the rest is kept."""

import json
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from datasets.errors import FormatError, LimitError
from datasets.exchange.formats.common import parsing
from datasets.exchange.formats.masks import classtable
from datasets.exchange.importing import preview
from tests.helpers import ROOT, make_coco, make_image, make_yolo

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGES = "a: &a {k0: 1}\n" + "".join(
    f"m{n}: &{'bcdefghijklmnopqrstu'[n]} {{<<: [{', '.join(['*' + 'abcdefghijklmnopqrst'[n]] * 4)}]}}\n"
    for n in range(20)
)
YAML = {
    "aliases": f"{BOMB}names: *i\ntrain: images/train\nval: images/val\n",
    "merges": f"{MERGES}names: [cat]\ntrain: images/train\n",
    "deep": "names: " + "[" * 100_000 + "]" * 100_000 + "\ntrain: images/train\n",
    "deep blocks": "train: images/train\nnames:\n" + "".join(f"{' ' * n}a:\n" for n in range(1, 2000)),
    "itself": "names: &n [cat, *n]\ntrain: images/train\n",
    "many values": f"train: images/train\nnames: [{'a,' * 300_000}]\n",
    "endless number": f"train: images/train\nnames: [cat]\nnc: {'9' * 5000}\n",
    "endless hexadecimal": f"train: images/train\nnames: [cat]\nnc: 0x{'f' * 50_000}\n",
    "endless clock": f"train: images/train\nnames: [cat]\nnc: 1{':59' * 50_000}\n",
    "countless classes": "train: images/train\nnc: 2000000000\n",
    "a date that is none": "train: images/train\nnames: [cat]\nmade: 2024-99-99\n",
    "a number that is none": 'train: images/train\nnames: [cat]\nmade: !!int ""\n',
    "a key twice": "train: images/train\nnames: [cat]\nnames: [dog]\n",
    "a name that is a list": "train: images/train\nnames: [[cat, dog], bird]\n",
    "a name that is a mapping": "train: images/train\nnames: {0: {a: b}}\n",
    "a name over two lines": 'train: images/train\nnames: ["a\\nb"]\n',
    "an endless name": f"train: images/train\nnames: [{'a' * 2000}]\n",
    "a home of nobody": "path: ~nobody-here/x\ntrain: nowhere\nnames: [cat]\n",
    "code": "train: images/train\nnames: !!python/object/apply:os.system ['true']\n",
}


@pytest.mark.parametrize("kind", YAML)
def test_a_yaml_that_is_a_trap_is_refused_in_words(kind: str, tmp_path: Path) -> None:
    path = make_yolo(tmp_path)
    path.write_text(YAML[kind])
    began = time.process_time()
    with pytest.raises(FormatError, match=r"data\.yaml.*: expected .*, found ") as raised:
        preview(path)
    assert time.process_time() - began < 5 and len(str(raised.value)) < 1000


@pytest.mark.parametrize("kind", ["aliases", "deep", "itself"])
def test_a_trap_in_a_folder_is_told_too(kind: str, tmp_path: Path) -> None:
    make_yolo(tmp_path).write_text(YAML[kind])
    with pytest.raises(LimitError, match=r"data\.yaml: expected "):
        preview(tmp_path)


def test_few_aliases_are_read(tmp_path: Path) -> None:
    path = make_yolo(tmp_path)
    path.write_text("x: &n [cat, dog, bird]\nnames: *n\ntrain: images/train\nval: images/val\n")
    assert preview(path).classes == ("cat", "dog", "bird")


def test_thousands_of_names_are_read(tmp_path: Path) -> None:
    path = make_yolo(tmp_path)
    names = "".join(f"  {n}: class {n}\n" for n in range(21_000))
    path.write_text(f"train: images/train\nval: images/val\nnames:\n{names}")
    assert len(preview(path).classes) == 21_000


def coco(folder: Path, text: str) -> Path:
    make_image(folder / "images" / "a.jpg")
    (folder / "instances.json").write_text(text)
    return folder


IMAGES = '"images": [{"id": 1, "file_name": "a.jpg", "width": 64, "height": 48}]'
CATS = '"categories": [{"id": 1, "name": "cat"}]'


def told(path: Path) -> str:
    try:
        return "\n".join(map(str, preview(path).findings))
    except FormatError as error:
        return str(error)


@pytest.mark.parametrize(
    "text",
    [
        '{"images": ' + "[" * 200_000,
        '{"images": [' + '{"a":' * 200_000,
        f'{{{IMAGES}, {CATS}, "annotations": [{{"id": 1, "image_id": 1, "x": {"[" * 5000}]}}',
        f'{{{IMAGES}, "info": {"9" * 10_000}}}',
        f"{{{IMAGES}, {IMAGES}}}",
        f"{{{IMAGES}, [1]: 2}}",
    ],
    ids=["lists", "objects", "inside an entry", "endless number", "a list twice", "a key that is a list"],
)
def test_a_json_that_is_a_trap_is_refused_in_words(text: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"instances\.json: expected .*, found ") as raised:
        preview(coco(tmp_path, text), "coco")
    assert len(str(raised.value)) < 500


HUGE = "9" * 400  # more than a float holds, less than Python refuses


@pytest.mark.parametrize(
    ("annotation", "category", "words"),
    [
        ({"bbox": [1, 2, 3, HUGE]}, {}, "bbox of 4 finite numbers"),
        ({"bbox": [1, 2, 3, "1e999"]}, {}, "bbox of 4 finite numbers"),
        ({"bbox": [[1], 2, 3, 4]}, {}, "bbox of 4 finite numbers"),
        ({"score": HUGE}, {}, ""),
        ({"attributes": {"a": [[[1]]], "b": 5}}, {}, "attributes with a plain name"),
        ({"attributes": {"$where": 1, "a.b": 2, "n": HUGE}}, {}, "attributes with a plain name"),
        ({"segmentation": {"counts": [HUGE], "size": [48, 64]}}, {}, "runs of the image"),
        ({"segmentation": [[1, 2, HUGE, 4, 5, 6]]}, {}, "3 or more points"),
        ({"category_id": {"a": 1}}, {}, "a category_id of"),
        ({"id": [1]}, {}, ""),
        ({}, {"name": ["a", "b"]}, "the name of a class"),
        ({}, {"name": {"a": 1}}, "the name of a class"),
        ({}, {"name": None}, "the name of a class"),
        ({}, {"name": "a\nb"}, "the name of a class"),
        ({}, {"name": ""}, "the name of a class"),
    ],
)
def test_an_entry_of_a_json_that_makes_no_sense_is_a_finding(
    annotation: dict[str, Any], category: dict[str, Any], words: str, tmp_path: Path
) -> None:
    entry = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 10, 10], **annotation}
    good = {"id": 2, "image_id": 1, "category_id": 2, "bbox": [1, 2, 10, 10]}
    names = [{"id": 1, "name": "cat", **category}, {"id": 2, "name": "dog"}]
    text = json.dumps({"annotations": [entry, good], "categories": names})[1:]
    found = preview(coco(tmp_path, f"{{{IMAGES}, {text}".replace(f'"{HUGE}"', HUGE).replace('"1e999"', "1e999")))
    assert words in "\n".join(map(str, found.findings)) and "dog" in found.class_counts
    assert found.class_counts["dog"] == 1


@pytest.mark.parametrize(
    "sizes", ['"width": 1e999, "height": 48', f'"width": {HUGE}, "height": 48', '"width": 1e12, "height": 1e12']
)
def test_a_size_that_no_image_has_counts_as_none(sizes: str, tmp_path: Path) -> None:
    image = f'"images": [{{"id": 1, "file_name": "a.jpg", {sizes}}}]'
    box = '"annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 32, 24]}]'
    found = preview(coco(tmp_path, f"{{{image}, {CATS}, {box}}}"))
    assert found.records[0].objects[0].box == (0, 0, 0.5, 0.5)


def test_a_key_twice_in_an_entry_is_a_finding(tmp_path: Path) -> None:
    box = '"annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1], "bbox": [0, 0, 32, 24]}]'
    found = preview(coco(tmp_path, f"{{{IMAGES}, {CATS}, {box}}}"))
    assert "each key once" in told(tmp_path) and found.records[0].objects[0].box == (0, 0, 0.5, 0.5)


XML = "<annotation><filename>a.jpg</filename>{}</annotation>"


@pytest.mark.parametrize(
    "xml",
    [
        '<!DOCTYPE a [<!ENTITY x "xxxx"><!ENTITY y "&x;&x;&x;">]>' + XML.format("&y;"),
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + XML.format("<object><name>&x;</name></object>"),
        XML.format("<a>" * 100_000 + "</a>" * 100_000),
        '<?xml version="1.0" encoding="nonsense"?>' + XML.format(""),
        XML.format("x" * (17 << 20)),
    ],
    ids=["entities", "a file", "deep", "encoding", "large"],
)
def test_an_xml_that_is_a_trap_is_a_finding(xml: str, tmp_path: Path) -> None:
    for stem in "ab":
        make_image(tmp_path / f"{stem}.jpg")
        (tmp_path / f"{stem}.xml").write_text(XML.format("").replace("a.jpg", f"{stem}.jpg"))
    (tmp_path / "a.xml").write_text(xml)
    found = preview(tmp_path, "voc")
    assert found.count == 1 and [one.code for one in found.findings] == ["broken_file"]


@pytest.mark.parametrize(
    "rows",
    [
        "a.jpg," + "x" * 200_000,
        "a.jpg" + "," * (5 << 20),
        'a.jpg,"' + "\n" * (5 << 20),
        "a.jpg,ca\0t",
    ],
    ids=["cell", "columns", "lines", "NUL"],
)
def test_a_csv_that_is_a_trap_is_refused_in_words(rows: str, tmp_path: Path) -> None:
    make_image(tmp_path / "a.jpg")
    (tmp_path / "labels.csv").write_text(f"image,label\n{rows}\n")
    with pytest.raises(FormatError, match=r"labels\.csv: expected .*, found "):
        preview(tmp_path / "labels.csv")


def test_a_csv_with_sizes_that_no_image_has(tmp_path: Path) -> None:
    make_image(tmp_path / "a.jpg")
    rows = "a.jpg,0,0,32,24,cat,0,1e999\na.jpg,0,0,32,24,dog,1e400,5\n"
    (tmp_path / "labels.csv").write_text(f"image,x1,y1,x2,y2,label,image_width,image_height\n{rows}")
    assert preview(tmp_path).records[0].objects[0].box == (0, 0, 0.5, 0.5)


@pytest.mark.parametrize(
    "text",
    [
        '{"0": ["a", "b"]}',
        '["a", {"b": 1}, null, 3]',
        "[" * 5000,
        f'{{"0": "a", "{"9" * 5000}": "b"}}',
        '{"0": "a", "0": "b"}',
    ],
)
def test_a_table_of_classes_that_is_a_trap_is_refused_in_words(text: str) -> None:
    with pytest.raises(FormatError, match=r"the class table: expected .*, found "):
        classtable.parse(text)


def test_no_pipe_in_a_source_is_waited_for(tmp_path: Path) -> None:
    make_coco(tmp_path / "c")
    os.mkfifo(tmp_path / "c" / "annotations" / "instances_test.json")
    os.mkfifo(tmp_path / "c" / "images" / "train" / "pipe.jpg")
    assert preview(tmp_path / "c").count == 6
    path = make_yolo(tmp_path / "y")
    os.mkfifo(tmp_path / "y" / "images" / "train" / "pipe.jpg")
    os.mkfifo(tmp_path / "y" / "images" / "train" / "pipe.txt")
    found = preview(path)
    assert found.count == 6 and "found a pipe" in "\n".join(map(str, found.findings))


def test_a_trap_of_aliases_takes_neither_time_nor_memory(tmp_path: Path) -> None:
    make_yolo(tmp_path).write_text(YAML["aliases"])
    code = (
        "import sys, time\nfrom datasets.exchange.importing import preview\nfrom datasets.errors import FormatError\n"
        "def peak():\n    return int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]) // 1024\n"
        "before, began = peak(), time.process_time()\n"
        "try:\n    preview(sys.argv[1])\nexcept FormatError:\n    pass\n"
        "print(peak() - before, time.process_time() - began)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    megabytes, seconds = map(float, done.stdout.split())
    assert megabytes < 50 and seconds < 3


def test_large_files_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    with path.open("wb") as stream:
        stream.truncate(parsing.MOST_TEXT + 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(LimitError, match="expected a file of at most 512 MB, found one of 512 MB"):
        parsing.read_text(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 50_000


DOORS = re.compile(
    r"yaml\.(safe_|full_|unsafe_)?load\(|csv\.(reader|DictReader)\(|ElementTree\.(parse|fromstring|iterparse)\(|"
    r"Image\.open\("
)
OWN = {"datasets/samples/photos.py", "pipelines/yolo/data.py"}  # read what we wrote ourselves


def test_text_and_images_of_strangers_come_in_by_one_door_each() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for room in ("app", "datasets", "pipelines")
        for path in (ROOT / room).rglob("*.py")
        if DOORS.search(path.read_text(encoding="utf-8"))
    }
    assert found - OWN == {"datasets/exchange/formats/common/parsing.py", "datasets/images/pixels.py"}


@pytest.mark.parametrize("levels", [parsing.DEEPEST, parsing.DEEPEST + 1])
@pytest.mark.parametrize("inner", ["", "<x/>" * 100, "<x>" + "y" * parsing.MB + "</x>"], ids=["small", "wide", "long"])
def test_an_xml_may_be_as_deep_as_the_limit_and_no_deeper(levels, inner, tmp_path):
    outer = levels - 1 - bool(inner)
    path = tmp_path / "a.xml"
    path.write_text("<a>" * outer + f"<a>{inner}</a>" + "</a>" * outer)
    if levels == parsing.DEEPEST:
        assert parsing.xml_of(path).tag == "a"
        return
    with pytest.raises(FormatError, match=f"at most {parsing.DEEPEST} deep"):
        parsing.xml_of(path)
