"""Saves a change of a schema, and says on screen why it was refused."""

from collections.abc import Callable

import streamlit as st
from pydantic import ValidationError

from app.components.markdown import plain
from datasets.errors import DatasetsError
from datasets.labeling import schemas


def saved(change: Callable[[], object]) -> bool:
    """Whether the change was stored; an error of ours is shown where this is called."""
    try:
        change()
    except DatasetsError as refused:
        st.error(plain(refused), icon=":material/error:")
        return False
    except ValidationError as refused:
        st.error(plain(schemas.words(refused)), icon=":material/error:")
        return False
    return True
