"""What a person reads when a page, dialog, fragment or callback fails: words in its place, never a raw trace."""

import logging

from app.components import page
from datasets.errors import DatasetsError
from pipelines.errors import PipelineError

EXPECTED = (DatasetsError, PipelineError)
log = logging.getLogger(__name__)


def show(error: Exception) -> bool:
    """Say what went wrong, where it went wrong; True tells Streamlit that nothing more is to be shown.

    Streamlit calls this for whatever a script, a dialog, a fragment or a callback raises, and logs the trace itself.
    """
    if isinstance(error, EXPECTED):
        page.problem(error)
    else:
        page.problem(
            RuntimeError(
                f"Foveal met a fault of its own here ({type(error).__name__}). Nothing that was saved is lost. "
                "Reload the page; if it comes again, report it with what the terminal of the server shows."
            ),
            "Something unexpected happened",
        )
    return True
