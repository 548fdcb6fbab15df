"""Label files that list many images: each entry names its image, which is found below the source."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings, Source
from datasets.exchange.formats.common import files, parts, splits
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.several import gathered
from datasets.exchange.formats.tools.drawing import Drawing
from datasets.exchange.formats.tools.labelfiles import Size, found, schema_of, strange
from datasets.images.probe import shown_size
from datasets.records import ImageRecord, Progress


@dataclass
class Entry(Drawing):
    """The labels of one image while its entry is read, its place, and the file that lists it."""

    image: Path = Path()
    listed_in: Path = Path()
    declared: Size | None = None


@dataclass
class Listed:
    """Reads the files of a path that end as `ends` and begin as `looks` wants it; `title` names the format.

    An image that comes again adds its labels.
    """

    root: Path
    ends: Sequence[str]
    looks: Callable[[bytes], bool]
    bounds: Bounds
    title: str
    findings: Findings = field(default_factory=Findings)
    records: dict[Path, ImageRecord] = field(default_factory=dict)
    places: dict[Path, Path] = field(default_factory=dict)

    def read(self, take: Callable[[Path], None]) -> None:
        """Call take(source) for each file; broken ones among several are left out. Raises FormatError for none."""
        sources = found(self.root, self.ends, self.looks)
        if not sources:
            raise FormatError(f"{self.root}: expected files of {self.title}, found none")
        for one in strange(self.root, self.ends, sources):
            self.findings.warn(
                "broken_file", one, f"a file of {self.title}", "an empty or another one", "it is left out"
            )
        broken: list[FormatError] = []
        for source in sources:
            try:
                take(source)
            except FormatError as error:
                broken.append(error)
                self.findings.warn("broken_file", source, f"a file of {self.title}", str(error), "it is left out")
        if len(broken) == len(sources):
            raise broken[0]

    def drawing(
        self, name: str, source: Path, progress: Progress, size: Size | None = None, folder: str = ""
    ) -> Entry | None:
        """Where the labels of the image `name` are put; None, with a finding, for one that is nowhere."""
        progress(len(self.records), 0)
        if not name:
            self.findings.warn("no_image", source, "entries that name an image", "one that does not", "it is left out")
            return None
        image = self.bounds.image(name, self._folders(source, folder), source)
        if image is None:
            return None
        known = size or shown_size(image) or (1, 1)
        return Entry(known, f"{source.name}: {name}", self.findings, image=image, listed_in=source, declared=size)

    def add(self, entry: Entry, **more: object) -> None:
        """One image is read, with what was drawn on it."""
        path, others = files.resolved(entry.image), entry.others()
        known = self.records.get(path)
        if known is not None:
            others = {key: (*known.others.get(key, ()), *others.get(key, ())) for key in {**known.others, **others}}
            self.records[path] = replace(known, others=others)
            return
        split = splits.split_in(entry.listed_in.stem)
        width, height = entry.declared or (None, None)
        made = ImageRecord(path, split, width, height, others=others)
        self.records[path] = replace(made, **more)  # type: ignore[arg-type]
        self.places[path] = entry.image

    def source(self, classes: Iterable[str] = (), about: Mapping[str, str] | None = None) -> Source:
        """All that was read; `classes` in their order go first, others are sorted."""
        places = parts.Places(list(self.places.values()))
        records = list(parts.given(list(self.records.values()), self.bounds.root, self.findings, places))
        return gathered(records, schema_of(classes, records), self.findings, about or {})

    def _folders(self, source: Path, folder: str) -> list[Path]:
        tops = dict.fromkeys((source.parent, source.parent.parent, self.bounds.root))
        inner = [folder, "images", ""] if folder else ["images", ""]
        tried = [top / one for top in tops for one in (*reversed(inner), splits.split_in(source.stem) or "")]
        return [one for one in dict.fromkeys(tried) if self.bounds.holds(one)]
