"""Tables of labels beside their images: a class or several per image, columns of 0 and 1, boxes, or run lengths.

Files are csv, tsv, JSON lines (`metadata.jsonl` of Hugging Face) and text of `image class` with blanks between. What
the columns mean is told by their names (`names`), by what they hold where no name is known (`table`), and decided over
the whole table (`meaning`). Boxes: `x_min, y_min, x_max, y_max` and the like, `x, y, w, h`, centres, or `bbox` with x,
y, width, height; in pixels, or relative where no number is above 1. Splits: a column, or a table for each (`train.csv`,
`train/_classes.csv`). Images are named by path, by file name or without extension. `classes.txt` gives the class order,
else classes are sorted. Tables of ids and files, of class numbers and names, and dummy answers: see `joining`.
"""

import csv
from collections.abc import Iterator, Sequence
from heapq import nsmallest
from pathlib import Path

from datasets.errors import FormatError
from datasets.exchange.formats.base import Draft, Findings, Sniff, Source
from datasets.exchange.formats.common import files, tree
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.pixelbox import corners
from datasets.exchange.formats.tables import joining, lines, meaning
from datasets.exchange.formats.tables import table as tables
from datasets.exchange.formats.tables.cells import cell
from datasets.exchange.formats.tables.images import Images
from datasets.exchange.formats.tables.meaning import OURS
from datasets.exchange.formats.tables.rows import Found, Reader
from datasets.exchange.formats.tables.table import Table
from datasets.kinds import CLASSIFICATION, CLASSIFICATIONS, DETECTIONS, Kind
from datasets.records import Finding, ImageRecord, Progress, no_progress

NAME = "csv"
TITLE = "Table of labels (csv, tsv, jsonl)"
ACCEPTS = (CLASSIFICATION, CLASSIFICATIONS, DETECTIONS)
BOXED = ("label", "x_min", "y_min", "x_max", "y_max", "image_width", "image_height", "confidence")
MOST = 5_000  # tables of one source
_SNIFFED = 20  # of these, which say whether the others are worth reading


def sniff(path: Path) -> Sniff:
    """A table with a column of images, of which some exist, and one of labels."""
    weak: Sniff | None = None
    peeked = [table for file in _tables(path)[:_SNIFFED] if (table := tables.peek(file))]
    joined = joining.Joined(peeked, Bounds.of(path))
    for table in joined.all_with_files():
        file = table.path
        if not table.labelled or joining.is_submission(file):
            continue
        why = f"{file.name} with the columns {table.named(table.image)} and {_told(table)}"
        there = Images(table, joined.quiet).has_any(_SNIFFED)
        if path.is_file() and (there or not table.guessed):
            return Sniff(0.9, why)
        if there:
            if _names_few(joined, path):
                return Sniff(0.35, f"{why}, which name few of the images")
            if file.suffix.lower() == ".txt" and (file.parent != path or not _holds_image(path)):
                return Sniff(0.3, why)
            return Sniff(0.65 if file.parent == path or files.split_of(file.parent.name) else 0.55, why)
        if not weak and _names_images(table):
            weak = Sniff(0.3, f"{why}; none of its images is there")
    return weak or Sniff(0.0)


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:
    """Every image that a table names. Raises FormatError when no table has a column of images and one of labels."""
    findings, bounds = Findings(), bounds or Bounds.of(path)
    every = _read_all(path, findings, progress)
    known = files.read_classes(path if path.is_dir() else path.parent)
    labelled = joining.answers([table for table in every if table.labelled], findings)
    if not labelled:
        expected = "expected a csv with a column of images and one of labels (such as image,label), found none"
        raise FormatError(f"{path}: {expected}")
    joined, found = joining.Joined(every, bounds), dict[Path, Found]()
    classes = list(known)
    for table in joined.with_images([joined.with_files(one, findings) for one in labelled], findings):
        names = joined.class_names(table, known)
        classes += [*table.classes.values(), *names.values()]
        reader = Reader(table, meaning.of(table, known, names, findings), findings, bounds, found)
        for number in reader.read():
            progress(number, 0)
    for table in joining.submissions(every):
        joining.take_images(table, found, findings, bounds)
    kind = _kind(labelled, list(found.values()), findings)
    classes += sorted({label.label for one in found.values() for label in one.labels})
    records = tuple(one.record(path, kind) for path, one in found.items())
    return Source(records, tuple(dict.fromkeys(classes)), kind, findings.all())


def write(draft: Draft, folder: Path, progress: Progress = no_progress) -> tuple[Finding, ...]:
    """`labels.csv`, `classes.txt` for the order, and `images/<split>`; with media `none` the rows name absolute paths.

    Raises FormatError for several classes per image when one is named with `|`.
    """
    findings = Findings()
    kind = draft.kind or CLASSIFICATION
    several = kind.of_class and kind.many
    if several and any("|" in name for name in draft.classes):
        raise FormatError(
            "expected class names without `|`, which stands between them in a csv; rename the class first"
        )
    (folder / "classes.txt").write_text("".join(f"{name}\n" for name in draft.classes), encoding="utf-8")
    columns = BOXED if kind.boxes else (OURS if several else "label", "confidence")
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("image", "split", *columns))
        for done, (record, name) in enumerate(zip(draft.records, files.file_names(draft.records), strict=True)):
            inside = Path("images", record.split or "", name)
            files.place(record.path, folder / inside, draft.media)
            image = str(record.path) if draft.media == "none" else inside.as_posix()
            named = cell(image), cell(record.split or "")
            writer.writerows((*named, *values) for values in _values(record, kind))
            progress(done + 1, len(draft.records))
    lost = sum(label.crowd or bool(label.mask_path or label.mask) for r in draft.records for label in r.objects)
    if lost:
        findings.note("masks_left_out", folder, "boxes", f"{lost:,} masks or crowds", "their boxes are written")
    return findings.all()


def _values(record: ImageRecord, kind: Kind) -> Iterator[tuple[object, ...]]:
    if kind.boxes:
        size = record.width or 1, record.height or 1
        for label in record.objects:
            yield (
                cell(label.label),
                *corners(label.box or (0, 0, 1, 1), *size),
                *size,
                _text(label.confidence),
            )
        if not record.objects:
            yield ("",) * len(BOXED)
        return
    several = record.classifications if kind.many else (record.classification,)
    labels = [label for label in several if label]
    sure = [_text(label.confidence) for label in labels]
    yield cell("|".join(label.label for label in labels)), "|".join(sure) if any(sure) else ""


def _text(confidence: float | None) -> str:
    return "" if confidence is None else repr(confidence)


def _tables(path: Path) -> list[Path]:
    """The files of a path that may be tables, those at the top first: itself, or all below a folder."""
    if path.is_file():
        return [path] if path.suffix.lower() in lines.SUFFIXES else []
    if not path.is_dir():
        return []
    found = (file for suffix in lines.SUFFIXES for file in tree.with_suffix(path, suffix))
    return nsmallest(MOST, found, key=lambda file: (file.suffix.lower() == ".txt", len(file.parts), file))


def _names_few(joined: joining.Joined, path: Path) -> bool:
    """Whether short tables, read to their end by a peek, name less than half of the images below a folder."""
    tables_ = [table for table in joined.tables if table.labelled or joining.is_submission(table.path)]
    if any(len(table.rows) >= tables.MOST_PEEKED - 1 for table in tables_):
        return False
    named = len({row[table.image] for table in tables_ for _, row in table.rows})
    return 2 * named < sum(len(one.images) for one in tree.listings_below(path))


def _holds_image(path: Path) -> bool:
    return any(one.images for one in tree.listings_below(path))


def _names_images(table: Table) -> bool:
    return any(files.is_image(row[table.image]) for _, row in table.rows)


def _read_all(path: Path, findings: Findings, progress: Progress) -> list[Table]:
    """Every table of a path whose beginning is one of images; one that cannot be read is a finding beside others."""
    found = []
    files_ = _tables(path)
    for number, file in enumerate(files_):
        progress(number, 0)
        head = tables.peek(file)
        if head is None or not (head.labelled or joining.files_of_ids(head) or joining.is_submission(file)):
            continue
        try:
            table = tables.read(file)
        except FormatError as error:
            if len(files_) == 1:
                raise
            findings.warn("bad_table", file, "a table that can be read", str(error), "it is left out")
            continue
        found += [table] if table else []
    return found


def _kind(labelled: Sequence[Table], found: Sequence[Found], findings: Findings) -> Kind:
    """What the labels of all tables are together; labels of whole images beside boxes are told."""
    boxed = [table for table in labelled if table.boxed]
    if boxed:
        others = [table.path.name for table in labelled if not table.boxed]
        lost = sum(label.box is None for one in found for label in one.labels)
        for one in found if lost else ():
            one.labels = [label for label in one.labels if label.box]
        if lost:
            action = "they are left out; import that table alone to have them"
            told = f"{lost:,} classes of whole images in {', '.join(others[:5])}"
            findings.warn("classes_beside_boxes", boxed[0].path, "boxes in every table", told, action, count=lost)
        return DETECTIONS
    if any(table.named(table.label) == OURS for table in labelled):
        return CLASSIFICATIONS
    none = any(table.classes for table in labelled) and not all(one.labels for one in found)
    return CLASSIFICATIONS if none or any(len(one.labels) > 1 for one in found) else CLASSIFICATION


def _told(table: Table) -> str:
    if table.boxed:
        return "of boxes"
    return table.named(table.label) or f"{len(table.classes)} classes"
