"""What a source holds, before anything of it is imported."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from datasets.exchange.formats.base import Detected
from datasets.images.probe import Probe
from datasets.kinds import Kind
from datasets.labelschema import Schema
from datasets.records import SPLITS, Finding, ImageRecord
from datasets.skeleton import Skeleton

_ENDINGS = re.compile(r"(\.tar)?\.[^.]*$")


@dataclass(frozen=True)
class Preview:
    """What a source holds, as it would be imported. `path` is what was named, `root` the root of the format.

    `records` and `probes` belong together, one by one; `kind` is that of their labels, None for images alone. `why`
    says in words how the format was recognised. `targets` are the classes of semantic masks by their value, `skeleton`
    is that of key points. Masks are drawn when they are imported, not before. `outside` are folders outside the source
    that its names refer to; nothing in them was read. `others`, `about` and `schema` are those of `base.Source`.
    `score` says how sure the format is, 0 to 1; `choices` are the next best.
    """

    path: Path
    root: Path
    format: str
    why: str
    kind: Kind | None
    classes: tuple[str, ...]
    records: tuple[ImageRecord, ...]
    probes: tuple[Probe, ...]
    findings: tuple[Finding, ...]
    targets: Mapping[int, str] = field(default_factory=dict)
    outside: tuple[Path, ...] = ()
    others: Mapping[str, Kind] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)
    schema: Schema | None = None
    skeleton: Skeleton | None = None
    score: float = 1.0
    choices: tuple[Detected, ...] = ()

    @property
    def title(self) -> str:
        """What the source is called: the name of its folder or file, without the endings of files and archives."""
        name = self.path.name
        return name if self.path.is_dir() else _ENDINGS.sub("", name) or name

    @property
    def count(self) -> int:
        """Number of samples."""
        return len(self.records)

    @property
    def labels(self) -> int:
        """Number of labels; a semantic mask is one."""
        if self._of_pixels:
            return sum(record.segmentation is not None for record in self.records)
        return sum(self.class_counts.values())

    @property
    def masks(self) -> int:
        """Number of labels with a mask."""
        objects = sum(label.outline is not None for record in self.records for label in record.objects)
        return objects + sum(record.segmentation is not None for record in self.records)

    @cached_property
    def class_counts(self) -> dict[str, int]:
        """Labels per class (images that show it, for semantic masks), in class order; classes without a label too."""
        found = Counter(name for record in self.records for name in class_names(record))
        return {name: found[name] for name in self.classes}

    @property
    def counted(self) -> str:
        """What `class_counts` counts, in words."""
        return "images that show them" if self._of_pixels else "labels per class"

    @property
    def _of_pixels(self) -> bool:
        return self.kind is not None and self.kind.whole_mask

    @cached_property
    def splits(self) -> dict[str, int]:
        """Samples per split; those without one count under the empty text."""
        found = Counter(record.split or "" for record in self.records)
        return {name: found[name] for name in (*SPLITS, "") if found[name]}

    def examples(self, most: int = 10) -> tuple[ImageRecord, ...]:
        """Some records, spread over the source, labelled ones first."""
        labelled = [r for r in self.records if _is_labelled(r)] or list(self.records)
        step = max(1, len(labelled) // most)
        return tuple(labelled[::step][:most])


def _is_labelled(record: ImageRecord) -> bool:
    one = record.classification or record.segmentation
    return bool(record.objects or record.others or record.classifications or one)


def class_names(record: ImageRecord) -> tuple[str, ...]:
    """The class of every label of a record; for a semantic mask those that occur in it."""
    own = (record.classification,) if record.classification else ()
    return (*(label.label for label in (*own, *record.classifications, *record.objects)), *record.present)
