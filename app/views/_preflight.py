"""What is wrong with the data, found in the background while a person still chooses options."""

import hashlib
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

import streamlit as st

from app.components.markdown import Markdown, md, plain
from app.components.words import counted
from datasets.records import Finding
from datasets.store import DatasetSummary
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace

KEPT = 32
WAIT = 0.4  # seconds that a page waits for an answer before it says that it is looking
_found: dict[tuple[str, str, str], Future[list[Finding]]] = {}
_lock = threading.Lock()


def draw(view: ViewSpec, field: str, about: DatasetSummary, needs_masks: bool = False) -> bool:
    """Draw the findings; `needs_masks`: objects must have masks. Returns whether a training may start."""
    looked = _look(view, field, about, needs_masks)
    if not _settled(looked):
        st.fragment(_waiting, run_every=1.0)(looked)
        return False
    error = looked.exception()
    if error is not None:
        st.error(md("**The data cannot be checked.** {}", error), icon=":material/error:")
        return False
    findings = looked.result()
    _list(findings)
    return not any(one.severity == "error" for one in findings)


def _settled(looked: "Future[list[Finding]]") -> bool:
    try:
        looked.exception(timeout=WAIT)
    except TimeoutError:
        return False
    return True


def _waiting(looked: "Future[list[Finding]]") -> None:
    if looked.done():
        st.rerun(scope="app")
    st.caption(":material/hourglass_top: looking at the data …")


def _list(findings: Sequence[Finding]) -> None:
    errors = [one for one in findings if one.severity == "error"]
    warnings = [one for one in findings if one.severity == "warning"]
    if not errors and not warnings:
        st.caption(":material/check_circle: the data have been checked: nothing is wrong")
        return
    for one in errors[:5]:
        st.error(_words(one), icon=":material/error:")
    if len(errors) > 5:
        st.caption(md("and {}", counted(len(errors) - 5, "more error")))
    if warnings:
        count = counted(len(warnings), "warning")
        with st.expander(plain(count if errors else f"{count}; training is possible"), icon=":material/warning:"):
            for one in warnings[:30]:
                st.markdown(_words(one))


def _words(one: Finding) -> Markdown:
    action = md("  \n:material/arrow_forward: {}", one.action) if one.action else ""
    return md("**{}**: expected {}, found {}{}", one.where, one.expected, one.found, action)


def _look(view: ViewSpec, field: str, about: DatasetSummary, needs_masks: bool) -> "Future[list[Finding]]":
    """The findings of this state of the dataset; a check that runs or ran already is not repeated."""
    key = (view.model_dump_json(), field, f"{about.modified} {about.count} {needs_masks}")
    with _lock:
        if key not in _found:
            while len(_found) >= KEPT:
                _found.pop(next(iter(_found)))
            _found[key] = _worker().submit(_check, view, field, needs_masks)
        return _found[key]


@cache
def _worker() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "preflight")


def _check(view: ViewSpec, field: str, needs_masks: bool) -> list[Finding]:
    from datasets import manifest, preflight

    folder = Workspace.current().home / "preflight"
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(f"{view.model_dump_json()} {field}".encode()).hexdigest()[:16]
    file = folder / f"{name}.parquet"
    try:
        manifest.freeze(view, field, file)
        return preflight.check(file, needs_masks=needs_masks)
    finally:
        file.unlink(missing_ok=True)
