"""A path on this machine, typed or chosen step by step."""

from collections.abc import Iterator
from pathlib import Path

import streamlit as st

from app.components.markdown import md, plain

MOST = 200
LOOKED_FOR = {
    *(".json", ".jsonl", ".ndjson", ".yaml", ".yml", ".csv", ".tsv", ".xml", ".data"),
    *(".zip", ".tar", ".gz", ".tgz", ".parquet", ".arrow"),
}


def folder_input(label: str, key: str, *, offered: bool = True) -> str:
    """The path that a person entered, or "". The content of a typed folder is offered below it.

    `offered`: that of the home folder is, too, before anything is typed.
    """
    text = st.text_input(plain(label), key=key, placeholder="/data/my-images", icon=":material/folder_open:").strip()
    here = Path(text or "~").expanduser()
    base = here if here.is_dir() else here.parent
    inside = list(_inside(base, "" if here.is_dir() else here.name)) if offered or text else []
    if inside:
        with st.container(horizontal=True, gap="xsmall", key=f"{key}-steps"):
            if text and base.parent != base:
                st.button(
                    "..",
                    key=f"{key}-up",
                    type="tertiary",
                    icon=":material/arrow_upward:",
                    on_click=_choose,
                    args=(key, base.parent),
                )
            for path in inside[:24]:
                icon = ":material/folder:" if path.is_dir() else ":material/description:"
                st.button(
                    plain(path.name),
                    key=f"{key}-folder-{path.name}",
                    type="tertiary",
                    icon=icon,
                    on_click=_choose,
                    args=(key, path),
                )
            if len(inside) > 24:
                st.caption(md("and {} more", len(inside) - 24))
    return str(here) if text and here.exists() else _absent(text)


def _absent(text: str) -> str:
    if text:
        st.warning(md("Expected a folder or file, found nothing at {}.", text), icon=":material/search_off:")
    return ""


def _inside(folder: Path, start: str) -> Iterator[Path]:
    """Folders and label files that begin with the typed text, without hidden ones."""
    try:
        found = sorted(folder.iterdir())[:MOST]
    except OSError:
        return
    for path in found:
        fits = path.name.lower().startswith(start.lower()) and not path.name.startswith(".")
        if fits and (path.suffix.lower() in LOOKED_FOR or path.is_dir()):
            yield path


def _choose(key: str, path: Path) -> None:
    st.session_state[key] = str(path)
