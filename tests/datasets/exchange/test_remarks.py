"""What the import tells of images: more than 8 bits, see-through, several in a file, kinds that are not read."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from datasets.errors import FormatError
from datasets.exchange import importing
from datasets.exchange.importing import preview
from datasets.records import Finding
from datasets.storage import collection
from datasets.workspace import Workspace
from tests.datasets.images.test_pictures import KINDS
from tests.helpers import make_image, make_yolo


def told(found: importing.Preview) -> dict[str, Finding]:
    return {one.code: one for one in found.findings}


def make(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        KINDS[name](folder / name)
    return folder


def test_images_of_more_than_eight_bits_are_one_note(tmp_path: Path, workspace: Workspace) -> None:
    folder = make(tmp_path / "set", "twelve_bits.png", "thermal.png", "unit.tif", "deep_colours.tif", "turned.jpg")
    found = told(preview(folder))
    note = found["deep_image"]
    assert (note.severity, note.count, len(note.paths)) == ("note", 4, 4)
    assert note.found == "4 others (3 of 16 bits, 1 of floating point)"
    assert "darkest pixel black and its brightest white" in note.action
    assert not {"see_through_image", "several_images_in_file", "unread_picture"} & set(found)
    assert "deep_image" not in told(preview(make(tmp_path / "plain", "turned.jpg", "palette.png", "photo.heic")))


def test_see_through_images_and_files_of_several_are_notes(tmp_path: Path, workspace: Workspace) -> None:
    folder = make(tmp_path / "set", "see_through.png", "grey_alpha.png", "film.gif", "turned.jpg")
    Image.linear_gradient("L").convert("P").save(folder / "clear_index.png", transparency=3)
    pages = [Image.new("L", (64, 48), shade) for shade in (10, 20, 30)]
    pages[0].save(folder / "pages.tif", save_all=True, append_images=pages[1:])
    found = told(preview(folder))
    assert found["see_through_image"].count == 3
    assert found["several_images_in_file"].count == 2
    assert {Path(path).name for path in found["several_images_in_file"].paths} == {"film.gif", "pages.tif"}


def test_photos_of_a_phone_are_read_and_raw_ones_told(tmp_path: Path, database: Workspace) -> None:
    folder = make(tmp_path / "set", "photo.heic", "turned.jpg", "plain.pgm", "card.tga")
    for number in range(3):
        (folder / f"IMG_{number}.DNG").write_bytes(b"II*\0" + bytes(60))
    (folder / "layers.psd").write_bytes(b"8BPS")
    found = preview(folder)
    raw, layers = (one for one in found.findings if one.code == "unread_picture")
    assert raw.count == 3 and ".dng" in raw.found and raw.severity == "warning" and "develop" in raw.action
    assert raw.where.endswith("IMG_0.DNG") and layers.count == 1 and layers.where.endswith("layers.psd")
    importing.ingest(found, "phone", splits=None)
    stored = {Path(one["filepath"]).name: one["metadata"] for one in collection.stream("phone")}
    sizes = {name: (one["width"], one["height"]) for name, one in stored.items()}
    assert sizes == {"photo.heic": (96, 64), "turned.jpg": (64, 96), "plain.pgm": (96, 64), "card.tga": (96, 64)}
    assert stored["photo.heic"]["mime_type"] == "image/heif"


def test_a_folder_of_raw_photos_alone_is_an_error_with_the_way_out(tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "IMG_1.CR2").write_bytes(b"II*\0" + bytes(60))
    words = r"found 1 raw files of cameras \(\.cr2\); develop them to JPEG, PNG or TIFF"
    for path in (tmp_path, tmp_path / "IMG_1.CR2"):
        with pytest.raises(FormatError, match=words):
            preview(path)


def test_a_file_that_is_no_image_is_told_for_what_it_is(tmp_path: Path, workspace: Workspace) -> None:
    make_image(tmp_path / "good.jpg")
    files = {
        "lfs.png": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        "page.jpg": b"<!DOCTYPE html><p>",
        "deep.tif": b"II*\0" + bytes(60), "half.png": b"\x89PNG\r\n\x1a\n" + bytes(40),
        "zeros.jpg": bytes(5000), "empty.jpg": b"", "xl.png": b"\xff\x0a" + bytes(30), "text.jpg": b"hello",
    }  # fmt: skip
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    found = {Path(one.where).name: one.found for one in preview(tmp_path).findings if one.code == "unreadable_image"}
    assert "git lfs pull" in found["lfs.png"] and "download it again" in found["page.jpg"]
    assert "save it as" in found["deep.tif"] and "copy or download it again" in found["half.png"]
    assert "zeros" in found["zeros.jpg"] and "empty" in found["empty.jpg"]
    assert "JPEG XL" in found["xl.png"] and found["text.jpg"] == "no image that Pillow knows"


def test_deep_images_keep_their_boxes(tmp_path: Path, database: Workspace) -> None:
    make_yolo(tmp_path / "set", 6)
    for path in sorted((tmp_path / "set").rglob("*.jpg")):
        values = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE).astype(np.uint16) * 16
        cv2.imwrite(str(path.with_suffix(".png")), values)
        path.unlink()
    found = preview(tmp_path / "set")
    assert told(found)["deep_image"].count == 6 and found.labels == 5 + 1
    importing.ingest(found, "deep")
    assert sum(len((one["ground_truth"] or {}).get("detections", ())) for one in collection.stream("deep")) == 6
