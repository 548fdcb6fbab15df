"""The ways in which a csv says what images show."""

import csv
import re

import pytest

from datasets.errors import FormatError
from datasets.exchange.exporting import export
from datasets.exchange.formats.base import Draft
from datasets.exchange.formats.tables import cells as csv_cells
from datasets.exchange.formats.tables import labels as csv_labels
from datasets.exchange.importing import ingest, preview
from datasets.kinds import CLASSIFICATION, CLASSIFICATIONS, DETECTIONS
from datasets.records import ImageRecord, Label
from datasets.storage import collection, store
from datasets.viewspec import ViewSpec
from tests.helpers import make_image


@pytest.fixture
def folder(tmp_path):
    for k, name in enumerate(("a.jpg", "b.png", "sub/c.jpg")):
        make_image(tmp_path / "photos" / name, (64, 48), seed=k)
    return tmp_path


def table(folder, text, name="labels.csv"):
    (folder / name).write_text(text)
    return preview(folder)


def told(found):
    kinds = {
        "classification": lambda r: r.classification and r.classification.label,
        "multilabel": lambda r: tuple(label.label for label in r.classifications),
        "detection": lambda r: tuple(label.label for label in r.objects),
    }
    return found.kind.word, {r.path.stem: kinds[found.kind.word](r) for r in found.records}


ONE = ("classification", {"a": "cat", "b": "dog", "c": "cat"})
SEVERAL = ("multilabel", {"a": ("cat", "dog"), "b": ("dog",), "c": ()})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("image,label\nphotos/a.jpg,cat\nphotos/b.png,dog\nphotos/sub/c.jpg,cat\n", ONE),
        ("Filename;Class\na.jpg;cat\nb.png;dog\nc.jpg;cat\n", ONE),
        ("id\tspecies\tnotes\na\tcat\tx\nb\tdog\ty\nc\tcat\t\n", ONE),
        ("a.jpg,cat\nb.png,dog\nc.jpg,cat\n", ONE),
        ("image,cat,dog\na,1,0\nb,0,1\nc,1,0\n", ONE),
        ("image,cat,dog\na,1,1\nb,0,1\nc,0,0\n", SEVERAL),
        ("image,labels\na,cat|dog\nb,dog\nc,\n", SEVERAL),
        ("image,labels\na,'cat, dog'\nb,dog\nc,\n".replace("'", '"'), SEVERAL),
        ("image,label\na,cat\na,dog\nb,dog\nc,\n", SEVERAL),
        ("image,label\na,cat;dog\nb,dog\nc,\n", SEVERAL),
    ],
)
def test_classes_of_images(text, wanted, folder):
    found = table(folder, text)
    assert found.format == "csv" and told(found) == wanted
    assert {one.code for one in found.findings} <= {"parted_cells"}


@pytest.mark.parametrize(
    "text",
    [
        "image,x_min,y_min,x_max,y_max,label\na,16,12,48,24,cat\nb,,,,,\n",
        "filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,64,48,cat,16,12,48,24\nb.png,64,48,,,,,\n",
        "image,x,y,w,h,label\na,16,12,32,12,cat\nb,,,,,\n",
        'image_id,bbox,label\na,"[16.0, 12.0, 32.0, 12.0]",cat\nb,,\n',
        "image,x1,y1,x2,y2,label\na,0.25,0.25,0.75,0.5,cat\nb,,,,,\n",
        "a.jpg,16,12,48,24,cat\nb.png,,,,,\n",
    ],
)
def test_boxes(text, folder):
    found = table(folder, text)
    assert told(found) == ("detection", {"a": ("cat",), "b": ()})
    assert [(f.code, f.count) for f in found.findings] == [("unnamed_images", 1)]
    assert found.records[0].objects[0].box == pytest.approx((0.25, 0.25, 0.5, 0.25))


def test_splits_by_column_and_by_table(folder):
    found = table(folder, "image,label,split\na,cat,train\nb,dog,valid\nc,cat,\n")
    assert found.splits == {"train": 1, "val": 1, "": 1}
    (folder / "labels.csv").unlink()
    (folder / "train.csv").write_text("image,label\na,cat\nb,dog\n")
    assert table(folder, "image,label\nc,cat\n", "test.csv").splits == {"train": 2, "test": 1}


def test_tables_in_folders_of_splits(tmp_path):
    for split in ("train", "valid"):
        make_image(tmp_path / split / "a.jpg")
        (tmp_path / split / "_classes.csv").write_text("filename, cat, dog\na.jpg, 1, 1\n")
    found = preview(tmp_path)
    assert (found.format, found.kind.word, found.splits) == ("csv", "multilabel", {"train": 1, "val": 1})
    assert found.classes == ("cat", "dog")


def test_bad_rows_are_findings(folder):
    rows = ("a,1,2,30,40,cat", "a,1,x,30,40,cat", "b,1,2,30,40,", "gone.jpg,1,2,3,4,cat", ",1,2,3,4,cat")
    text = "\n".join(("image,x_min,y_min,x_max,y_max,label", *rows))
    found = table(folder, text)
    assert found.labels == 1 and found.count == 2
    assert sorted(f.code for f in found.findings) == (2 * ["bad_box"] + 2 * ["missing_image"] + ["unnamed_images"])
    said = "\n".join(map(str, found.findings))
    assert "labels.csv:3: expected a class and 4 finite numbers, found 'cat', ['1', 'x', '30', '40']" in said


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "image,width\na,3\n", "image,image,label\na,b,c\n"])
def test_a_table_without_images_or_labels_is_none(text, folder):
    (folder / "labels.csv").write_text(text)
    assert preview(folder).format == "images"
    with pytest.raises(FormatError, match="expected a csv with a column of images and one of labels"):
        preview(folder, "csv")


@pytest.mark.parametrize("kind", ["classification", "classifications"])
def test_a_round_trip_through_the_database_is_exact(kind, folder, database):
    store.create("first", {"ground_truth": kind}, ["b, comma", "a", "unused"])
    made = []
    for k, (path, split) in enumerate(zip(sorted(folder.rglob("*.*g")), ("train", "val", None), strict=True)):
        some = [Label(name) for name in ("a", "b, comma")[: k if kind == "classifications" else 1]]
        value = csv_document(kind, some)
        size = collection.image_metadata(64, 48, 1, "image/jpeg", 3)
        made.append(
            collection.sample_document(str(path), size, split=split, **({"ground_truth": value} if value else {}))
        )
    collection.insert("first", made)
    export(ViewSpec(dataset="first"), folder / "out", "csv")
    ingest(folder / "out", "second", splits=None)
    assert store.summary("second").classes == ("b, comma", "a", "unused")
    assert content("second") == content("first")
    assert store.summary("second").label_fields == {"ground_truth": kind}


def csv_document(kind, some):
    from datasets.storage import labels

    return labels.to_document(kind, some)


def content(name):
    from datasets.storage import labels

    return {
        one["filepath"]: (one.get("split"), [label.label for label in labels.from_document(one.get("ground_truth"))])
        for one in collection.stream(name)
    }


def test_names_that_hold_the_mark_are_refused(folder):
    from datasets.exchange.formats.base import Draft

    draft = Draft([ImageRecord(folder / "photos/a.jpg", classifications=(Label("a|b"),))], ["a|b"], CLASSIFICATIONS)
    with pytest.raises(FormatError, match="expected class names without"):
        csv_labels.write(draft, folder)


FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "'=1",
    "''=1",
    "a;=1",
    "a\t@x",
    "'",
    "it's",
    "a=b",
    "x-1",
    " =1",
]


@pytest.mark.parametrize("text", [*FORMULAS, "'-", "';'=", "a;;'+", "\n=x", "=;=", "", "-;'\t'@"])
def test_a_cell_gives_back_what_was_written_and_is_no_formula(text):
    cell = csv_cells.cell(text)
    assert csv_cells.read_cell(cell) == text
    for part in re.split(r"[;\t\r\n]", cell):
        assert not re.match(r"\s*[=+\-@]", part)


@pytest.mark.parametrize("kind", csv_labels.ACCEPTS, ids=lambda kind: kind.name)
def test_no_name_becomes_a_formula_and_all_come_back(kind, folder):
    names = [name for name in FORMULAS if name == name.strip()]
    out = folder / "out"
    out.mkdir()
    image = make_image(folder / "=cmd.png")
    labels = tuple(Label(name, (0.25, 0.25, 0.5, 0.5)) for name in names)
    fields = {DETECTIONS: {"objects": labels}, CLASSIFICATIONS: {"classifications": labels}}
    some = fields.get(kind, {"classification": Label("=1+1")})
    record = ImageRecord(image, width=64, height=48, split="=train", **some)
    csv_labels.write(Draft([record], names, kind), out)
    with (out / "labels.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    assert not [cell for row in rows for cell in row if re.match(r"\s*[=+\-@]", cell)]
    found = csv_labels.read(out).records[0]
    if kind == CLASSIFICATION:
        assert found.classification == Label("=1+1")
    else:
        told = found.objects or found.classifications
        assert [label.label for label in told] == names


def test_numbers_below_zero_stay_numbers(folder):
    table(folder, "image,label,x_min,y_min,x_max,y_max\nphotos/a.jpg,'=x,-5,-5,20,20\n")
    (found,) = csv_labels.read(folder).records
    assert found.objects[0].label == "=x"
    assert found.objects[0].box[0] <= 0
