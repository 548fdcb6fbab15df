"""Who asks, for what pages change themselves: the same person as the routes see."""

import streamlit as st

from app import guard
from app.access import people
from app.access.seal import seal
from datasets.labeling.queue import Person


def person() -> Person:
    """The person at the browser of this session."""
    headers = st.context.headers
    host = headers.get("host", "")
    port = host.rpartition(":")[2]
    scope = {
        "type": "http",
        "headers": [(b"cookie", headers.get("cookie", "").encode("latin-1", "replace"))],
        "server": (host, int(port) if port.isdigit() else 0),
    }
    reader = headers.get(guard.READER_HEADER, "")
    return Person(people.chosen(scope, seal()) or f"reader {reader or 'unknown'}", f"{reader}:page")
