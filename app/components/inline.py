"""Components whose script and style are read from `app/assets`, joined where one script imports another."""

import re
from typing import Any

import streamlit as st

from app.api.assets import FOLDER


def component(name: str, html: str, *scripts: str) -> Any:
    """Register `<name>.css` and the scripts, the imported ones first. Call once, at import of a module."""
    style = (FOLDER / f"{name}.css").read_text(encoding="utf-8")
    return st.components.v2.component(f"foveal_{name}", html=html, css=style, js=script(*scripts or (f"{name}.js",)))


def style(name: str) -> None:
    """Put `<name>.css` into the page."""
    st.html(FOLDER / f"{name}.css")


def script(*names: str) -> str:
    """Several modules as one: imports of each other are dropped, for an inline script has no address to import from."""
    texts = [(FOLDER / name).read_text(encoding="utf-8") for name in names]
    return "\n".join(re.sub(r'^import .* from "\./.*";$', "", text, flags=re.MULTILINE) for text in texts)
