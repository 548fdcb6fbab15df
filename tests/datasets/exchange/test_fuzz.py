"""Generated folders of every format with seeded mutations: no traceback, and no label lost without a word.

Three promises for each mutation. It ends with a preview or with an error of ours, never with another exception. What
cannot change the meaning (line ends, a byte order mark, files of other programs, a folder around it) changes nothing.
Where labels or images are fewer than before, an error or a finding says so.

`FOVEAL_FUZZ` sets the number of mutations (50 by default; `make accept` takes 500).
"""

import os
import random
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from datasets.errors import DatasetsError
from datasets.exchange import importing
from datasets.exchange.formats import registry
from datasets.exchange.formats.base import Draft
from datasets.exchange.looking import preview
from datasets.exchange.previews import Preview
from datasets.kinds import CLASSIFICATION, DETECTIONS, KEYPOINTS, SEGMENTATION, Kind
from datasets.records import ImageRecord, Label
from datasets.skeleton import Skeleton
from datasets.storage import collection
from datasets.workspace import Workspace
from tests import toolsets

QUICK, WHOLE = 50, 500
SIZE = 48, 40
CLASSES = ("bolt", "nut", "washer")
KINDS: Mapping[str, Kind | None] = {
    "coco": DETECTIONS, "coco_keypoints": KEYPOINTS, "yolo": DETECTIONS, "voc": DETECTIONS,
    "mask_folders": SEGMENTATION, "class_folders": CLASSIFICATION, "csv": DETECTIONS, "cvat": DETECTIONS,
    "labelstudio": DETECTIONS, "images": None, **dict.fromkeys(toolsets.NAMES, DETECTIONS),
}  # fmt: skip
# Nothing but the images says what should be there; a label file of YOLO that is empty says that there is no object.
UNTOLD = {("class_folders", "an image is gone"), ("images", "an image is gone"), ("yolo", "empty text")}
TEXTS = (".txt", ".json", ".xml", ".csv", ".yaml")
Contents = dict[str, tuple[str | None, tuple[str, ...]]]


def made(name: str, folder: Path, chance: random.Random) -> None:
    """A folder in a format: a few images with a few labels in two splits."""
    kind, media = KINDS[name], folder.parent / "media"
    records = []
    for number in range(chance.randint(4, 7)):
        path = media / f"image {number}.png" if number == 1 else media / f"img_{number:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.frombytes("RGB", SIZE, chance.randbytes(SIZE[0] * SIZE[1] * 3)).save(path)
        records.append(drawn(path, kind, "train" if number % 3 else "val", chance))
    targets = {0: "background", 1: "bolt", 2: "nut"} if kind == SEGMENTATION else {}
    classes = tuple(targets.values()) or (CLASSES if kind else ())
    skeleton = Skeleton(("head", "tail"), ((0, 1),)) if kind == KEYPOINTS else None
    folder.mkdir(parents=True)
    draft = Draft(records, classes, kind, "copy", targets=targets, skeleton=skeleton)
    if name in toolsets.NAMES:
        toolsets.write(name, records, folder)
    else:
        registry.find(name).write(draft, folder, lambda *_: None)
    shutil.rmtree(media)


def drawn(path: Path, kind: Kind | None, split: str, chance: random.Random) -> ImageRecord:
    """A record with labels of a kind."""
    if kind == CLASSIFICATION:
        return ImageRecord(path, split, *SIZE, classification=Label(chance.choice(CLASSES)))
    if kind == SEGMENTATION:
        mask = path.with_suffix(".mask.png")
        Image.frombytes("L", SIZE, bytes(chance.randrange(3) for _ in range(SIZE[0] * SIZE[1]))).save(mask)
        return ImageRecord(path, split, *SIZE, segmentation=Label("", mask_path=str(mask)))
    objects = []
    for _ in range(chance.randint(1, 4) if kind else 0):
        left, top = chance.randrange(0, 30) / SIZE[0], chance.randrange(0, 25) / SIZE[1]
        box = left, top, chance.randrange(4, 16) / SIZE[0], chance.randrange(4, 14) / SIZE[1]
        pose = {"points": (((left, top), (left + 0.05, top + 0.05)),), "attributes": {"visible": [2, 2]}}
        objects.append(Label(chance.choice(CLASSES), box, **(pose if kind == KEYPOINTS else {})))  # type: ignore[arg-type]
    return ImageRecord(path, split, *SIZE, objects=tuple(objects))


def contents(found: Preview) -> Contents:
    """What a preview holds: for each image its split and its labels, by the name of the image."""
    return {
        record.path.name: (record.split, tuple(sorted(labelled(record)))) for record in found.records
    }  # names are unique here


def labelled(record: ImageRecord) -> Iterator[str]:
    """The labels of a record as text."""
    for label in (*record.objects, *record.classifications, *filter(None, (record.classification,))):
        yield f"{label.label} {tuple(round(value, 9) for value in label.box or ())} {label.points}"
    if record.segmentation:
        yield f"mask of {record.present}"


@dataclass(frozen=True)
class Mutation:
    """A change of a folder. `harmless`: it means the same as before. It returns False where there is nothing to do."""

    name: str
    change: Callable[[Path, random.Random], bool]
    harmless: bool = False


def texts(folder: Path) -> list[Path]:
    """The text files of a folder that a format wrote."""
    return sorted(path for path in folder.rglob("*") if path.suffix in TEXTS)


def on_text(edit: Callable[[bytes, random.Random], bytes]) -> Callable[[Path, random.Random], bool]:
    """A change of one text file, chosen by chance."""

    def change(folder: Path, chance: random.Random) -> bool:
        found = texts(folder)
        if not found:
            return False
        path = chance.choice(found)
        before = path.read_bytes()
        path.write_bytes(edit(before, chance))
        return path.read_bytes() != before

    return change


def on_image(edit: Callable[[Path, random.Random], object]) -> Callable[[Path, random.Random], bool]:
    """A change of one image that is no mask, chosen by chance."""

    def change(folder: Path, chance: random.Random) -> bool:
        edit(chance.choice(sorted(path for path in folder.rglob("*.png") if "mask" not in str(path.parent))), chance)
        return True

    return change


def beside(name: str, data: bytes) -> Callable[[Path, random.Random], bool]:
    """A file that does not belong, in a folder chosen by chance."""

    def change(folder: Path, chance: random.Random) -> bool:
        tops = [folder, *sorted(path for path in folder.rglob("*") if path.is_dir())]
        target = chance.choice(tops) / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        return True

    return change


def number_replaced(data: bytes, chance: random.Random) -> bytes:
    """One run of digits becomes something that is no good number."""
    runs = list(re.finditer(rb"\d+(?:\.\d+)?", data))
    if not runs:
        return data
    one = chance.choice(runs)
    bad = chance.choice([b"nan", b"inf", b"abc", b"", b"-5", b"1e999", b"99999999999", b"0,5", "½".encode()])
    return data[: one.start()] + bad + data[one.end() :]


def line_lost(data: bytes, chance: random.Random) -> bytes:
    """Garbage in the middle."""
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.randbytes(chance.randint(1, 12)) + data[at:]


def wrapped(folder: Path, chance: random.Random) -> bool:
    """The set lies in a folder of its own."""
    inner = folder.with_name("inner")
    folder.rename(inner)
    folder.mkdir()
    inner.rename(folder / "dataset-v1")
    return True


MUTATIONS = (
    Mutation("crlf", on_text(lambda data, _: data.replace(b"\n", b"\r\n")), harmless=True),
    Mutation("byte order mark", on_text(lambda data, _: b"\xef\xbb\xbf" + data), harmless=True),
    Mutation("a folder around it", wrapped, harmless=True),
    Mutation("a folder of macOS", beside("__MACOSX/._img_000.png", b"\0\5\x16\7"), harmless=True),
    Mutation("thumbnails of Windows", beside("Thumbs.db", b"\xd0\xcf\x11\xe0"), harmless=True),
    Mutation("a settings file", beside("desktop.ini", b"[.ShellClassInfo]\r\n"), harmless=True),
    Mutation("a note in Latin-1", beside("LIESMICH.md", "Größe und Maß\n".encode("latin-1")), harmless=True),
    Mutation("truncated text", on_text(lambda data, chance: data[: chance.randrange(len(data) + 1)])),
    Mutation("empty text", on_text(lambda _, __: b"")),
    Mutation("garbage in a text", on_text(line_lost)),
    Mutation("a bad number", on_text(number_replaced)),
    Mutation("UTF-16", on_text(lambda data, _: data.decode("utf-8").encode("utf-16"))),
    Mutation("an image is gone", on_image(lambda path, _: path.unlink())),
    Mutation("a truncated image", on_image(lambda path, _: path.write_bytes(path.read_bytes()[:90]))),
    Mutation("an empty image", on_image(lambda path, _: path.write_bytes(b""))),
    Mutation("an image in capitals", on_image(lambda path, _: path.rename(path.with_suffix(".PNG")))),
    Mutation("a strange table", beside("people.csv", b"name;age\nA;" + b"9" * 200_000 + b"\n")),
    Mutation("a strange json", beside("settings.json", b'{"a": [1, 2')),
    Mutation("a strange xml", beside("plan.xml", b"<a><b></a>")),
)  # fmt: skip


def cases(count: int) -> Iterator[tuple[int, str, Mutation]]:
    """Seeds, formats and mutations, each format in turn."""
    names = list(KINDS)
    for seed in range(count):
        yield seed, names[seed % len(names)], random.Random(seed).choice(MUTATIONS)


def run(seed: int, name: str, mutation: Mutation, folder: Path) -> None:
    """One mutation of one folder, with all promises."""
    chance = random.Random(seed)
    made(name, folder, chance)
    before = contents(preview(folder))
    assert before, "the generator made nothing"
    if (name, mutation.name) in UNTOLD:
        return
    if not mutation.change(folder, chance):
        return
    try:
        found = preview(folder)
    except DatasetsError as error:
        assert not mutation.harmless, error
        assert str(error)
        return
    after = contents(found)
    if mutation.harmless:
        assert after == before, found.findings
        return
    told = [one for one in found.findings if one.severity != "note"]
    lost = sum(len(labels) for _, labels in before.values()) - sum(len(labels) for _, labels in after.values())
    assert told or lost <= 0, f"{lost} labels are gone, and only {found.findings} says so"
    assert told or before.keys() <= after.keys() or mutation.name == "an image in capitals", found.findings


@pytest.mark.parametrize("at", range(10))
def test_mutated_folders_are_read_or_refused_in_words(at: int, tmp_path: Path) -> None:
    for seed, name, mutation in list(cases(QUICK))[at::10]:
        run(seed, name, mutation, tmp_path / str(seed) / "set")


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_many_mutated_folders(tmp_path: Path) -> None:
    count, broken = int(os.environ.get("FOVEAL_FUZZ", WHOLE)), []
    for seed, name, mutation in cases(count):
        try:
            run(seed, name, mutation, tmp_path / "set")
        except Exception as error:
            broken.append(f"seed {seed}: {mutation.name} of {name}: {type(error).__name__}: {error}"[:400])
        finally:
            shutil.rmtree(tmp_path / "set", ignore_errors=True)
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("name", KINDS)
def test_what_is_stored_is_what_the_preview_showed(name: str, database: Workspace, tmp_path: Path) -> None:
    made(name, tmp_path / "set", random.Random(name))
    found = preview(tmp_path / "set")
    importing.ingest(found, "stored", None)
    stored = {}
    for document in collection.stream("stored"):
        value = document.get("ground_truth") or {}
        many = value.get("detections") or value.get("keypoints") or value.get("classifications")
        labels = many if many is not None else [value] if value else []
        stored[Path(document["filepath"]).name] = document.get("split"), len(labels)
    assert stored == {image: (split, len(labels)) for image, (split, labels) in contents(found).items()}
