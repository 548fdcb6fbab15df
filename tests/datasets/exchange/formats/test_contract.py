"""What every format promises: it recognises what it wrote, and reads back exactly what was written."""

import re
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from datasets.errors import FormatError
from datasets.exchange.fitting import fit
from datasets.exchange.formats import registry
from datasets.exchange.formats.base import Draft, Media, Source
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.bounds import EVERYWHERE, Bounds
from datasets.exchange.formats.names import NAMES, READ_ONLY, WRITTEN
from datasets.images.probe import probe
from datasets.kinds import CLASSIFICATION, CLASSIFICATIONS, DETECTIONS, KEYPOINTS, SEGMENTATION, Kind
from datasets.records import ImageRecord, Label
from datasets.skeleton import Skeleton
from tests.helpers import make_image

BOXED = ["coco", "yolo", "voc", "csv", "cvat", "labelstudio"]
CLASSES = ("zebra", "ärger", "traffic light", "unused")
TARGETS = dict(zip((0, 3, 17, 254), CLASSES, strict=True))
KINDS: dict[str, Kind | None] = {"class_folders": CLASSIFICATION, "images": None, "mask_folders": SEGMENTATION,
                                 "csv": CLASSIFICATIONS, "coco_keypoints": KEYPOINTS}  # fmt: skip
BY_NAME = ("yolo", "class_folders", "mask_folders")  # labels are found by the place of the images


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Four images in two folders; the first and the last have the same name."""
    top = tmp_path_factory.mktemp("media")
    names = ["a/one.jpg", "a/zwölf.PNG", "a/three.JPEG", "b/one.png"]
    return [make_image(top / name, (97, 61), seed=seed) for seed, name in enumerate(names)]


def written(name: str, draft: Draft, folder: Path) -> Source:
    folder.mkdir(parents=True, exist_ok=True)
    registry.find(name).write(draft, folder, lambda *_: None)
    files.forget()
    found = registry.detect(folder)
    assert found.format == name and found.path == folder
    return registry.find(name).read(folder, lambda *_: None, Bounds.of(folder, EVERYWHERE))


def content_of(records: list[ImageRecord]) -> dict[Path, list[object]]:
    return {
        r.path: [
            r.split,
            r.classification and r.classification.label,
            *((o.label, o.confidence) for o in (*r.objects, *r.classifications)),
            r.segmentation and np.asarray(Image.open(str(r.segmentation.mask_path))).tolist(),
        ]
        for r in records
    }


def masked(path: Path) -> Label:
    """A mask of all targets and void in the file beside the image."""
    pixels = np.random.default_rng(len(path.name)).choice([*TARGETS, 255], (61, 97)).astype(np.uint8)
    target = path.with_name(f"mask-of-{path.name}.png")
    Image.fromarray(pixels).save(target)
    return Label("", mask_path=str(target))


def drafted(images: list[Path], kind: Kind | None, media: Media = "link") -> Draft:
    box = (0.1, 0.2, 1 / 3, 0.4)
    full = (0.0, 0.0, 1.0, 1.0)
    objects = ((Label("zebra", box), Label("ärger", full)), (), (Label("traffic light", box, 0.123456789012345),), ())
    splits = ("train", "train", "val", "test")
    records = [
        ImageRecord(
            path,
            split,
            97,
            61,
            objects=tuple(map(posed, found)) if kind == KEYPOINTS else found if kind == DETECTIONS else (),
            classification=Label(CLASSES[number % 2]) if kind == CLASSIFICATION else None,
            classifications=tuple(map(Label, CLASSES[:number])) if kind == CLASSIFICATIONS else (),
            segmentation=masked(path) if kind == SEGMENTATION else None,
        )
        for number, (path, split, found) in enumerate(zip(images, splits, objects, strict=True))
    ]
    targets = TARGETS if kind == SEGMENTATION else {}
    skeleton = Skeleton(("head", "tail"), ((0, 1),)) if kind == KEYPOINTS else None
    return Draft(records, CLASSES if kind else (), kind, media, targets=targets, skeleton=skeleton)


def posed(label: Label) -> Label:
    """The same object with two points, one of them hidden."""
    return replace(label, points=(((0.25, 0.5), (0.5, 0.75)),), attributes={"visible": [1, 2]})


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("media", ["link", "copy", "none"])
def test_what_was_written_is_recognised_and_read_back(
    name: str, media: Media, images: list[Path], tmp_path: Path
) -> None:
    kind = KINDS.get(name, DETECTIONS)
    draft = drafted(images, kind, media)
    if media == "none" and name in BY_NAME:
        with pytest.raises(FormatError, match="expected media 'link' or 'copy', found 'none'"):
            written(name, draft, tmp_path / "out")
        return
    if media == "none" and name == "images":
        return
    source = written(name, draft, tmp_path / "out")
    assert source.findings == ()
    assert source.classes == tuple(draft.classes)
    assert source.kind == kind and dict(source.targets) == dict(draft.targets)
    assert source.skeleton == draft.skeleton
    found = content_of(list(source.records))
    if media == "copy":  # the first and the last image share a name, so one of them got another
        assert sorted(map(str, found.values())) == sorted(map(str, content_of(list(draft.records)).values()))
        assert len(found) == 4 and all(path.is_relative_to(tmp_path) for path in found)
    else:
        assert found == content_of(list(draft.records))


@pytest.mark.parametrize("name", WRITTEN)
def test_no_split_stays_no_split(name: str, images: list[Path], tmp_path: Path) -> None:
    kind = KINDS.get(name, DETECTIONS)
    draft = drafted(images, kind)
    source = written(name, replace(draft, records=[replace(r, split=None) for r in draft.records]), tmp_path / "out")
    assert {record.split for record in source.records} == {None}
    assert len(source.records) == 4 and source.findings == ()


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("splits", [("test",), ("val",), ("val", "test"), ("train", None), (None, "test")])
def test_any_choice_of_splits_comes_back(name: str, splits: tuple[str | None, ...], images: list[Path], tmp_path: Path):
    kind = KINDS.get(name, DETECTIONS)
    draft = drafted(images, kind)
    records = [replace(r, split=splits[k % len(splits)]) for k, r in enumerate(draft.records)]
    source = written(name, replace(draft, records=records), tmp_path / "out")
    assert {r.path: r.split for r in source.records} == {r.path: r.split for r in records}
    assert all(f.code == "same_split" for f in source.findings)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_the_kind_is_not_recognised(name: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no data")
    assert registry.find(name).sniff(tmp_path).score == 0
    assert registry.find(name).sniff(tmp_path / "absent").score == 0


@pytest.mark.parametrize("name", sorted(READ_ONLY))
def test_a_format_that_is_only_read_says_so(name: str, tmp_path: Path) -> None:
    module = registry.find(name)
    assert module.ACCEPTS == ()
    with pytest.raises(FormatError, match=f"{re.escape(module.TITLE)} is only read"):
        module.write(Draft([], (), None), tmp_path, lambda *_: None)


fractions = st.floats(0, 1, allow_nan=False)
sides = st.tuples(fractions, fractions).filter(lambda s: abs(s[0] - s[1]) > 1e-4).map(sorted)


@pytest.mark.parametrize("name", BOXED)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(st.tuples(sides, sides, st.sampled_from(CLASSES), st.none() | fractions), max_size=6))
def test_boxes_come_back_within_a_millionth(name: str, images: list[Path], drawn: list) -> None:
    objects = tuple(
        Label(label, (left, top, right - left, bottom - top), confidence)
        for (left, right), (top, bottom), label, confidence in drawn
    )
    draft = Draft([ImageRecord(images[0], "train", 97, 61, objects)], CLASSES, DETECTIONS)
    with tempfile.TemporaryDirectory() as folder:
        module = registry.find(name)
        module.write(draft, Path(folder), lambda *_: None)
        files.forget()
        source = module.read(Path(folder), lambda *_: None)
        kept, findings = fit(source.records, probe([r.path for r in source.records]))
    assert findings == () and all(f.severity == "note" for f in source.findings)  # val that repeats train
    read = kept[0][0].objects
    assert [(o.label, o.confidence) for o in read] == [(o.label, o.confidence) for o in objects]
    for ours, theirs in zip(objects, read, strict=True):
        assert theirs.box == pytest.approx(ours.box, abs=1e-9)


def test_an_unknown_format_lists_the_known_ones() -> None:
    with pytest.raises(
        FormatError,
        match=f"expected a format of {', '.join(NAMES)}; found 'dota'",
    ):
        registry.find("dota")
