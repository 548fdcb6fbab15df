"""What is handed to a browser: files of datasets alone, by what they are, and only those that were imported."""

import os
from pathlib import Path

import pytest
from PIL import Image

from datasets.errors import MediaError
from datasets.exchange import importing
from datasets.showing import media
from datasets.storage import collection, store
from datasets.workspace import Workspace
from tests.helpers import make_image

VIDEOS = {
    b"\0\0\0\x20ftypisom\0\0\2\0": "video/mp4",
    b"\0\0\0\x14ftypqt  ": "video/quicktime",
    b"\x1a\x45\xdf\xa3\x93\x42\x82\x88webm": "video/webm",
    b"RIFF\0\0\0\0AVI LIST": "video/x-msvideo",
}


def imported(folder: Path) -> str:
    importing.ingest(folder, "held", None)
    return str(next(collection.stream("held"))["_id"])


def shown(found: media.Media | None) -> media.Media:
    assert found is not None
    found.stream.close()
    return found


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.gif", "a.webp", "a.bmp", "a.tif"])
def test_the_content_says_what_an_image_is(name: str, tmp_path: Path) -> None:
    path = make_image(tmp_path / name).rename(tmp_path / "page.html")
    with media.open_media(path).stream as stream:
        assert media.type_of(stream) == Image.MIME[{"jpg": "JPEG", "tif": "TIFF"}.get(name[2:], name[2:].upper())]
        assert stream.tell() == 0


@pytest.mark.parametrize("head", VIDEOS)
def test_the_content_says_what_a_video_is(head: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(head + b"\0" * 100)
    assert shown(media.open_media(path)).type == VIDEOS[head]


@pytest.mark.parametrize(
    "data", [b"<!doctype html><script>1</script>", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.4", b"", b"x"]
)
def test_nothing_else_is_handed_out_whatever_its_name(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(MediaError, match="expected an image or a video, found neither"):
        media.open_media(tmp_path / "a.png")


def test_an_image_is_found_by_its_sample(database: Workspace, tmp_path: Path) -> None:
    make_image(tmp_path / "a b.PNG")
    found = shown(media.open_sample("held", imported(tmp_path)))
    assert (found.type, found.name) == ("image/png", "a b.png")
    assert media.open_sample("held", "0" * 24) is None


@pytest.mark.parametrize("target", ["image", "text", "pipe", "folder", "nothing"])
def test_a_file_that_was_swapped_after_the_import_is_refused(target: str, database: Workspace, tmp_path: Path) -> None:
    path, secret = make_image(tmp_path / "in" / "a.png"), make_image(tmp_path / "secret.png", seed=9)
    sample = imported(tmp_path / "in")
    path.unlink()
    if target == "pipe":
        os.mkfifo(path)
    elif target == "folder":
        path.mkdir()
    elif target != "nothing":
        path.symlink_to(secret if target == "image" else "/etc/hosts")
    with pytest.raises(MediaError, match=r"a\.png: expected "):
        media.open_sample("held", sample)
    if target in ("image", "text"):
        with pytest.raises(MediaError, match="found a link in its place"):
            media.open_known(str(path))


def test_a_link_to_an_image_is_followed_when_it_is_imported(database: Workspace, tmp_path: Path) -> None:
    real = make_image(tmp_path / "store" / "x.png")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").symlink_to(real)
    assert shown(media.open_sample("held", imported(tmp_path / "in"))).name == "x.png"


def test_a_link_into_a_store_of_blobs_may_lead_where_it_led(database: Workspace, tmp_path: Path) -> None:
    blob, other = (
        make_image(tmp_path / "blobs" / f"{n}.png", seed=n).rename(tmp_path / "blobs" / str(n)) for n in (1, 2)
    )
    (tmp_path / "in").mkdir()
    link = tmp_path / "in" / "a.png"
    link.symlink_to(blob)
    sample = imported(tmp_path / "in")
    assert next(collection.stream("held"))["filepath"] == str(link)  # a blob has no ending, which others need
    assert shown(media.open_sample("held", sample)) and shown(media.open_known(str(link)))
    link.unlink()
    link.symlink_to(other)
    with pytest.raises(MediaError, match="found a link in its place"):
        media.open_sample("held", sample)


def test_a_folder_that_was_moved_and_linked_to_still_shows_the_same_images(database: Workspace, tmp_path: Path) -> None:
    make_image(tmp_path / "in" / "a.png")
    sample = imported(tmp_path / "in")
    (tmp_path / "in").rename(tmp_path / "moved")
    (tmp_path / "in").symlink_to(tmp_path / "moved")
    assert shown(media.open_sample("held", sample))
    make_image(tmp_path / "moved" / "a.png", (200, 100), seed=3)
    with pytest.raises(MediaError):
        media.open_sample("held", sample)


def test_links_in_datasets_that_were_made_elsewhere_are_followed(database: Workspace, tmp_path: Path) -> None:
    path = make_image(tmp_path / "in" / "a.png")
    sample = imported(tmp_path / "in")
    store.set_info("held", "source", None)
    path.rename(tmp_path / "real.png")
    path.symlink_to(tmp_path / "real.png")
    assert shown(media.open_sample("held", sample))


def test_photos_of_several_pictures_are_jpeg_for_browsers(tmp_path):
    """Cameras write a JPEG with a small one behind it (MPO)."""
    first, second = (Image.new("RGB", (8, 8), shade) for shade in ("red", "blue"))
    first.save(tmp_path / "a.jpg", format="MPO", save_all=True, append_images=[second])
    with Image.open(tmp_path / "a.jpg") as image, (tmp_path / "a.jpg").open("rb") as stream:
        assert (image.format, media.type_of(stream)) == ("MPO", "image/jpeg")
