"""Findings as a person reads them: one line for each kind with its count; opened, it lists places and shows images."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from app.components import page as frame
from app.components import pictures
from app.components.markdown import Markdown, md
from app.components.words import counted
from datasets.errors import ThumbnailError
from datasets.exchange.formats.common.files import is_image
from datasets.exchange.grouping import Group, grouped
from datasets.records import Finding, ImageRecord

SHOWN, LISTED = 12, 100
ICONS = {"error": ":material/error:", "warning": ":material/warning:", "note": ":material/info:"}
_BEHIND = re.compile(r"(: .*|:\d+)$")  # `a.txt:3`, `a.jpg: box 2 (cat)`
Draw = Callable[[ImageRecord], pictures.Picture | None]


@dataclass(frozen=True)
class Index:
    """The images of a source by path, and by the name that a label file shares with its image."""

    root: str
    paths: Mapping[str, ImageRecord]
    stems: Mapping[str, Sequence[ImageRecord]]

    @classmethod
    def of(cls, root: Path, records: Sequence[ImageRecord]) -> "Index":
        """The index of these records of the source at `root`."""
        stems: dict[str, list[ImageRecord]] = {}
        for record in records:
            stems.setdefault(record.path.stem, []).append(record)
        return cls(f"{root}/", {str(record.path): record for record in records}, stems)

    def images(self, finding: Finding) -> list[ImageRecord]:
        """The images that a finding is about, as far as its text names them."""
        found: dict[Path, ImageRecord] = {}
        for where in (*finding.paths, finding.where):
            record = self._named(where)
            if record is not None:
                found.setdefault(record.path, record)
        return list(found.values())

    def _named(self, where: str) -> ImageRecord | None:
        plain = where if where in self.paths else _BEHIND.sub("", where)
        if plain in self.paths:
            return self.paths[plain]
        if is_image(plain):
            return ImageRecord(Path(plain)) if Path(plain).is_absolute() else None
        same = self.stems.get(Path(plain).stem, ())
        return _nearest(Path(plain), same)


def show(findings: Sequence[Finding], index: Callable[[], Index], draw: Draw, colours: Mapping[str, str]) -> None:
    """All findings of a source. `index` is asked only once a person opens a line."""
    groups = grouped(findings)
    counts: dict[str, int] = {}
    for group in groups:
        counts[group.severity] = counts.get(group.severity, 0) + group.count
    told = ", ".join(counted(count, name) for name, count in counts.items()) or "none: everything fits"
    frame.section("Findings", told)
    for group in groups:
        key = f"finding:{group.severity}:{group.code}"
        line = st.expander(_title(group), icon=ICONS[group.severity], key=key, on_change="rerun")
        if line.open:
            with line:
                _opened(group, index(), draw, colours)


def _title(group: Group) -> Markdown:
    first = group.findings[0]
    name = Path(_BEHIND.sub("", first.where)).name or first.where
    number = md("**{:,} ×** ", group.count) if group.count > 1 else Markdown("")
    if len(group.findings) == 1:
        return Markdown(number + md("**{}**: expected {}, found {}", name, first.expected, first.found))
    return Markdown(number + md("expected {}; for example **{}**: {}", first.expected, name, first.found))


def _opened(group: Group, index: Index, draw: Draw, colours: Mapping[str, str]) -> None:
    actions = dict.fromkeys(one.action for one in group.findings if one.action)
    if actions and len(actions) <= 3:
        st.markdown(md("**What happens:** {}", "; ".join(actions)))
    shown: dict[Path, ImageRecord] = {}
    for one in group.findings:
        for record in index.images(one):
            shown.setdefault(record.path, record)
        if len(shown) >= SHOWN:
            break
    drawn = [picture for record in list(shown.values())[:SHOWN] if (picture := _try(draw, record))]
    if drawn:
        pictures.mosaic(drawn, colours, whole=True)
    rows = [row for one in group.findings for row in _rows(one, index.root)][:LISTED]
    if len(rows) == 1:  # the line says it
        return
    widths = {"where": 320, "expected": 220, "found": 280, "what happens": 220}
    config = {name: st.column_config.TextColumn(width=width) for name, width in widths.items()}
    st.dataframe(rows, hide_index=True, height=min(320, 38 + 35 * len(rows)), column_config=config)
    if group.count > len(rows):
        st.caption(md("{:,} of {:,} are listed.", len(rows), group.count))


def _rows(finding: Finding, root: str) -> Iterator[dict[str, str]]:
    """A row for the place of a finding, and one for each file that shows it; paths below the source are short."""
    told = {"expected": finding.expected, "found": finding.found, "what happens": finding.action}
    yield {"where": finding.where.removeprefix(root), **told}
    yield from ({"where": path.removeprefix(root)} for path in finding.paths if path != finding.where)


def _try(draw: Draw, record: ImageRecord) -> pictures.Picture | None:
    try:
        return draw(record)
    except (ThumbnailError, OSError, ValueError):
        return None


def _nearest(path: Path, same: Sequence[ImageRecord]) -> ImageRecord | None:
    """Of images with the name of a label file the one whose path shares most of its end, apart from the ending."""
    parts = path.parent.parts[::-1]

    def shared(record: ImageRecord) -> int:
        pairs = zip(parts, record.path.parent.parts[::-1], strict=False)
        return sum(one == other for one, other in pairs)

    return max(same, key=shared, default=None)
