"""Which json files of a folder hold COCO, and what each is for: by what they hold, not by the order of their names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import opened, splits, tree
from datasets.images.regular import open_regular
from datasets.records import first_paths

OBJECTS, CAPTIONS, PANOPTIC, RESULTS, BARE = "objects", "captions", "panoptic segments", "predictions", "images alone"
FOLDERS = ("annotations", "annotation", "annos", "anno", "labels", "label")
_BESIDE = ("person_keypoints", "stuff", "panoptic", "captions", "image_info")  # published beside `instances`
_PART = 65_536  # bytes of each part of a file that is looked at
_PARTS = 5
_MOST = 300  # files of a folder that are looked at to know whether it is COCO
_WORDS = (b"images", b"annotations", b"categories", b"bbox", b"segmentation", b"segments_info", b"caption",
          b"keypoints", b"image_id", b"file_name", b"coco_url", b"score")  # fmt: skip


@dataclass(frozen=True)
class Peek:
    """What parts of a json file speak of.

    `listed`: it is a list. `posed`: its categories name key points. `broken`: it does not begin as a json does.
    """

    path: Path
    words: frozenset[bytes] = frozenset()
    listed: bool = False
    posed: bool = False
    broken: bool = False

    @property
    def role(self) -> str:
        """What the file is for; empty when it is no COCO."""
        if self.listed:
            labels = {b"bbox", b"segmentation", b"keypoints", b"caption"} & self.words
            return RESULTS if labels and b"image_id" in self.words and b"file_name" not in self.words else ""
        if not {b"images", b"annotations", b"categories"} & self.words:
            return ""
        if b"segments_info" in self.words:
            return PANOPTIC
        if {b"bbox", b"segmentation", b"keypoints"} & self.words:
            return OBJECTS if {b"images", b"image_id"} & self.words else ""
        if b"caption" in self.words:
            return CAPTIONS
        return BARE if b"images" in self.words and {b"file_name", b"coco_url"} & self.words else ""


@dataclass(frozen=True)
class Chosen:
    """The files to read, and those that are left alone with what they hold."""

    files: tuple[Path, ...] = ()
    beside: tuple[Peek, ...] = ()
    role: str = ""

    def tell(self, findings: Findings) -> None:
        """What is left alone."""
        for one in self.beside:
            opened.note(one.path)
        if self.beside:
            listed = ", ".join(f"{one.path.name} ({one.role})" for one in self.beside[:5])
            more = f" and {len(self.beside) - 5} more" if len(self.beside) > 5 else ""
            expected, action = "files with boxes or outlines", "left alone; name a file to import it by itself"
            paths = first_paths(one.path for one in self.beside)
            findings.note(
                "other_files", self.beside[0].path.parent, expected, f"{listed}{more} too", action,
                count=len(self.beside), paths=paths,
            )  # fmt: skip


def choose(path: Path) -> Chosen:
    """The files of a path that hold objects; failing that, those that hold images alone, captions, or predictions.

    A file that was named, or is called `instances`, is one of them whatever it holds: what is wrong with it is told.
    """
    if path.is_file():
        found = peek(path) if path.suffix.lower() == ".json" else Peek(path)
        return Chosen((path,), role=found.role) if path.suffix.lower() == ".json" else Chosen()
    weaker = Chosen()
    for group in _groups(path):
        chosen = _of([peek(file) for file in group])
        if chosen.role == OBJECTS:
            return chosen
        weaker = weaker if weaker.files else chosen
    return weaker


def posed(path: Path) -> list[Path]:
    """The files of a path whose categories name key points."""
    if path.is_file():
        return [path] if path.suffix.lower() == ".json" and _has_points(peek(path)) else []
    for group in _groups(path):
        peeks = [peek(one) for one in group]
        found = [one.path for one in peeks if _has_points(one)]
        if found:
            chosen = [one for one in found if one.name.startswith("person_keypoints")] or found
            return [*chosen, *(one.path for one in peeks if one.broken)]
    return []


def panoptic(path: Path) -> list[Path]:
    """The files of a path with segments of panoptic masks."""
    if path.is_file():
        return [path] if path.suffix.lower() == ".json" and peek(path).role == PANOPTIC else []
    groups = ([one.path for one in map(peek, group) if one.role == PANOPTIC] for group in _groups(path))
    return next(filter(None, groups), [])


def peek(path: Path) -> Peek:
    """What a file speaks of, from parts of it."""
    try:
        status = path.stat()
    except OSError:
        return Peek(path)
    return _peek(path, status.st_size, status.st_mtime_ns)


def split_of(path: Path) -> str | None:
    """The split that a file is of: by a word of its name, else by its folder."""
    return splits.split_in(path.stem) or splits.split_of(path.parent.name)


def splits_of(paths: Sequence[Path]) -> dict[Path, str | None]:
    """The split of each file; one of training and validation together is of none where another is of validation."""
    found = {path: split_of(path) for path in paths}
    if splits.VAL in found.values():
        return {path: None if splits.is_trainval(path.stem) else split for path, split in found.items()}
    return found


def _of(found: Sequence[Peek]) -> Chosen:
    by_role = {role: [one for one in found if one.role == role] for role in (OBJECTS, BARE, CAPTIONS, RESULTS)}
    named = [one for one in found if one.path.name.startswith("instances") and one.role in (OBJECTS, BARE, "")]
    broken = [one for one in found if one.broken and one not in named]
    role = OBJECTS if named else next((one for one, some in by_role.items() if some), "")
    chosen = by_role.get(role, [])
    if role == OBJECTS:
        plain = [one for one in chosen if not one.path.name.startswith(_BESIDE)]
        chosen = named or plain or chosen
        splits = {split_of(one.path) for one in chosen}
        chosen = [*chosen, *(one for one in by_role[BARE] if split_of(one.path) not in {*splits, None})]
    scored = any(b"score" in one.words for one in chosen)  # predictions stand in the files themselves, as we write them
    known = ("", BARE, RESULTS) if scored else ("", BARE)
    beside = [one for one in found if one not in chosen and one.role not in known]
    return Chosen(tuple(one.path for one in (*chosen, *(broken if role else ()))), tuple(beside), role)


def _has_points(one: Peek) -> bool:
    return one.posed and one.role == OBJECTS


def _groups(path: Path) -> Iterator[list[Path]]:
    """Json files that belong together: in a folder of annotations, at the top, or one in each folder of a split."""
    names = _folders(path)
    notes = [path / name for name in names if name.lower() in FOLDERS]
    notes.sort(key=lambda one: FOLDERS.index(one.name.lower()))
    for folder in (*notes, path):
        yield _jsons(folder)
    for top in (path, *notes):
        inner = [top / name for name in (names if top == path else _folders(top)) if splits.split_of(name)]
        below = [one / name for one in inner for name in _folders(one) if name.lower() in FOLDERS]
        yield [file for folder in (*inner, *below) for file in _jsons(folder)]


def _folders(path: Path) -> list[str]:
    return [one.name for one in tree.listing(path).folders]


def _jsons(folder: Path) -> list[Path]:
    """The json files of a folder; of very many, which are one for each image, all or none."""
    found = [one for one in tree.listing(folder).files if one.name[-5:].lower() == ".json"]
    if len(found) > _MOST and not any(peek(one).role for one in found[:: len(found) // _MOST]):
        return []
    return found


@lru_cache(maxsize=1024)
def _peek(path: Path, size: int, changed: int) -> Peek:  # noqa: ARG001  another time of change is another file
    text = b" ".join(_parts(path, size))
    words = frozenset(word for word in _WORDS if b'"' + word + b'"' in text)
    start = text.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start not in (b"{", b"["):
        return Peek(path, broken=True)
    return Peek(path, words, start == b"[", _names_points(text))


def _parts(path: Path, size: int) -> Iterator[bytes]:
    try:
        with open_regular(path) as stream:
            if size <= _PARTS * _PART:
                whole = stream.read(_PARTS * _PART)
                wide = whole[:2] in (b"\xff\xfe", b"\xfe\xff")
                yield whole.decode("utf-16", "replace").encode() if wide else whole
                return
            for number in range(_PARTS):
                stream.seek((size - _PART) * number // (_PARTS - 1))
                yield stream.read(_PART)
    except OSError:
        return


def _names_points(text: bytes) -> bool:
    """Whether `keypoints` is followed by a list of words somewhere, as in a category."""
    return any(part.lstrip(b": \t\r\n[")[:1] == b'"' and b"[" in part[:40] for part in text.split(b'"keypoints"')[1:])
