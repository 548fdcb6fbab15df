"""What people see when a page, dialog, fragment or callback fails; a database that died is restarted once."""

import logging
import time

import streamlit as st

from app.components import page
from datasets import faults
from datasets.errors import DatabaseUnreachable, DatasetsError
from datasets.storage import database
from datasets.workspace import Workspace
from pipelines import resources
from pipelines.errors import PipelineError

AGAIN = 10.0  # seconds within which a database that dies a second time is not restarted silently
log = logging.getLogger(__name__)


def handle(error: Exception) -> None:
    """Show an expected error in the place where it happened; re-raise others.

    When the workspace's own database died, it is restarted and the page drawn again.
    """
    found = _told(error)
    if found is None:
        raise error
    if isinstance(found, DatabaseUnreachable):
        found = _revived() or found
    page.problem(found)


def show(error: Exception) -> bool:
    """Show what went wrong in the place where it did; True tells Streamlit to show nothing more.

    Streamlit calls this for any exception of a script, dialog, fragment or callback, and logs the trace itself.
    """
    found = _told(error)
    if found is not None:
        page.problem(found)
        return True
    what = (
        f"Foveal met a fault of its own here ({type(error).__name__}). Nothing that was saved is lost. "
        "Reload the page; if it comes again, report it with what the terminal of the server shows."
    )
    page.problem(RuntimeError(what), "Something unexpected happened")
    return True


def _told(error: Exception) -> Exception | None:
    """The error as one of ours; None for a bug."""
    found: Exception | None = error if isinstance(error, PipelineError) else faults.told(error)
    if found is not None and found is not error:
        log.warning("%s", found, exc_info=error)
    return found


def warn_of_full_disk() -> None:
    """Say on every page that nothing can be saved, before a person works for nothing."""
    home = Workspace.current()
    if resources.is_full(home):
        st.error(
            "**The disk of the workspace is full**: nothing can be saved, and jobs wait. "
            "Free some space there, then reload the page.",
            icon=":material/hard_drive:",
        )


def _revived() -> DatasetsError | None:
    """Redraw the page once the server answers; otherwise return why it does not, if known."""
    last = st.session_state.get("_revived", -AGAIN)
    if time.monotonic() - last < AGAIN:
        return None
    st.session_state["_revived"] = time.monotonic()
    try:
        started = database.revive()
    except DatasetsError as error:
        return error
    if started:
        st.rerun()
    return None
