"""Images made to eat memory: refused in words before a pixel is decoded, and large ones are decoded one at a time."""

import multiprocessing
import os
import struct
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image, UnidentifiedImageError

from datasets.errors import EvaluationError, ThumbnailError
from datasets.exchange.importing import preview
from datasets.images import masks, pictures, pixels
from datasets.images.probe import probe_one
from datasets.showing import thumbnails
from datasets.workspace import Workspace
from tests.helpers import ROOT, make_image


def flat_png(path: Path, width: int, height: int) -> Path:
    """A PNG of zeros: few bytes, many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer, rows = zlib.compressobj(9), b"\0" * (1 + 3 * width) * 64
    data = b"".join(packer.compress(rows) for _ in range(height // 64)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height // 64 * 64, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b""))
    return path


def huge_headers(folder: Path) -> list[Path]:
    """Files of a few bytes that claim more pixels than any sensor has, one of each format that says so at its start."""
    made = []
    for name in ("a.jpg", "a.gif", "a.bmp", "a.webp", "a.tif", "a.ppm", "a.tga"):
        path = make_image(folder / name, (64, 48))
        data = bytearray(path.read_bytes())
        if name == "a.jpg":
            at = data.index(b"\xff\xc0") + 5
            data[at : at + 4] = struct.pack(">HH", 65_000, 65_000)
        elif name == "a.gif":
            data[6:10] = struct.pack("<HH", 65_000, 65_000)
        elif name == "a.bmp":
            data[18:26] = struct.pack("<ii", 100_000, 100_000)
        elif name == "a.webp":
            extended = b"VP8X" + struct.pack("<I", 10) + b"\0" * 4 + (16_000_000).to_bytes(3, "little") * 2
            data[12:12] = extended
            data[4:8] = struct.pack("<I", len(data) - 8)
        elif name == "a.ppm":
            data[:] = b"P6 100000 100000 255\n" + b"\0" * 100
        elif name == "a.tga":
            data[12:16] = struct.pack("<HH", 65_000, 65_000)
        else:
            made.append(_tiff(path))
            continue
        path.write_bytes(bytes(data))
        made.append(path)
    return made


def _tiff(path: Path) -> Path:
    entries = [(256, 4, 1, 100_000), (257, 4, 1, 100_000), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
               (273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, 100_000), (279, 4, 1, 100)]  # fmt: skip
    body = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    path.write_bytes(b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(entries)) + body + b"\0" * 4)
    return path


def test_a_header_that_claims_too_much_is_a_finding_whatever_the_format(tmp_path: Path, workspace: Workspace) -> None:
    for path in huge_headers(tmp_path):
        found = probe_one(path)
        assert found.error in ("too_large", "unreadable") and not found.width, path
        with pytest.raises(ThumbnailError):
            thumbnails.thumbnail(path)
        with pytest.raises(EvaluationError):
            masks.read({"mask_path": str(path)})


def test_an_image_of_too_many_pixels_is_left_out_and_the_rest_is_kept(
    tmp_path: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOVEAL_MEGAPIXELS", "1")
    make_image(tmp_path / "small.jpg")
    flat_png(tmp_path / "large.png", 1024, 1024)
    found = preview(tmp_path)
    assert found.count == 1 and [one.code for one in found.findings] == ["too_large_image"]
    words = "1,024 x 1,024 = 1 megapixels, more than the 1 that are read; cut it into tiles, or raise FOVEAL_MEGAPIXELS"
    assert words in found.findings[0].found
    with pytest.raises(ThumbnailError, match="cut it into tiles"):
        thumbnails.thumbnail(tmp_path / "large.png")


def test_what_is_no_raster_image_is_refused_whatever_its_name(tmp_path: Path, workspace: Workspace) -> None:
    texts = {
        "a.jpg": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n",
        "b.png": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>',
        "c.gif": b"<!doctype html><script>alert(1)</script>",
        "d.png": b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n",
    }
    for name, data in texts.items():
        (tmp_path / name).write_bytes(data)
        assert probe_one(tmp_path / name).error == "unreadable"
        with pytest.raises(UnidentifiedImageError), pixels.opened(tmp_path / name):
            pass
    assert preview(make_image(tmp_path / "good.jpg").parent).count == 1


def test_the_ending_of_an_image_does_not_matter(tmp_path: Path, workspace: Workspace) -> None:
    path = make_image(tmp_path / "a.png").rename(tmp_path / "a.html")
    assert probe_one(path).format == "PNG"


def test_large_images_are_decoded_one_at_a_time_and_small_ones_together() -> None:
    most = {"large": 0, "small": 0}
    inside = {"large": 0, "small": 0}
    lock, together = threading.Lock(), threading.Barrier(3)

    def decode(kind: str) -> None:
        with pixels.decoding(pixels.LARGE + 1 if kind == "large" else 1000):
            with lock:
                inside[kind] += 1
                most[kind] = max(most[kind], inside[kind])
                assert not (inside["large"] and inside["small"])
            if kind == "small":
                together.wait(20)
            time.sleep(0.005)
            with lock:
                inside[kind] -= 1

    for kind, count in (("large", 6), ("small", 3)):
        threads = [threading.Thread(target=decode, args=(kind,)) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert most == {"large": 1, "small": 3}


def _hold(home: str, seconds: float, told: "multiprocessing.Queue[tuple[float, float]]") -> None:
    os.environ["FOVEAL_HOME"] = home
    with pixels.decoding(pixels.LARGE + 1):
        began = time.monotonic()
        time.sleep(seconds)
        told.put((began, time.monotonic()))


def test_large_images_are_decoded_one_at_a_time_over_all_processes(workspace: Workspace) -> None:
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    children = [context.Process(target=_hold, args=(str(workspace.home), 0.3, told)) for _ in range(2)]
    for child in children:
        child.start()
    first, second = sorted(told.get(timeout=60) for _ in children)
    for child in children:
        child.join(20)
    assert first[1] <= second[0] and list(workspace.home.iterdir()) == []


def test_asking_again_inside_does_not_wait_for_oneself() -> None:
    with pixels.decoding(pixels.LARGE + 1), pixels.decoding(pixels.LARGE + 1):
        pass


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "CMYK", "I;16"])
def test_a_large_image_is_shown_small_as_it_is(
    mode: str, tmp_path: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_image(tmp_path / "a.tif", (900, 600), mode=mode, orientation=6)
    with Image.open(thumbnails.thumbnail(path, 128)) as image:
        before = image.convert("L").resize((16, 16))
    monkeypatch.setattr(pictures, "LARGE", 1000)
    with Image.open(thumbnails.thumbnail(path, 127)) as image:
        assert image.size == (85, 127)
        after = image.convert("L").resize((16, 16))
    assert max(abs(a - b) for a, b in zip(before.tobytes(), after.tobytes(), strict=True)) < 12


@pytest.mark.slow
def test_a_folder_of_bombs_takes_the_memory_of_one(tmp_path: Path) -> None:
    """The attack of the issue: PNGs of zeros. 4 of 225 megapixels; before, 24 of 400 took 7.2 GB."""
    for number in range(4):
        flat_png(tmp_path / f"{number}.png", 15_000, 15_040)
    code = (
        "import sys\nfrom pathlib import Path\nfrom datasets.showing import thumbnails\n"
        "paths = sorted(Path(sys.argv[1]).glob('*.png'))\n"
        "bad = thumbnails.make_ahead(paths, workers=8)\n"
        "peak = Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]\n"
        "print(len(bad), int(peak) // 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=ROOT, env={**os.environ, "FOVEAL_HOME": str(tmp_path / "home")}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    bad, megabytes = map(int, done.stdout.split())
    assert bad == 0 and megabytes < 1600


def test_a_jpeg_of_thousands_of_passes_is_refused(tmp_path: Path) -> None:
    image = Image.effect_noise((64, 64), 50)
    image.save(tmp_path / "a.jpg", progressive=True)
    assert probe_one(tmp_path / "a.jpg").passes and not probe_one(tmp_path / "a.jpg").error
    data = (tmp_path / "a.jpg").read_bytes()
    at = data.index(b"\xff\xda")
    (tmp_path / "b.jpg").write_bytes(data[:at] + data[at:-2] * 100 + data[-2:])
    found = probe_one(tmp_path / "b.jpg")
    assert found.error == "unreadable" and "passes" in found.detail
