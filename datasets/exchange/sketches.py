"""What is known of a source while it is still looked at, so that a screen fills in pieces."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from datasets.exchange.formats.base import Detected, Source
from datasets.exchange.previews import Preview
from datasets.kinds import Kind
from datasets.records import Finding, ImageRecord
from datasets.skeleton import Skeleton

SEARCHING, READING, PROBING, FITTING = (
    "looking for the format", "reading labels", "looking at images", "fitting labels to images",
)  # fmt: skip
EXAMPLES = 10
MOST_FINDINGS = 300


@dataclass(frozen=True)
class Sketch:
    """The stage that begins now, and what those before it found. Images were not opened: sizes are those declared.

    `records` are the examples that a preview would show; `count` images and `labels` are all of them. The other
    fields as in `Preview`.
    """

    stage: str
    found: Detected | None = None
    count: int = 0
    labels: int = 0
    kind: Kind | None = None
    classes: tuple[str, ...] = ()
    class_counts: Mapping[str, int] = field(default_factory=dict)
    splits: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    records: tuple[ImageRecord, ...] = ()
    targets: Mapping[int, str] = field(default_factory=dict)
    skeleton: Skeleton | None = None

    def examples(self, most: int = EXAMPLES) -> tuple[ImageRecord, ...]:
        """Some records, spread over the source, labelled ones first."""
        return self.records[:most]


Told = Callable[[Sketch], None]


def unheard(sketch: Sketch) -> None:
    """Nobody wants to know."""


def of_source(found: Detected, source: Source, findings: tuple[Finding, ...]) -> Sketch:
    """What is known once the labels are read and no image was opened yet."""
    whole = Preview(
        found.path, found.path, found.format, found.why, source.kind, source.classes, source.records, (), findings
    )
    return Sketch(
        PROBING, found, whole.count, whole.labels, source.kind, source.classes, whole.class_counts, whole.splits,
        findings[:MOST_FINDINGS], whole.examples(EXAMPLES), source.targets, source.skeleton,
    )  # fmt: skip
