"""Components and styles of `app/assets`."""

from typing import Any

import streamlit as st

from app.api.assets import FOLDER, address

# The code given to Streamlit only fetches the module, which is served with cache headers and imports others by name.
_FETCH = """
const module = await import(new URL("{}", document.baseURI).href);
export default module.render;
"""


def component(name: str, html: str, *styles: str) -> Any:
    """Register the component that `render` of `<name>.js` draws, with `<name>.css` after other styles.

    Call once, at import of a module.
    """
    css = "\n".join((FOLDER / f"{style}.css").read_text(encoding="utf-8") for style in (*styles, name))
    return st.components.v2.component(f"foveal_{name}", html=html, css=css, js=_FETCH.format(address(f"{name}.js")))


def style(name: str) -> None:
    """Put `<name>.css` into the page."""
    st.html(FOLDER / f"{name}.css")
