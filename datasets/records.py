"""The plain records that other rooms get from `datasets` and pass to it.

Boxes are `(x, y, width, height)`, relative to the image as shown (after EXIF rotation), origin top left, in [0, 1].
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Literal

SPLITS = ("train", "val", "test")

# Fields of a sample that is a frame: which video it is of, and its number there, from 1.
SEQUENCE, FRAME_NUMBER = "sequence", "frame_number"

SHOWN = 20  # paths of a finding

# Called as progress(done, total); it may raise `Cancelled` to stop the work.
Progress = Callable[[int, int], None]


def split_rank(name: str) -> tuple[int, str]:
    """What sorts splits: train, val, test, then others by name, samples without a split last."""
    return (SPLITS.index(name) if name in SPLITS else len(SPLITS) + (not name)), name


def no_progress(done: int, total: int) -> None:
    """A progress callback that does nothing."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The shape of an object as its source gives it, not drawn yet (`outlines.drawn`).

    Polygons are float arrays (n, 2) of x, y on an image of `size` (width, height; 1 x 1 for relative ones); instead of
    them `runs`, an integer array of COCO's uncompressed runs. `orientation` (EXIF, 1 to 8) turns it as the image is
    shown.
    """

    size: tuple[float, float]
    polygons: tuple[Any, ...] = ()
    runs: Any = None
    orientation: int = 1


@dataclass(frozen=True, slots=True)
class Recode:
    """How a semantic mask must still be recoded: its values, or with `by_colour` its colours, by `table`.

    Colours are red << 16 | green << 8 | blue. What the table does not name becomes `void`; with `within` it counts as
    the nearest that is named, at most that far away. Without a table values are kept, those above 255 become void.
    `orientation` (EXIF, 1 to 8) turns it.
    """

    table: Mapping[int, int] = field(default_factory=dict)
    by_colour: bool = False
    within: int | None = None
    void: int = 255
    orientation: int = 1


@dataclass(frozen=True, slots=True)
class Label:
    """One object (with `box`, with `points`, or a pose with both), or one class of an image or of a part of a video
    (`support`).

    `points` are shapes of relative (x, y): the parts of a polyline, or one list of keypoints with NaN where unseen.
    `support` is the first and last frame, counted from 1. `confidence` is None for ground truth. `mask_path` names a
    PNG on disk: for an object the mask inside its box, for a whole image its semantic mask; `mask` is one that the
    database itself holds, packed (see `masks.read`); `outline` is one that is still to be drawn. `id` is the 24-digit
    hexadecimal id in the database, None before it is stored.
    """

    label: str
    box: tuple[float, float, float, float] | None = None
    confidence: float | None = None
    id: str | None = None
    crowd: bool = False
    mask_path: str | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)
    points: tuple[tuple[tuple[float, float], ...], ...] | None = None
    support: tuple[int, int] | None = None
    mask: bytes | None = None
    outline: Outline | None = field(default=None, compare=False)

    @property
    def index(self) -> int | None:
        """The identity of the object, the same number in all frames of a sequence; None if unknown."""
        found = self.attributes.get("index")
        return found if isinstance(found, int) and not isinstance(found, bool) else None


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """One image of a source, with what the source says about it. Sizes are pixels as shown (after EXIF rotation).

    Labels are of one kind: `objects`, one `classification`, any number of `classifications`, or a `segmentation` whose
    mask holds pixels of the classes in `present` and, with `recode`, is not yet as it should be. `others` are labels of
    further fields, `about` values of further fields of the sample, both by name (`formats.base.Source`).
    """

    path: Path
    split: str | None = None
    width: int | None = None
    height: int | None = None
    objects: tuple[Label, ...] = ()
    classification: Label | None = None
    tags: tuple[str, ...] = ()
    classifications: tuple[Label, ...] = ()
    segmentation: Label | None = None
    present: tuple[str, ...] = ()
    recode: Recode | None = None
    others: Mapping[str, tuple[Label, ...]] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """A remark that a person should see about a source, a dataset or a run.

    `where` is a file, `file:line` or an id; `errors` stop the work, `warnings` do not, `notes` inform. `count` is the
    number of places that it stands for; `paths` are images or label files that show it, for a person to open.
    """

    severity: Literal["error", "warning", "note"]
    code: str
    where: str
    expected: str
    found: str
    action: str = ""
    count: int = 1
    paths: tuple[str, ...] = ()

    def __str__(self) -> str:
        tail = f"; {self.action}" if self.action else ""
        return f"{self.severity}: {self.where}: expected {self.expected}, found {self.found}{tail}"


def first_paths(paths: Iterable[object]) -> tuple[str, ...]:
    """The first of them as text, as many as a finding shows."""
    return tuple(map(str, islice(paths, SHOWN)))
