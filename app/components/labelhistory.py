"""The dialog that tells who changed which labels of a dataset, and puts them back, with a preview and undo."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import streamlit as st

from app import background, works
from app.access import people
from app.access.seal import seal
from app.background import Work
from app.components import page as frame
from app.components import words
from app.components.markdown import Markdown, md, plain
from app.components.progress import working
from datasets.labeling import history, restoring
from datasets.speed.latest import PATIENCE
from datasets.storage import layout, store
from datasets.storage.journal import Entry
from datasets.views import legends
from datasets.viewspec import ViewSpec

SHOWN = 200  # saves that are read
FEW, TALL = 12, 300  # lines; above, pixels of a list that scrolls
TOGETHER = timedelta(minutes=10)  # saves of one person with less between them are one line


@st.dialog("History of labels", width="large")
def dialog(dataset: str) -> None:
    """What was changed, newest first, and a way back."""
    about = store.summary(dataset, patience=PATIENCE)
    fields = legends.label_fields(about)
    if not fields:
        st.info("No field of labels is there yet.", icon=":material/info:")
        return
    field = st.selectbox("Labels in", fields, key=f"history-field-{dataset}", format_func=plain)
    found = history.of_dataset(dataset, field, SHOWN)
    if found:
        _choices(ViewSpec(dataset=dataset), field, sittings(found))
    else:
        st.caption("No label of this field was changed here yet; imports and predictions are no changes.")
    work = background.find(works.restore_key(dataset))
    busy = work is not None and work.state == "running"
    st.fragment(_outcome, run_every=1.0 if busy else None)(dataset)


def sittings(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Saves, newest first, in groups of one person with little time between them."""
    made: list[list[Entry]] = []
    for entry in entries:
        last = made[-1][-1] if made else None
        if last is not None and last.who == entry.who and last.made - entry.made < TOGETHER:
            made[-1].append(entry)
        else:
            made.append([entry])
    return made


def _choices(spec: ViewSpec, field: str, groups: Sequence[Sequence[Entry]]) -> None:
    known = {group[-1].id: group for group in groups}  # by its first save: others may be made meanwhile
    with st.container(height=TALL if len(groups) > FEW else "content", border=False):
        first = st.radio(
            "Go back to before", list(known), format_func=lambda key: _words(known[key]), index=None,
            key=f"history-group-{spec.dataset}-{field}",
        )  # fmt: skip
    if first not in known:
        st.caption("Choose a line: all changes from there on are taken back. That can be undone.")
        return
    _preview(spec, field, known[str(first)][-1].made - timedelta(milliseconds=1))


def _words(group: Sequence[Entry]) -> Markdown:
    changes = [change for entry in group for change in entry.changes]
    parts = [f"{sum(one.action == action for one in changes):,} {word}"
             for action, word in (("add", "added"), ("change", "changed"), ("delete", "deleted"))
             if any(one.action == action for one in changes)]  # fmt: skip
    samples = words.counted(len({entry.sample_id for entry in group}), "sample")
    who = "unnamed" if group[0].who.startswith("reader ") else group[0].who
    return md("{} · **{}** · {} in {}", _when(group[-1].made), who, ", ".join(parts) or "nothing", samples)


def _when(moment: datetime) -> str:
    return words.ago(min(moment.replace(tzinfo=UTC), datetime.now(UTC)).timestamp())


def _preview(spec: ViewSpec, field: str, time: datetime) -> None:
    seen = layout.now()
    found = list(restoring.preview_view(spec, field, time))
    sums = {word: sum(getattr(one, part) for one in found)
            for part, word in (("added", "come back"), ("changed", "change back"), ("deleted", "go"))}  # fmt: skip
    frame.figures({"samples": f"{len(found):,}", **{f"labels {word}": f"{count:,}" for word, count in sums.items()}})
    lost = sum(len(one.lost) for one in found)
    if lost:
        st.caption(md("{} cannot come back: other programs deleted them.", words.counted(lost, "label")))
    press = md("Put back {}", words.counted(len(found), "sample"))
    if st.button(press, type="primary", icon=":material/history:", disabled=not sum(sums.values()), key="put-back"):
        works.restore(spec, field, time, seen=seen, who=_who()).wait(1)


def _outcome(dataset: str) -> None:
    """How far a restore is, then what came of it: a fragment, because to draw the page again would close the dialog."""
    work = background.find(works.restore_key(dataset))
    if work is not None and work.state == "running":
        working(work)
    elif work is not None and work.error is not None:
        st.error(plain(work.error), icon=":material/error:")
    elif work is not None and work.result is not None:
        _ended(dataset, work)


def _ended(dataset: str, work: Work) -> None:
    result: Any = work.result
    skipped = md("; {} were changed meanwhile and stay", len(result.skipped)) if result.skipped else ""
    undoing = bool(work.about.get("undo"))
    what = "as before" if undoing else "put back"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.success(md("{} {}{}", words.counted(result.done, "sample"), what, skipped), icon=":material/check:")
        if not undoing and result.done and st.button("Undo", icon=":material/undo:", key="undo-restore"):
            done = works.undo_restore(dataset, str(work.about["name"]), _who())
            done.wait(1)
            st.rerun(scope="fragment")


def _who() -> str:
    return people.of_cookies(st.context.cookies, seal()) or ""
