"""What Streamlit runs on every interaction: the frame around the pages, then the requested page."""

import streamlit as st

from app import navigation, warm
from app.api.assets import FOLDER
from app.handling import handle, warn_of_full_disk
from datasets.storage import connection


def main() -> None:
    """Draw the frame, then the page; an expected error of a lower room is shown in its place."""
    st.set_page_config(
        page_title="Foveal", page_icon=str(FOLDER / "icon.svg"), layout="wide", initial_sidebar_state=220
    )
    st.logo(str(FOLDER / "logo.svg"), icon_image=str(FOLDER / "icon.svg"), size="large")
    st.html(FOLDER / "app.css")
    chosen = st.navigation(navigation.sections(), position="sidebar", expanded=True)
    warn_of_full_disk()
    try:
        with connection.moment():
            chosen.run()
    except Exception as error:
        handle(error)
    finally:
        warm.painted.set()


if __name__ == "__main__":  # worker processes import this file under another name
    main()
