"""What all formats share: what `read` returns, what `write` takes, and how findings are collected.

Boxes in a `Source` are relative to the size that the source declares, exactly as in the file: they may still lie
outside the image or refer to pixels before EXIF rotation. `datasets.exchange.fitting` corrects them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from datasets.fieldnames import is_prediction
from datasets.kinds import Kind
from datasets.labelschema import Schema
from datasets.records import Finding, ImageRecord, Progress
from datasets.skeleton import Skeleton

if TYPE_CHECKING:
    from datasets.exchange.formats.common.bounds import Bounds

Media = Literal["link", "copy", "none"]
DETAILED = 100
COUNTED = "the first hundred are listed"  # the action of a finding that only counts others of its code


@dataclass(frozen=True, slots=True)
class Source:
    """What was read from a source. `classes` keeps the order of the source; `kind` is that of the labels, or None.

    `width` and `height` of a record are what the source declares, None where it declares nothing. `targets` are the
    classes of semantic masks by their value, `skeleton` is that of key points. `others` are the kinds of further fields
    of labels (`field_name`), `about` those of further fields of the samples (as `storage.schemas.declare` takes them).
    `schema` is what the source says about its classes and attributes.
    """

    records: tuple[ImageRecord, ...]
    classes: tuple[str, ...]
    kind: Kind | None
    findings: tuple[Finding, ...] = ()
    targets: Mapping[int, str] = field(default_factory=dict)
    others: Mapping[str, Kind] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)
    schema: Schema | None = None
    skeleton: Skeleton | None = None


@dataclass(frozen=True, slots=True)
class Sniff:
    """How likely a path is in a format: 0 (no) to 1 (certain), and the reason in words."""

    score: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be written: absolute image paths, sizes as shown (never None), classes in their order.

    `final` is the final path of the folder, for formats that write their own path into a file. `others` and `schema` as
    in `Source`.
    """

    records: Sequence[ImageRecord]
    classes: Sequence[str]
    kind: Kind | None
    media: Media = "link"
    final: Path | None = None
    targets: Mapping[int, str] = field(default_factory=dict)
    others: Mapping[str, Kind] = field(default_factory=dict)
    schema: Schema | None = None
    skeleton: Skeleton | None = None


@dataclass(frozen=True, slots=True)
class Detected:
    """A format that claims a source: the folder or file to hand to its `read`, why, in words, and how sure, 0 to 1.

    `others` are the next best claims, surest first; `findings` what could not be looked at.
    """

    format: str
    path: Path
    why: str
    score: float = 1.0
    others: tuple["Detected", ...] = ()
    findings: tuple[Finding, ...] = ()


def field_name(field: str, key: str) -> str:
    """The field of the labels `others[key]` beside the labels of `field`; predictions have names of their own."""
    return key if is_prediction(key) else f"{field}_{key}"


class Format(Protocol):
    """The interface of a format module. One that holds several fields has `SEVERAL`, and `ABOUT` as in `Source`."""

    NAME: str
    TITLE: str
    ACCEPTS: tuple[Kind | None, ...]  # None: images without labels

    def sniff(self, path: Path) -> Sniff:
        """Look at names and beginnings of files, never at the whole."""
        ...

    def read(self, path: Path, progress: Progress, bounds: "Bounds | None" = None) -> Source:
        """Read labels, not images; names are followed only inside `bounds` (default: the source itself).

        Raises FormatError when nothing of it can be read.
        """
        ...

    def write(self, draft: Draft, folder: Path, progress: Progress) -> tuple[Finding, ...]:
        """Write into an existing empty folder; what the format cannot express is a finding.

        Raises FormatError when the draft does not fit the format.
        """
        ...


@dataclass
class Findings:
    """Collects findings; of each code the first 100 are kept in full, the others are counted.

    `more` are `count` and `paths` of a finding that stands for several places.
    """

    limit: int = DETAILED
    kept: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def warn(self, code: str, where: str | Path, expected: str, found: str, action: str = "", **more: Any) -> None:
        """Something was left out or changed; the work goes on."""
        self.add(Finding("warning", code, str(where), expected, found, action, **more))

    def note(self, code: str, where: str | Path, expected: str, found: str, action: str = "", **more: Any) -> None:
        """Something worth knowing."""
        self.add(Finding("note", code, str(where), expected, found, action, **more))

    def error(self, code: str, where: str | Path, expected: str, found: str, action: str = "", **more: Any) -> None:
        """Something without which nothing can be imported."""
        self.add(Finding("error", code, str(where), expected, found, action, **more))

    def add(self, finding: Finding) -> None:
        """Keep or count one finding."""
        self.counts[finding.code] += 1
        if self.counts[finding.code] <= self.limit:
            self.kept.append(finding)

    def all(self) -> tuple[Finding, ...]:
        """The findings in the order they came, and one note per code for those that were only counted."""
        return (*self.kept, *(self._rest(code, n) for code, n in self.counts.items() if n > self.limit))

    def _rest(self, code: str, n: int) -> Finding:
        severity = next(f.severity for f in self.kept if f.code == code)
        found = f"{n - self.limit:,} more of this kind ({n:,} in all)"
        return Finding(severity, code, "the source", "none", found, COUNTED, n - self.limit)
