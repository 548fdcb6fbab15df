"""Whether a file that no reader opened looks as if it held labels of the images around it, and of what kind they are.

Only the beginning of a file is looked at. Being like labels alone is not enough (a table of losses has rows of numbers
too): the file must belong to an image by its name, name images in it, or lie in a folder of labels.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import unquote

from datasets.exchange.formats.common import foldernames
from datasets.exchange.formats.common.parsing import read_head
from datasets.exchange.formats.common.partners import plain
from datasets.images.regular import open_regular
from datasets.images.suffixes import is_unread

Kind = Literal[
    "rows of numbers", "xml", "json", "a table", "a list of images", "masks", "a kind that is not read", "nothing",
    "images by another name", "rows below names of images", "a table of other names",
]  # fmt: skip

_HEAD, _LINES, _CELLS = 32_768, 60, 40
_LEAST = 4  # numbers in a row of labels
_LEAST_STEM = 4  # letters of the name of an image that is no word by chance
_TEXT = {".txt", ".csv", ".tsv", ".lst", ".list", ".dat", ".idl", ".ann", ".data", ".labels", ".tab", ".psv", ""}
_JSON = {".json", ".jsonl", ".ndjson", ".geojson", ".vgg"}
_CLOSED = {
    ".gz",
    ".mdb",
    ".pt",
    ".pth",
    ".nrrd",
    ".mha",
    ".db",
    ".sqlite",
    ".shp",
    ".kml",
    ".roi",
    ".prototxt",
    ".toml",
}
# Hardly anything but labels or images in the folder of a set.
_ALWAYS = {
    ".mat", ".npy", ".npz", ".xlsx", ".xls", ".ods", ".parquet", ".feather", ".arrow", ".tfrecord", ".tfrecords",
    ".rec", ".h5", ".hdf5", ".pkl", ".pickle", ".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".wmv",
}  # fmt: skip
_WHOLE = (".json", ".xml", ".csv", ".tsv", ".ndjson", ".jsonl", ".yaml", ".yml")  # files of labels, wherever they lie
_KEYS = re.compile(
    r'"(?:shapes|annotations?|regions|objects?|bbox(?:es)?|box(?:es)?|segmentations?|polygons?|points|key_?points|'
    r"categor(?:y|ies)|labels?|class(?:es|_?name|_?id)?|frames|instances|images?|img|image_?(?:id|name|path|url)|"
    r'file_?(?:name|path)?|filename|_via_img_metadata|results?|tags?|caption)"\s*:(?!\s*(?:\[\s*\]|\{\s*\}|null|""))',
    re.IGNORECASE,
)
_XML = re.compile(
    r"<(?:annotations?|objects?|bndbox|bbox|box|polygon|image|img|shape|labels?|region|track)\b", re.IGNORECASE
)
_NAMES = re.compile(
    r"(?:headers?|ids?|img|image|images|file|files|filename|path|name|image_?(?:id|name|path)|file_?name)"
)
_CLASS = re.compile(r"(?:label|class|category|target|tag|species|breed|diagnosis)(?:e?s|_?(?:id|name|code))?")
_IMAGES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"II*\0", b"MM\0*")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?%?")


@dataclass
class Known:
    """The images of a source, by name and by stem, as they are compared."""

    names: set[str] = field(default_factory=set)
    stems: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, images: Iterable[Path]) -> "Known":
        """From their paths."""
        names = {plain(image.name) for image in images}
        return cls(names, {name.rpartition(".")[0] or name for name in names})

    def owns(self, path: Path) -> bool:
        """Whether a file is called like an image: `a.json`, `a.jpg.json`, `a_mask.png`, `gt_a.txt`."""
        stem = plain(path.name).split(".")[0] if path.suffix else plain(path.name)
        whole = plain(path.stem)
        if {stem, whole, plain(Path(whole).stem)} & self.stems:
            return True
        parts = [whole[at + 1 :] for at, one in enumerate(whole) if one in "_-"]
        starts = [whole[:at] for at, one in enumerate(whole) if one in "_-"]
        return any(one in self.stems for one in (*parts, *starts) if len(one) > 1)

    def named(self, text: str) -> bool:
        """Whether a text is the name of an image, with its ending."""
        return bool(text) and plain(PurePosixPath(text.strip().strip("\"'").replace("\\", "/")).name) in self.names

    def stemmed(self, text: str) -> bool:
        """Whether a text is the name of an image, with or without its ending."""
        return self.named(text) or plain(PurePosixPath(text.strip().strip("\"'").replace("\\", "/")).name) in self.stems

    def akin(self, text: str, loosely: bool) -> bool:
        """Whether a text is the name of an image with its ending and something behind it, as `0.jpg_1`; and, `loosely`,
        without its ending, or with a part of it alone: `0` for `0_red.png`, `case1_slice_7` for `slice_7_266.png`."""
        name = plain(PurePosixPath(text.strip().strip("\"'").replace("\\", "/")).name)
        cuts = [at for at, one in enumerate(name) if one in "_-"]
        if name in self.names or any(name[:at] in self.names for at in cuts):
            return True
        ends = [name, *(name[at + 1 :] for at in cuts)]
        return loosely and (
            name in self.stems or any(one in self.starts for one in ends if len(one) > 1 or one == name)
        )

    @cached_property
    def starts(self) -> set[str]:
        """The stems of all images, and what stands before each `_` or `-` of them."""
        return self.stems | {stem[:at] for stem in self.stems for at, one in enumerate(stem) if one in "_-"}


def kind_of(path: Path, known: Known, inside: str = "") -> Kind | None:
    """What a file of text looks like; None where it is nothing like labels of the known images.

    `inside` is the path of its folder below the source.
    """
    suffix = path.suffix.lower()
    belongs = is_labels(inside) or known.owns(path)
    if suffix in _CLOSED | _ALWAYS:
        closed = (belongs or suffix in _ALWAYS) and not is_unread(path)
        return "a kind that is not read" if closed else None
    if suffix not in _TEXT | _JSON | set(_WHOLE):
        return _by_content(path) or _of_another_suffix(path, known)
    return _of_text(path, suffix, belongs, known)


def _of_text(path: Path, suffix: str, belongs: bool, known: Known) -> Kind | None:
    head = read_head(path, _HEAD)
    start = head.lstrip()[:1]
    if not start and not suffix:
        return _by_content(path)
    broken = suffix == ".json" and bool(start) and start not in "[{"
    if broken and _KEYS.search(head) and _mentions(head, known):
        return "json"
    if not start or broken or (suffix == ".xml" and start != "<"):
        return "nothing" if belongs or suffix in _WHOLE else None
    if suffix in (".yaml", ".yml"):
        return None
    if suffix in _JSON or start in "[{<" or suffix == ".xml":
        keys = _XML if start == "<" else _KEYS
        like = keys.search(head) and (belongs or _mentions(head, known))
        return ("xml" if start == "<" else "json") if like else None
    return _of_rows(head.splitlines()[:_LINES], belongs, known)


def _by_content(path: Path) -> Kind | None:
    """Images whose names have no ending, or another one, by their first bytes."""
    try:
        with open_regular(path) as stream:
            head = stream.read(12)
    except OSError:
        return None
    webp = head[:4] == b"RIFF" and head[8:] == b"WEBP"
    return "images by another name" if webp or head.startswith(_IMAGES) else None


def _of_another_suffix(path: Path, known: Known) -> Kind | None:
    """Objects of JSON that name images, in a file of any ending (`.odgt`)."""
    if not path.suffix[1:].isalpha() or is_unread(path):
        return None
    head = read_head(path, _HEAD)
    return "json" if head.lstrip()[:1] in ("{", "[") and _mentions(head, known) else None


def is_labels(inside: str) -> bool:
    """Whether a folder of this path below a source holds labels or masks, by the name of one of its folders."""
    return any(foldernames.holds(part) == "labels" for part in Path(inside).parts)


def _of_rows(lines: list[str], belongs: bool, known: Known) -> Kind | None:
    rows = [cells for line in lines if (cells := _cells(line))]
    named = sum(any(map(known.named, row[:_CELLS])) for row in rows)
    if named * 2 >= len(rows) > 0 and not _alternate(rows, known):
        return "a table" if sum(len(row) > 1 for row in rows) * 2 > len(rows) else "a list of images"
    numeric = sum(map(_numeric, rows))
    if named and numeric:
        return "rows below names of images"
    if belongs and numeric and (numeric * 4 >= len(rows) or all(_counts(row) or _numeric(row) for row in rows)):
        return "rows of numbers"  # some formats begin with lines of other things
    return _table(rows, known)


def _table(rows: list[list[str]], known: Known) -> Kind | None:
    """A table of which a column is akin to names of images (one whose name does not say so, with endings), or whose
    rows begin with the stems of images; one of classes of images that are not there."""
    if len(rows) < 2 or sum(len(row) > 1 for row in rows) * 2 <= len(rows):
        return None
    named = None
    for column, title in enumerate(rows[0][:_CELLS]):
        loosely = _NAMES.fullmatch(plain(title)) is not None
        named = column if loosely and named is None else named
        if sum(len(row) > column and known.akin(row[column], loosely) for row in rows[1:]) * 2 >= len(rows) - 1:
            return "a table"
    if named is not None and any(_CLASS.fullmatch(plain(cell)) for cell in rows[0]):
        return "a table of other names"
    stems = sum(known.stemmed(row[0]) for row in rows)
    return "a table" if stems * 2 > len(rows) and sum(map(_says_more, rows)) * 2 > len(rows) else None


def _says_more(row: list[str]) -> bool:
    """Whether a class or a box stands behind the first cell, not a time or another number alone."""
    return len(row) > 1 and (row[1].isdecimal() or not _NUMBER.fullmatch(row[1]) or len(row) > _LEAST)


def _alternate(rows: list[list[str]], known: Known) -> bool:
    """Whether names of images stand alone, with rows of numbers between them."""
    alone = sum(len(row) == 1 and known.named(row[0]) for row in rows)
    return alone > 0 and any(map(_numeric, rows))


def _counts(row: list[str]) -> bool:
    """Whether a row is one number: that of the rows below it."""
    return len(row) == 1 and row[0].isdecimal()


def _cells(line: str) -> list[str]:
    mark = next((one for one in ("\t", ";", ",") if one in line), None)
    return [cell.strip() for cell in (line.split(mark) if mark else line.split())]


def _numeric(row: list[str]) -> bool:
    """A class, by name or number, and numbers behind it; or numbers first and a text behind."""
    found = sum(_NUMBER.fullmatch(cell) is not None for cell in row)
    return found >= _LEAST and found * 2 >= len(row)


def _mentions(head: str, known: Known) -> bool:
    """Whether the name of an image stands in a text, in quotes or between tags; in quotes also without its ending."""
    named = re.findall(r"[\"'>]([^\"'<>\n]{1,300}\.\w{2,5})[\"'<]", head)[:200]
    if any(known.named(unquote(one)) for one in named):
        return True
    return any(len(one) >= _LEAST_STEM and known.stemmed(one) for one in re.findall(r'"([^"\n]{1,300})"', head)[:400])
