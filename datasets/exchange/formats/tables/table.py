"""Tables of labels: what each column holds, and the rows as plain text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.parsing import MOST_TABLE, csv_rows, read_text

IMAGE = ("image", "filename", "file_name", "filepath", "file", "path", "image_path", "image_name", "image_id",
         "imageid", "img", "img_path", "id", "name", "image name")  # fmt: skip
LABELS = ("label", "labels", "class", "class_name", "classname", "category", "category_name", "target", "tag", "tags",
          "species", "diagnosis")  # fmt: skip
SPLIT = ("split", "set", "subset", "partition", "fold_name", "dataset")
CONFIDENCE = ("confidence", "score", "probability")
CORNERS = (("x_min", "y_min", "x_max", "y_max"), ("xmin", "ymin", "xmax", "ymax"), ("x1", "y1", "x2", "y2"),
           ("left", "top", "right", "bottom"))  # fmt: skip
SIDES = (("x", "y", "w", "h"), ("x", "y", "width", "height"), ("bbox_x", "bbox_y", "bbox_width", "bbox_height"))
WIDTH, HEIGHT = ("image_width", "img_width", "width"), ("image_height", "img_height", "height")
BBOX = ("bbox", "box", "bounding_box")
# A formula stands at the beginning of a cell, which may begin after a character that some spreadsheets take for a
# separator. Apostrophes that are there already get one more, so that reading gives back what was written.
_FORMULA = re.compile(r"(^|[;\t\r\n])('* *[=+\-@])")
_WRITTEN = re.compile(r"(^|[;\t\r\n])'('* *[=+\-@])")
SEVERAL = "labels"  # ours: this column always holds any number of classes


@dataclass(frozen=True)
class Table:
    """One csv: rows by column name (in lower case) and what the columns mean; empty where there is none.

    `corners` and `sides` are four columns of a box, `bbox` one that holds four numbers; `classes` columns of 0 and 1
    with the class as their name.
    """

    path: Path
    rows: list[dict[str, str]]
    image: str
    label: str = ""
    split: str = ""
    confidence: str = ""
    size: tuple[str, str] = ("", "")
    corners: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    bbox: str = ""
    classes: Mapping[str, str] = field(default_factory=dict)

    @property
    def boxed(self) -> bool:
        """Whether rows are boxes."""
        return bool(self.corners or self.sides or self.bbox)

    @property
    def labelled(self) -> bool:
        """Whether rows say anything about their images."""
        return bool(self.label or self.classes or self.boxed)


def read(path: Path, most: int | None = None) -> Table | None:
    """A table, of which the first `most` rows are read; None when no column names images."""
    rows = _rows(path, most)
    header = next(rows, [])
    plain = [name.strip().lower() for name in header]
    if header and files.is_image(header[0].strip()):
        plain, body = _unnamed(header), [header, *rows]
    else:
        body = list(rows)
    if not plain or len(set(plain)) < len(plain):
        return None
    found = [dict(zip(plain, (read_cell(cell).strip() for cell in row), strict=False)) for row in body if any(row)]
    return _described(path, plain, header, found)


def cell(text: str) -> str:
    """A text that is safe in a spreadsheet: an apostrophe, the mark of text, before what would be a formula."""
    return _FORMULA.sub(r"\1'\2", text)


def read_cell(text: str) -> str:
    """The inverse of `cell`."""
    return _WRITTEN.sub(r"\1\2", text)


def several(text: str, known: Sequence[str], marks: str) -> list[str]:
    """The names in one cell: the whole of it when that is a known class, else its parts."""
    if text in known or not text:
        return [text] if text else []
    mark = next((one for one in marks if one in text), None)
    return [part.strip() for part in text.split(mark) if part.strip()] if mark else [text]


def numbers(text: str) -> list[float]:
    """The numbers in a cell such as `[10, 20, 30, 40]`."""
    return [float(one) for one in re.findall(r"-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?", text)]


def _rows(path: Path, most: int | None) -> Iterator[list[str]]:
    text = read_text(path, MOST_TABLE)
    line = text[: text.find("\n") + 1 or len(text)]
    mark = max(",;\t", key=line.count)
    for number, row in enumerate(csv_rows(text, path, mark)):
        if most is not None and number > most:
            return
        yield row


def _unnamed(first: list[str]) -> list[str]:
    """Columns of a table without names: image and label, with a split, or with a box before it (RetinaNet)."""
    known = {2: ["image", "label"], 3: ["image", "label", "split"], 6: ["image", "x1", "y1", "x2", "y2", "label"]}
    return known.get(len(first), [])


def _described(path: Path, plain: list[str], header: list[str], rows: list[dict[str, str]]) -> Table | None:
    def first(names: Sequence[str]) -> str:
        return next((name for name in names if name in plain), "")

    image = first(IMAGE)
    if not image:
        return None
    corners = next((four for four in CORNERS if set(four) <= set(plain)), ())
    sides = () if corners else next((four for four in SIDES if set(four) <= set(plain)), ())
    size = (first(WIDTH), first(HEIGHT)) if set(WIDTH + HEIGHT).isdisjoint(sides) else ("", "")
    table = Table(
        path, rows, image, first(LABELS), first(SPLIT), first(CONFIDENCE), size, corners, sides, first(BBOX)
    )  # fmt: skip
    if table.label or table.boxed:
        return table
    told = {image, table.split, table.confidence}
    binary = {name: title.strip() for name, title in zip(plain, header, strict=True)
              if name not in told and all(row.get(name) in ("0", "1", "0.0", "1.0") for row in rows)}  # fmt: skip
    return Table(path, rows, image, split=table.split, classes=binary) if len(binary) > 1 and rows else table
