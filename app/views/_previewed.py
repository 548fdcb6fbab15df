"""What a source holds, on the Import page: as far as it is known while it is read, then the whole of it."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import works
from app.components import findings, pictures
from app.components import page as frame
from app.components.markdown import md, plain
from app.components.palette import colouring, rgb
from datasets.errors import ThumbnailError
from datasets.exchange.formats.base import Detected
from datasets.exchange.previews import Preview
from datasets.exchange.sketches import EXAMPLES
from datasets.records import ImageRecord
from datasets.workspace import Workspace

CLASSES = 40
_SURE = ((0.85, "very likely"), (0.5, "likely"), (0.0, "a guess"))


def sketch(found: Any) -> None:
    """A source that is still looked at (`datasets.exchange.sketches.Sketch`)."""
    if found.found is None:
        return
    _figures(found.found.format, found.count if found.records else None, found)
    _reason(found.found.why, found.found.score)
    if found.records:
        left, right = st.columns([2, 1], gap="large")
        with left:
            _examples(found)
        with right:
            classes(found)
        _findings(found, found.records, "sketch")


def preview(found: Any, form: Any) -> None:
    """All of a source that was looked at; `form` draws what to do with it."""
    _figures(found.format, found.count, found)
    _reason(found.why, found.score)
    if not found.count:
        _nothing(found)
        return
    _choices(found, found.format)
    left, right = st.columns([2, 1], gap="large")
    with left:
        _examples(found)
    with right:
        classes(found)
        form()
    _findings(found, found.records, "preview")


def report(found: Any, source: Any) -> None:
    """The findings of an import that is done."""
    if found.findings:
        _findings(source, source.records, "report", found.findings)


def classes(found: Any) -> None:
    """Classes with the number of their labels."""
    if found.classes:
        frame.section("Classes", getattr(found, "counted", "so far"))
        frame.classes(
            dict(list(found.class_counts.items())[:CLASSES]),
            colouring(found.classes),
            more=max(0, len(found.classes) - CLASSES),
        )


def _figures(format_name: str, count: int | None, found: Any) -> None:
    from datasets.exchange import importing

    titles = dict(importing.known_formats())
    labels = {"labels": f"{found.labels:,}", "classes": f"{len(found.classes):,}"} if found.classes else {}
    masks = getattr(found, "masks", 0)
    if masks and masks != found.labels:
        labels = {"labels": labels["labels"], "masks": f"{masks:,}", "classes": labels["classes"]}
    splits = {f"{name or 'no split'}": f"{number:,}" for name, number in found.splits.items()}
    samples = {} if count is None else {"samples": f"{count:,}"}
    frame.figures({"format": titles.get(format_name, format_name), **samples, **labels, **splits})


def _reason(why: str, score: float) -> None:
    if why == "chosen by hand":
        st.caption("The format was chosen by hand.")
        return
    word = next(word for least, word in _SURE if score >= least)
    st.caption(md("Recognised because: {} · {} ({:.0%})", why, word, score))


def _nothing(found: Any) -> None:
    """Why nothing can be imported, and what to read it as instead."""
    for one in found.findings:
        if one.severity == "error":
            st.error(md("Nothing can be imported: expected {}, found {}. {}", one.expected, one.found, one.action))
    _choices(found, "")
    _findings(found, found.records, "preview")


def _choices(found: Any, but: str) -> None:
    """The formats that claim it, to be chosen in place, but one."""
    from datasets.exchange import importing

    titles = dict(importing.known_formats())
    others: dict[str, Detected] = {}
    for one in (Detected(found.format, found.root, found.why, found.score), *found.choices):
        if one.format != but:
            others.setdefault(one.format, one)
    if not others:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="import-choices"):
        st.caption("Not what it is? Read it as" if but else "Read it as", width="content")
        for name, one in others.items():
            st.button(
                plain(titles.get(name, name)), key=f"import-as:{name}", help=md("{} ({:.0%})", one.why, one.score),
                on_click=_choose, args=(name,), type="tertiary", icon=":material/swap_horiz:",
            )  # fmt: skip


def _choose(name: str) -> None:
    st.session_state["import-format"] = name


def _examples(found: Any) -> None:
    draw, colours = _drawer(found)
    shown = [picture for record in found.examples(EXAMPLES) if (picture := draw(record))]
    frame.section("Examples", f"{len(shown)} of {found.count:,}")
    pictures.mosaic(shown, colours, whole=True)


def _drawer(found: Any) -> tuple[findings.Draw, Mapping[str, str]]:
    """What draws a record of a source with its labels, and the colours of the classes."""
    from datasets.exchange import glimpses
    from datasets.showing import thumbnails

    colours = colouring(found.classes)
    paints = {name: rgb(colour) for name, colour in colours.items()}
    posed = found.kind is not None and found.kind.posed
    edges = (found.skeleton.edges if found.skeleton else ()) if posed else None

    def draw(record: ImageRecord) -> pictures.Picture | None:
        try:
            source = pictures.of_file(thumbnails.thumbnail(record.path, works.SIDE, Workspace.current()))
        except ThumbnailError:
            return None
        whole = (*((record.classification,) if record.classification else ()), *record.classifications)
        masks = pictures.of_png(glimpses.glimpse(record, found.targets, paints, works.SIDE)) if record.width else ""
        size = record.width or 4, record.height or 3
        labels = (*(() if masks else record.objects), *whole)
        return pictures.Picture(source, record.path.name, *size, labels, masks, edges)

    return draw, colours


def _findings(found: Any, records: Any, place: str, told: Any = None) -> None:
    draw, colours = _drawer(found)
    root = found.root if isinstance(found, Preview) else found.found.path

    def index() -> findings.Index:
        key = f"import-index:{place}"
        kept = st.session_state.get(key)
        if kept is None or kept[0] is not records:
            kept = st.session_state[key] = records, findings.Index.of(root, records)
        made: findings.Index = kept[1]
        return made

    with st.container(key=f"findings-{place}"):
        findings.show(found.findings if told is None else told, index, draw, colours)
