"""Pre-flight checks of the data, run in the background while a person still chooses options."""

import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future

import streamlit as st

from app.components.markdown import Markdown, md, plain
from app.components.words import counted
from datasets.records import Finding
from datasets.storage.store import DatasetSummary
from datasets.viewspec import ViewSpec
from datasets.workspace import ROOT, Workspace

KEPT = 32
WAIT = 0.4  # seconds that a page waits for findings before it shows that it is checking; not for large data
APART = 5000  # from this many samples a separate process checks: this one has pages to draw
Looked = Future[list[Finding]]
_found: dict[tuple[str, str, str], dict[str, Looked]] = {}
_lock, _turn = threading.Lock(), threading.Lock()


def draw(view: ViewSpec, field: str, about: DatasetSummary, needs_masks: bool = False) -> bool:
    """Draw the findings; `needs_masks`: objects must have masks. Returns whether a training may start."""
    former, looked = _look(view, field, about, needs_masks)
    if not _settled(looked, WAIT if about.count < APART else 0.0):
        st.fragment(_waiting, run_every=1.0)(looked)
        if former is None or _stop(former.result()):  # what stopped a training may be put right by now
            return False
        looked = former
    error = looked.exception()
    if error is not None:
        st.error(md("**The data cannot be checked.** {}", error), icon=":material/error:")
        return False
    findings = looked.result()
    _list(findings)
    return not _stop(findings)


def _stop(findings: Sequence[Finding]) -> bool:
    return any(one.severity == "error" for one in findings)


def _settled(looked: Looked, wait: float) -> bool:
    try:
        looked.exception(timeout=wait)
    except TimeoutError:
        return False
    return True


def _waiting(looked: Looked) -> None:
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


def _look(view: ViewSpec, field: str, about: DatasetSummary, needs_masks: bool) -> tuple[Looked | None, Looked]:
    """The findings of the former state of the dataset, if they are known, and those of this one, computed once.

    A job checks its data again before it trains.
    """
    key, state = (view.model_dump_json(), field, str(needs_masks)), f"{about.modified} {about.count}"
    with _lock:
        known = _found.setdefault(key, {})
        if state not in known:
            for old in [one for one, looked in known.items() if not _is_result(looked)]:
                del known[old]
            known[state] = _start(view, field, needs_masks, apart=about.count >= APART)
        while len(_found) > KEPT:
            _found.pop(next(one for one in _found if one != key))
        while len(known) > 2:
            known.pop(next(iter(known)))
        former = next(iter(known.values()))
        return former if _is_result(former) else None, known[state]


def _is_result(looked: Looked) -> bool:
    return looked.done() and looked.exception() is None


def _start(view: ViewSpec, field: str, needs_masks: bool, *, apart: bool) -> Looked:
    """Check in a thread, one at a time; with `apart` in a process that the thread waits for."""
    looked: Looked = Future()

    def look() -> None:
        try:
            with _turn:
                looked.set_result((_check_apart if apart else _check)(view, field, needs_masks))
        except Exception as error:
            looked.set_exception(error)

    threading.Thread(target=look, name="preflight", daemon=True).start()
    return looked


def _check(view: ViewSpec, field: str, needs_masks: bool) -> list[Finding]:
    from datasets.handover import checking

    return checking.findings(view, field, needs_masks=needs_masks)


def _check_apart(view: ViewSpec, field: str, needs_masks: bool) -> list[Finding]:
    from datasets.errors import DatasetsError
    from datasets.handover import checking
    from pipelines.jobs import launch

    command = [
        sys.executable,
        "-m",
        "datasets.handover.checking",
        view.model_dump_json(),
        field,
        "masks" if needs_masks else "",
    ]
    done = subprocess.run(
        command, cwd=ROOT, env=launch.environment(Workspace.current()), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise DatasetsError(
            f"expected the check of dataset {view.dataset!r} to end, found exit status {done.returncode}: "
            f"{done.stderr.strip()[-500:]}; a training checks its data again"
        )
    return checking.read(done.stdout)
