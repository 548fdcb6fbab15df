"""Tables of labels: what each column means, and the rows as plain text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from datasets.errors import FormatError
from datasets.exchange.formats.common import files, splittables
from datasets.exchange.formats.tables import lines, names
from datasets.exchange.formats.tables.cells import is_nothing, is_number, look_like_classes, look_like_runs, read_cell
from datasets.exchange.formats.tables.lines import Row

MOST_PEEKED = 20  # rows in which the header is looked for, and by which columns are told apart
_YES, _NO = frozenset({"1", "1.0", "true", "yes"}), frozenset({"0", "0.0", "false", "no", "-1", "-1.0"})
_WORDS = {"train", "training", "validate", "validation", "val", "test", "unassigned"}  # of tables of Google's AutoML


@dataclass(frozen=True)
class Table:
    """One table. `header` are the names as written, `plain` as compared; the columns are numbers, None where there is
    none.

    `corners`, `sides` and `centres` are four columns of a box, `bbox` one that holds four numbers, `runs` one of
    Kaggle's run lengths; `classes` are columns of 0 and 1 with the class as their name. `guessed`: the column of the
    class has no name that is known. `skipped` rows stand above the header.
    """

    path: Path
    header: list[str]
    plain: list[str]
    rows: list[Row]
    image: int
    folder: int | None = None
    label: int | None = None
    split: int | None = None
    group: int | None = None
    confidence: int | None = None
    size: tuple[int, ...] = ()
    corners: tuple[int, ...] = ()
    sides: tuple[int, ...] = ()
    centres: tuple[int, ...] = ()
    bbox: int | None = None
    runs: int | None = None
    crowd: int | None = None
    attributes: Mapping[int, str] = field(default_factory=dict)
    classes: Mapping[int, str] = field(default_factory=dict)
    guessed: bool = False
    skipped: int = 0

    @property
    def four(self) -> tuple[int, ...]:
        """The four columns of a box, whatever they hold."""
        return self.corners or self.sides or self.centres

    @property
    def boxed(self) -> bool:
        """Whether rows are objects."""
        return bool(self.four) or self.bbox is not None or self.runs is not None

    @property
    def labelled(self) -> bool:
        """Whether rows say anything about their images."""
        return self.label is not None or bool(self.classes) or self.boxed

    @property
    def plural(self) -> bool:
        """Whether the name of the column of the class says that it holds several."""
        return self.label is not None and self.plain[self.label] in names.PLURAL

    def column(self, number: int | None) -> list[str]:
        """All cells of a column; empty for no column."""
        return [] if number is None else [cells[number] for _, cells in self.rows]

    def named(self, number: int | None) -> str:
        """The name of a column as written."""
        return "" if number is None else self.header[number]


def read(path: Path, most: int | None = None) -> Table | None:
    """A table, of which the first `most` rows are read; None when no column names images.

    Raises FormatError for a file that is no text, or whose rows have no end.
    """
    rows = lines.rows(path, most)
    at, header = _header(rows)
    if not header:
        return None
    if len(header) == 2 and splittables.may_be(path) and splittables.says_splits(path):
        return None
    plain = [names.plain(name) for name in header]
    if set(plain) & set(names.FOREIGN):
        return None
    body = _parted(_fitted(rows[at:], plain, header), plain, header)
    image = _image(plain, body)
    if image is None or plain.count(plain[image]) > 1:
        return None
    header, plain, body = _with_boxes_of_cells(header, plain, body)
    return _described(Table(path, header, plain, body, image, skipped=max(0, at - 1) if at else 0))


def peek(path: Path, most: int = MOST_PEEKED) -> Table | None:
    """The beginning of a table; None for anything else, also for a file that cannot be read."""
    try:
        return read(path, most)
    except FormatError:
        return None


def is_yes(text: str) -> bool:
    """Whether a cell of a column of 0 and 1 says that the image shows its class."""
    return text.casefold() in _YES


def is_no(text: str) -> bool:
    """Whether a cell of a column of 0 and 1 says no."""
    return text.casefold() in _NO


def _header(rows: Sequence[Row]) -> tuple[int, list[str]]:
    """The number of rows up to the header, and the header; 0 and names of ours for a table without one."""
    for number, (_, cells) in enumerate(rows[:MOST_PEEKED]):
        if any(map(files.is_image, (*cells[:2], *cells[5:6]))):
            above = rows[number - 1][1] if number else []
            if len(above) == len(cells) > 1 and all(above) and not any(map(is_number, above)):
                return number, list(above)  # names of columns, of which none is known
            return number, _unnamed(cells, rows[number:])
        plain = [names.plain(cell) for cell in cells]
        named = names.first(names.IMAGE, plain) is not None or _halves(cells[0]) is not None
        if named and sum(map(bool, plain)) > 1:
            return number + 1, list(cells)
    if len(rows) > 1 and len(rows[0][1]) > 1:  # no name that is known: a column that holds names of images
        column = _of_images(rows[1:])
        if column is not None:
            return 1, list(rows[0][1])
    return 0, []


def _unnamed(first: Sequence[str], rows: Sequence[Row]) -> list[str]:
    """Columns of a table without names: image and label, with a split, or with a box before it (RetinaNet).

    With the split before the image, as Google's AutoML has it, boxes have their other corners empty.
    """
    if len(first) == 6 and files.is_image(first[1]) and not files.is_image(first[0]):
        return ["label", "image", "x1", "y1", "x2", "y2"]
    if len(first) == 8 and files.is_image(first[5]):  # Make Sense
        return ["label", "x", "y", "w", "h", "image", "imagewidth", "imageheight"]
    if first[0].casefold() in _WORDS:
        box = ["x1", "y1", "", "", "x2", "y2", "", ""] if len(first) == 11 else []
        return ["split", "image", "label", *box] if len(first) in (3, 11) else []
    known = {2: ["image", "label"], 6: ["image", "x1", "y1", "x2", "y2", "label"]}
    if len(first) == 6 and all(map(is_number, first[2:])) and not is_number(first[1]):  # as Tiny ImageNet has it
        known[6] = ["image", "label", "x1", "y1", "x2", "y2"]
    if len(first) == 3:
        splits = all(files.split_of(cells[2]) for _, cells in rows[:MOST_PEEKED] if len(cells) > 2 and cells[2])
        known[3] = ["image", "label", "split"] if splits else []
    return known.get(len(first), [])


def _fitted(rows: Sequence[Row], plain: list[str], header: list[str]) -> list[Row]:
    """Rows with a cell for each column. Where all have one cell more than the header, it stands before the first name,
    as R writes names of rows; else what is too much stays, and is told when the row is read."""
    wide = lines.widths(rows)
    if wide == {len(header) + 1} and all(cells[-1] for _, cells in rows):
        named = "image" if any(files.is_image(cells[0]) for _, cells in rows[:MOST_PEEKED]) else ""
        header.insert(0, named)
        plain.insert(0, named)
    width = len(header)
    return [
        (number, [read_cell(cell).strip() for cell in cells] + [""] * (width - len(cells))) for number, cells in rows
    ]


def _parted(rows: list[Row], plain: list[str], header: list[str]) -> list[Row]:
    """A column such as `ImageId_ClassId` (`0.jpg_1`) as two, where each of its cells holds an image and a class."""
    halves = _halves(header[0])
    cut = [cells[0].rpartition("_") for _, cells in rows] if halves else []
    if not halves or not all(files.is_image(image) and label for image, _, label in cut):
        return rows
    header[:1], plain[:1] = halves, map(names.plain, halves)
    return [(n, [one[0], one[2], *cells[1:]]) for (n, cells), one in zip(rows, cut, strict=True)]


def _halves(title: str) -> list[str] | None:
    """The two names in that of a column such as `ImageId_ClassId`."""
    halves = title.split("_")
    known = [names.plain(one) for one in halves]
    both = len(known) == 2 and known[0] in names.IMAGE and known[1] in names.LABEL
    return halves if both and known[0] + known[1] not in names.IMAGE else None


def _with_boxes_of_cells(
    header: list[str], plain: list[str], rows: list[Row]
) -> tuple[list[str], list[str], list[Row]]:
    """A row for each box where a column holds `class x1 y1 x2 y2` again and again, as PredictionString of Kaggle."""
    for column in range(len(header)):
        words = [cells[column].split() for _, cells in rows if not is_nothing(cells[column])]
        if not words or not all(map(_are_boxes, words)):
            continue
        made: list[Row] = []
        for number, cells in rows:
            said = [] if is_nothing(cells[column]) else cells[column].split()
            groups = [said[at : at + 5] for at in range(0, len(said), 5)] or [[""] * 5]
            made += [(number, [*cells[:column], *group, *cells[column + 1 :]]) for group in groups]
        names_ = ["label", "xmin", "ymin", "xmax", "ymax"]
        return (
            [*header[:column], *names_, *header[column + 1 :]],
            [*plain[:column], *names_, *plain[column + 1 :]],
            made,
        )
    return header, plain, rows


def _are_boxes(words: Sequence[str]) -> bool:
    return len(words) % 5 == 0 and all(is_number(word) == bool(n % 5) for n, word in enumerate(words))


def _of_images(rows: Sequence[Row]) -> int | None:
    """The first column most cells of which are names of image files."""
    some = [cells for _, cells in rows[:MOST_PEEKED]]
    for column in range(min(map(len, some), default=0)):
        if sum(files.is_image(cells[column]) for cells in some) * 2 > len(some):
            return column
    return None


def _image(plain: Sequence[str], rows: Sequence[Row]) -> int | None:
    """The column of the images: of those that hold names of image files, or else of all, the one named best."""
    some = [cells for _, cells in rows[:MOST_PEEKED]]
    holds = [name if any(files.is_image(cells[n]) for cells in some) else "" for n, name in enumerate(plain)]
    known = names.first(names.IMAGE, holds)
    if known is None:
        known = _of_images(rows)
    return names.first(names.IMAGE, plain) if known is None else known


def _described(table: Table) -> Table:
    plain = [name if n != table.image else "" for n, name in enumerate(table.plain)]
    corners = names.all_of(names.CORNERS, plain)
    centres = () if corners else names.all_of(names.CENTRES, plain)
    sides = () if corners or centres else names.all_of(names.SIDES, plain)
    four = corners or centres or sides
    rest = [name if n not in four else "" for n, name in enumerate(plain)]
    width, height = names.first(names.WIDTH, rest), names.first(names.HEIGHT, rest)
    runs = names.first(names.RUNS, rest)
    label = names.first(names.LABEL, rest)
    if runs is None:
        others = (n for n, name in enumerate(rest) if name and n != table.image)
        runs = next((n for n in others if look_like_runs(table.column(n))), None)
        if runs is not None:
            rest[runs] = ""
            label = names.first(names.LABEL, rest)
    made = replace(
        table,
        label=label,
        split=names.first(names.SPLIT, rest),
        folder=names.first(names.FOLDER, rest),
        group=names.first(names.GROUP, rest),
        confidence=names.first(names.CONFIDENCE, rest),
        size=(width, height) if width is not None and height is not None else (),
        corners=corners,
        centres=centres,
        sides=sides,
        bbox=None if four else names.first(names.BBOX, rest),
        runs=runs,
        crowd=names.first(names.CROWD, rest),
        attributes={n: names.ATTRIBUTES[name] for n, name in enumerate(rest) if name in names.ATTRIBUTES},
    )
    if made.label is not None:
        alone = table.plain.count(table.plain[made.label]) == 1
        return made if alone else replace(made, label=None, corners=(), sides=(), centres=(), bbox=None, runs=None)
    own = (made.image, made.split, made.folder, made.group, made.confidence, made.bbox, made.runs, made.crowd)
    known = {one for one in (*own, *four, width, height, *made.attributes) if one is not None}
    classes = {} if made.boxed else _binary(table, known)
    if len(classes) > 1:
        return replace(made, classes=classes)
    guess = _guessed(table, known, boxed=made.boxed)
    return made if guess is None else replace(made, label=guess, guessed=True)


def _binary(table: Table, known: set[int]) -> dict[int, str]:
    """Columns that hold 0 and 1 alone (or nothing), with their names."""
    found = {}
    for column, title in enumerate(table.header):
        if table.plain[column] in names.ABOUT or table.plain[column] in names.IMAGE:
            continue
        values = {cells[column].casefold() for _, cells in table.rows if not is_nothing(cells[column])}
        if column not in known and title and values and values <= _YES | _NO:
            found[column] = title
    return found if any(is_yes(cells[column]) for _, cells in table.rows for column in found) else {}


def _guessed(table: Table, known: set[int], *, boxed: bool) -> int | None:
    """The column of the class by what it holds: the only other one, or the only one of words beside boxes."""
    others = [n for n in range(len(table.header)) if n not in known and _may_be_class(table, n)]
    if boxed:
        others = [n for n in others if all(not one[:1].isdigit() for one in table.column(n))]
    others = [n for n in others if look_like_classes(table.column(n))]
    named = [n for n in range(len(table.header)) if n not in known and table.plain[n]]
    alone = len(others) == 1 and (boxed or len(named) == 1)
    return others[0] if alone and not any(map(files.is_image, table.column(others[0])[:MOST_PEEKED])) else None


def _may_be_class(table: Table, column: int) -> bool:
    """Whether a column may hold classes by its name: none that says something else, no ids unless they come again."""
    name, values = table.plain[column], table.column(column)
    shapes = name in names.SHAPES or any(one.startswith(("[[", "{", "[{")) for one in values)
    return (
        bool(name)
        and not shapes
        and name not in names.ABOUT
        and (name not in names.IMAGE or len(set(values)) < len(values))
    )
