"""Packed sources: what is stored is the truth, nothing leads outside, and what can't be read is an error."""

import io
import json
import os
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from datasets.errors import Cancelled, FormatError, LimitError
from datasets.exchange import apart
from datasets.exchange.importing import ingest, preview
from datasets.exchange.unpacking import opening, writing
from datasets.storage import collection, labels
from datasets.workspace import Workspace


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("FOVEAL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def png(value, size=(20, 16)):
    made = io.BytesIO()
    Image.fromarray(np.full((size[1], size[0], 3), value, np.uint8)).save(made, "PNG")
    return made.getvalue()


def coco(*names):
    return json.dumps({
        "images": [{"id": n, "file_name": name, "width": 20, "height": 16} for n, name in enumerate(names)],
        "annotations": [{"id": n, "image_id": n, "category_id": 1, "bbox": [n, 2, 5, 4]} for n in range(len(names))],
        "categories": [{"id": 1, "name": "bolt"}],
    })  # fmt: skip


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def tarred(path, members, mode="w:gz"):
    with tarfile.open(path, mode) as archive:
        for name, data in members.items():
            one = tarfile.TarInfo(name)
            if data is None:
                one.type, one.linkname = tarfile.SYMTYPE, "/etc/passwd"
            else:
                one.size = len(data)
            archive.addfile(one, io.BytesIO(data or b""))
    return path


def codes(found):
    return [one.code for one in found.findings]


def below(folder):
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if not one.is_dir())


MEMBERS = {"images/a.png": png(1), "images/b.png": png(2), "annotations.json": coco("a.png", "b.png").encode()}


@pytest.mark.parametrize("make", [zipped, tarred, lambda path, members: tarred(path, members, "w:xz")])
def test_an_archive_is_stored_as_its_folder_would_be(make, tmp_path, database):
    found = preview(make(tmp_path / "export.zip", MEMBERS))
    assert (found.format, found.path.name, found.root.name) == ("coco", "export.zip", "export")
    assert codes(found) == ["unpacked"]
    assert found.root.is_relative_to(Workspace.current().unpacked)
    ingest(found, "made", splits=None)
    assert {
        Path(one["filepath"]).name: [label.box for label in labels.from_document(one["ground_truth"])]
        for one in collection.stream("made")
    } == {"a.png": [(0 / 20, 2 / 16, 5 / 20, 4 / 16)], "b.png": [(1 / 20, 2 / 16, 5 / 20, 4 / 16)]}


def test_an_archive_is_unpacked_once(tmp_path):
    path = zipped(tmp_path / "export.zip", {**MEMBERS, "../evil.txt": b""})
    first = preview(path)
    before = {one: one.stat().st_mtime_ns for one in first.root.rglob("*")}
    again = preview(path)
    assert again.findings == first.findings and again.root == first.root
    assert {one: one.stat().st_mtime_ns for one in again.root.rglob("*")} == before


def test_nothing_is_written_outside_and_no_link_is_made(tmp_path):
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    bad = {"../evil": b"x", "/absolute": b"x", "a/../../evil": b"x", "C:\\evil": b"x", "..\\evil": b"x"}
    path = zipped(tmp_path / "a.zip", {**MEMBERS, **bad, "__MACOSX/._a.png": b"x", "x" * 300: b"x"})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    found = preview(path)
    assert below(found.root) == sorted(MEMBERS)
    counts = {one.code: one.count for one in found.findings}
    assert counts == {"archive_outside": 5, "archive_links": 1, "archive_names": 1, "unpacked": 1}
    other = preview(tarred(tmp_path / "b.tar.gz", {**MEMBERS, "../evil": b"x", "link": None}))
    assert below(other.root) == sorted(MEMBERS)
    assert {one.code: one.count for one in other.findings} == {"archive_outside": 1, "archive_links": 1, "unpacked": 1}
    assert not list(tmp_path.rglob("*evil*"))


def test_a_name_that_is_a_file_and_a_folder_is_told(tmp_path):
    found = preview(zipped(tmp_path / "a.zip", {**MEMBERS, "images": b"x", "images/a.png/b": b"x"}))
    assert {one.code: one.count for one in found.findings}["archive_twice"] == 1


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.7z", b"7z\xbc\xaf\x27\x1c" + b"x" * 40, "7-Zip.*import the folder"),
        ("a.rar", b"Rar!\x1a\x07\x01\x00" + b"x" * 40, "RAR.*import the folder"),
        ("a.zip", zipfile.ZipFile, "broken or not complete"),
        ("a.tar.gz", tarfile.TarFile, "broken or not complete"),
        ("data_batch_1", b"\x80\x02}q", "pickle.*could run anything"),
    ],
)
def test_what_is_not_read_is_an_error_with_the_way_out(name, data, said, tmp_path, own_home):
    path = tmp_path / name
    if isinstance(data, bytes):
        path.write_bytes(data)
    else:
        whole = (zipped if data is zipfile.ZipFile else tarred)(path, MEMBERS).read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FormatError, match=said):
        preview(path)
    assert not list((own_home / "unpacked").glob(".part*"))


def test_an_encrypted_zip_asks_for_its_password(tmp_path):
    data = bytearray(zipped(tmp_path / "a.zip", MEMBERS).read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    (tmp_path / "a.zip").write_bytes(bytes(data))
    with pytest.raises(FormatError, match="password"):
        preview(tmp_path / "a.zip")


def test_a_damaged_member_is_no_image_in_silence(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.png", png(1))
    data = path.read_bytes()
    path.write_bytes(data.replace(b"IDAT", b"IDAX", 1))
    with pytest.raises(FormatError, match="broken or not complete"):
        preview(path)


@pytest.mark.parametrize("limit", ["MOST_FILES", "MOST_BYTES", "_UNSUSPICIOUS"])
def test_limits(limit, tmp_path, monkeypatch, own_home):
    monkeypatch.setattr(writing, limit, 2)
    monkeypatch.setattr(writing, "MOST_RATIO", 1)
    path = zipped(tmp_path / "a.zip", {f"{n}.txt": b"0" * 10_000 for n in range(3)})
    with pytest.raises(LimitError):
        preview(path)
    assert not list((own_home / "unpacked").iterdir())


def test_a_cancelled_import_leaves_nothing(tmp_path, own_home):
    def stop(done, total):
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        preview(zipped(tmp_path / "a.zip", {f"{n}.png": png(n) for n in range(150)}), progress=stop)
    assert not list((own_home / "unpacked").iterdir())


def test_what_a_killed_process_left_is_swept(tmp_path, own_home):
    (own_home / "unpacked" / ".part-999999999-ab").mkdir(parents=True)
    (own_home / "unpacked" / f".part-{os.getpid()}-ab").mkdir()
    preview(zipped(tmp_path / "a.zip", MEMBERS))
    assert [one.name for one in (own_home / "unpacked").glob(".part*")] == [f".part-{os.getpid()}-ab"]


def test_a_process_apart_unpacks_as_well(tmp_path):
    try:
        found = apart.preview(zipped(tmp_path / "a.zip", MEMBERS))
    finally:
        apart.dismiss()
    assert (found.format, found.count, found.labels) == ("coco", 2, 2)


def test_names_of_zips_that_are_no_utf8(tmp_path):
    path = zipped(tmp_path / "a.zip", {"c\u00e4t/1.png": png(1), "d\u00f6g/1.png": png(2)})
    data = path.read_bytes().replace("c\u00e4t".encode(), b"c\xe4t_").replace("d\u00f6g".encode(), b"d\x94g_")
    data = bytearray(data)
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = -1
        while (start := data.find(magic, start + 1)) >= 0:
            data[start + at : start + at + 2] = b"\0\0"
    path.write_bytes(bytes(data))
    assert preview(path).classes == ("c\u00e4t_", "d\u00f6g_")


def test_archives_of_one_set_are_unpacked_beside_one_another(tmp_path):
    folder = tmp_path / "coco"
    folder.mkdir()
    zipped(folder / "val2017.zip", {"val2017/a.png": png(1)})
    zipped(folder / "annotations_trainval2017.zip", {"annotations/instances_val2017.json": coco("a.png")})
    found = preview(folder)
    assert (found.format, found.splits, found.labels) == ("coco", {"val": 1}, 1)


def test_archives_in_each_other_s_way_get_folders_of_their_own(tmp_path):
    """Kaggle: images at the top of each archive, tables beside, one of them packed alone."""
    folder = tmp_path / "competition"
    folder.mkdir()
    for name in ("train", "test"):
        zipped(folder / f"{name}.zip", {f"{n}.png": png(n + len(name)) for n in range(3)})
    zipped(folder / "train.csv.zip", {"train.csv": "id,label\n0,pug\n1,pug\n2,lab\n"})
    (folder / "sample_submission.csv").write_text("id,label\n0,pug\n1,pug\n2,pug\n")
    found = preview(folder)
    assert {(one.split, one.path.parent.name, one.path.stem): one.classification and one.classification.label
            for one in found.records} == {
        ("train", "train", "0"): "pug", ("train", "train", "1"): "pug", ("train", "train", "2"): "lab",
        ("test", "test", "0"): None, ("test", "test", "1"): None, ("test", "test", "2"): None,
    }  # fmt: skip


def test_an_archive_in_an_archive(tmp_path):
    inner = zipped(tmp_path / "inner.zip", {"cat/1.png": png(1), "dog/1.png": png(2)}).read_bytes()
    middle = zipped(tmp_path / "middle.zip", {"inner.zip": inner}).read_bytes()
    found = preview(tarred(tmp_path / "outer.tar", {"middle.zip": middle}, "w"))
    assert found.class_counts == {"cat": 1, "dog": 1} and not list(found.root.rglob("*.zip"))


@pytest.mark.parametrize("count", [1, 12])
def test_what_is_packed_beside_images_stays_closed_and_is_told(count, tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    for n in range(count):
        (folder / f"{n}.png").write_bytes(png(n))
    zipped(folder / "more.zip", MEMBERS)
    (folder / "other.rar").write_bytes(b"Rar!\x1a\x07\x01\x00" + b"x" * 100_000)
    (folder / "labels.xlsx").write_bytes(b"PK\x03\x04" + b"x" * 100)
    found = preview(folder)
    assert (found.root, found.count) == (folder, count)
    told = " ".join(str(one) for one in found.findings if one.code == "packed_beside")
    assert "more.zip" in told and "other.rar" in told and "labels.xlsx" in told and "save it as csv" in told
    assert not Workspace.current().unpacked.exists()


def test_a_file_of_a_kind_that_is_not_read_names_the_way_out(tmp_path):
    (tmp_path / "train.tfrecord").write_bytes(b"x" * 100)
    with pytest.raises(FormatError, match=r"records of TensorFlow.*import that folder"):
        preview(tmp_path / "train.tfrecord")


@pytest.mark.parametrize("name", ["a.docx", "model.pt"])
def test_documents_that_are_zips_are_no_archives(name, tmp_path):
    assert opening.opened(zipped(tmp_path / name, MEMBERS), lambda *_: None, None) == tmp_path / name


def test_archives_called_like_splits_are_splits(tmp_path, database):
    folder = tmp_path / "pets"
    folder.mkdir()
    for split, value in (("train", 10), ("val", 200)):
        zipped(folder / f"{split}.zip", {f"{name}/{value}.png": png(value) for name in ("cat", "dog")})
    ingest(preview(folder), "pets")
    stored = {
        "/".join(Path(one["filepath"]).parts[-3:]): (one["split"], one["ground_truth"]["label"])
        for one in collection.stream("pets")
    }
    assert stored == {
        f"{split}/{name}/{value}.png": (split, name)
        for split, value in (("train", 10), ("val", 200)) for name in ("cat", "dog")
    }  # fmt: skip
