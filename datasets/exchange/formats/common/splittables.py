"""The splits that tables of a source give its images: `split.csv`, `list_eval_partition.txt`, `train_test_split.txt`.

A table has a column of names of images and one of words of splits, or of numbers: 0, 1 and 2 (CelebA) are train, val
and test; of 0 and 1 in a file `train_test_split` (Caltech's birds) 1 is train. Where it numbers the
images, `images.txt` beside it names them (`17 002.Albatross/a.jpg`).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from datasets.exchange.formats.common import opened
from datasets.exchange.formats.common.parsing import MOST_TABLE, csv_rows, read_text
from datasets.exchange.formats.common.splits import TEST, TRAIN, VAL, split_of

SUFFIXES = (".csv", ".tsv", ".txt")
_WORDS = ("split", "partition", "subset", "fold", "sets")
_NUMBERED = {("0", "1", "2"): {"0": TRAIN, "1": VAL, "2": TEST}, ("0", "1"): {"0": TEST, "1": TRAIN}}
_IMAGES = "images.txt"


def may_be(path: Path) -> bool:
    """Whether the name of a file is that of a table of splits."""
    return path.suffix.lower() in SUFFIXES and any(word in path.stem.lower() for word in _WORDS)


def says_splits(path: Path) -> bool:
    """Whether a file is such a table; it does not count as opened. Raises FormatError for a file that is no text."""
    with opened.trying():
        return bool(read(path))


def beside(path: Path) -> Path | None:
    """The file that names the images which a table numbers, if there is one."""
    other = path.with_name(_IMAGES)
    return other if may_be(path) and other != path and other.is_file() else None


def read(path: Path) -> dict[str, list[str]]:
    """The names of the images of each split, as the table has them; empty for another kind of file.

    Raises FormatError for a file that is no text.
    """
    rows = [row for row in _rows(path) if len(row) > 1]
    if not rows:
        return {}
    for body in (rows, rows[1:]):
        found = _column(body, path)
        if found is not None:
            column, words = found
            numbered = _named(beside(path)) if len(body[0]) == 2 else {}
            made: dict[str, list[str]] = {}
            for row in body:
                name = next(cell for at, cell in enumerate(row) if at != column)
                made.setdefault(words[row[column].lower()], []).append(numbered.get(name, name))
            return made
    return {}


def _column(rows: Sequence[Sequence[str]], path: Path) -> tuple[int, dict[str, str]] | None:
    """The last column of splits, and what each of its cells says."""
    for column in range(min(map(len, rows), default=0) - 1, -1, -1):
        said = {row[column].lower() for row in rows}
        if len(said) > 20:
            continue
        words = {one: split for one in said if (split := split_of(one))}
        if len(words) == len(said) > 1:
            return column, words
        numbered = _NUMBERED.get(tuple(sorted(said)))
        if numbered and column > 0 and (len(said) == 3 or "train_test" in path.stem.lower()):
            return column, numbered
    return None


def _rows(path: Path) -> Iterator[list[str]]:
    lines = [line for line in read_text(path, MOST_TABLE).splitlines() if line.strip()]
    mark = next((one for one in (",", "\t", ";") if lines and one in lines[0]), None)
    if mark is None:
        yield from (line.split() for line in lines)
        return
    yield from ([cell.strip() for cell in row] for row in csv_rows("\n".join(lines), path, mark))


def _named(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    rows = [line.split(maxsplit=1) for line in read_text(path, MOST_TABLE).splitlines() if line.strip()]
    return {row[0]: row[1] for row in rows if len(row) == 2}
