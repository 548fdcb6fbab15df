"""Import: name a folder, see what it holds, then make a dataset of it. Nothing is written before the last button."""

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from app import background, navigation, works
from app.components import page as frame
from app.components.folders import folder_input
from app.components.markdown import md, plain
from app.components.progress import working
from app.components.words import counted
from app.views import _previewed
from datasets.exchange.sketches import EXAMPLES
from datasets.exchange.splitting import DEFAULT_FRACTIONS, DEFAULT_SEED
from datasets.records import SPLITS as NAMES
from datasets.storage import store

if TYPE_CHECKING:
    from datasets.exchange.importing import Shares

Folders = tuple[Path, ...]
LISTED = 20
SPLITS = {
    "auto": "keep those of the source, else make new ones",
    "keep": "keep those of the source",
    "new": "make new splits",
}


def page() -> None:
    """Draw the page."""
    from datasets.exchange import apart, importing

    frame.header("Import", "images stay where they are; labels are read and shown before anything is written")
    apart.ready()  # so that the first preview does not wait for it
    formats = {"auto": "detect the format", **dict(importing.known_formats())}
    left, right = st.columns([3, 1])
    chosen = right.selectbox("Format", list(formats), format_func=formats.__getitem__, key="import-format")
    with left:
        path = folder_input("Folder or file on this machine", key="import-path")
    if not path:
        st.caption(
            "COCO, YOLO and darknet, Pascal VOC, CVAT, Label Studio, labelme, CreateML, VIA, KITTI, BDD100K, "
            "Cityscapes; masks beside images, class folders, tables of labels, archives as they were downloaded, "
            "or bare images. What can't be read is said; nothing is guessed in silence."
        )
        return
    asked = works.Asked(
        chosen, st.session_state.get(f"class-table:{path}", ""), _confirmed(path), _elsewhere(path),
        bool(st.session_state.get(f"merge-names:{path}")),
    )  # fmt: skip
    _looking(path, asked)


def _elsewhere(path: str) -> Folders:
    """A folder with the images of labels that lie far from them, if a person names one."""
    key = f"import-images:{path}"
    if not Path(path).expanduser().exists():
        return ()
    with st.expander(
        "The images lie elsewhere", icon=":material/photo_library:", expanded=bool(st.session_state.get(key))
    ):
        st.caption("For labels whose images are in another folder: name it, and images are looked for there too.")
        found = folder_input("Folder with the images", key=key, offered=False)
    return (Path(found),) if found else ()


def _looking(path: str, asked: works.Asked) -> None:
    """Read the source in the background, then show what it holds."""
    key = f"preview:{path}:{_short(asked)}"
    if st.session_state.get("import-known") != key:
        st.session_state["import-known"] = key
        background.forget(key)
    work = works.read(key, path, asked, examples=EXAMPLES) if background.find(key) is None else background.find(key)
    if work is not None:
        work.wait(0.2)  # most are read by then, and no progress bar flashes up
    if work is None or work.state == "running":
        _waiting(key, work.stage if work else "")
        if work is not None and "sketch" in work.about:
            _previewed.sketch(work.about["sketch"])
    elif work.state == "failed":
        frame.problem(work.error or RuntimeError("unknown"), "This cannot be imported")
        st.button("Look again", icon=":material/refresh:", on_click=background.forget, args=(key,))
        if asked.classes:
            _class_table(Path(path))
    elif work.state == "cancelled":
        st.info("Reading was cancelled.", icon=":material/info:")
        st.button("Look again", icon=":material/refresh:", on_click=background.forget, args=(key,))
    else:
        _outside(path, work.result)
        _found(work.result)


def _confirmed(path: str) -> Folders:
    """Folders outside a source that this person confirmed to be read."""
    found: Folders = st.session_state.get(f"outside:{path}", ())
    return found


def _outside(path: str, preview: Any) -> None:
    """Names in a source that refer outside it: nothing there is read until a person confirms the folder."""
    allowed = _confirmed(path)
    if not allowed and not preview.outside:
        return
    folders = [str(folder) for folder in (*allowed, *preview.outside)]
    state = "nothing there was read yet" if preview.outside else "they were read, as you said"
    frame.section("Outside the folder", f"names in this source lead to {counted(len(folders), 'folder')}; {state}")
    frame.chips([*folders[:LISTED], *([f"{len(folders) - LISTED:,} more"] if len(folders) > LISTED else [])])

    def keep() -> None:
        ticked = st.session_state[f"outside-ticked:{path}"]
        st.session_state[f"outside:{path}"] = (*allowed, *preview.outside) if ticked else ()

    st.checkbox(
        "Read images and labels in these folders too",
        bool(allowed) and not preview.outside,
        key=f"outside-ticked:{path}",
        on_change=keep,
        disabled=background.find(f"import:{preview.path}") is not None,
    )


@st.fragment(run_every=0.5)
def _waiting(key: str, stage: str = "") -> None:
    """Progress; the page is drawn again when a stage begins, since more is known then."""
    work = background.find(key)
    if work is None or work.state != "running" or work.stage != stage:
        st.rerun()
    else:
        working(work)


def _found(preview: Any) -> None:
    work = background.find(f"import:{preview.path}")
    if work is not None:
        _importing(work, preview)
    else:
        _previewed.preview(preview, lambda: _make(preview))


def _make(preview: Any) -> None:
    from datasets.exchange.formats.masks import folders as mask_folders

    if preview.format == mask_folders.NAME:
        _class_table(preview.path)
    _names(preview)
    _form(preview)


def _names(preview: Any) -> None:
    """Names of classes that are nearly equal: an offer to make them one."""
    if not any(one.code in ("names_alike", "names_merged") for one in preview.findings):
        return
    kept, key = f"merge-names:{preview.path}", f"names:{preview.path}"

    def keep() -> None:  # as the class table
        st.session_state[kept] = st.session_state[key]

    st.checkbox(
        "Merge nearly equal names", bool(st.session_state.get(kept)), key=key, on_change=keep,
        help="One class of names that differ in capitals, ways to write accents, or blanks around them.",
    )  # fmt: skip


def _class_table(path: Path) -> None:
    """A field for names of the values or colours of masks; a change reads the source again."""
    kept, key = f"class-table:{path}", f"classes:{path}"

    def keep() -> None:  # a field that is not drawn while the source is read loses its own state
        st.session_state[kept] = st.session_state[key]

    with st.expander("Name the classes of the masks", icon=":material/palette:"):
        st.text_area(
            "Class table",
            st.session_state.get(kept, ""),
            key=key,
            on_change=keep,
            placeholder="0 sky\n1 building\n\nor with colours:\n128 128 128 sky\n128 0 0 building",
            help="A class per line: a name, value and name, or red, green, blue and name; or the text of a "
            "classes.json. Values that are not named are void: they count as no class.",
            height=160,
        )
        st.caption("A table beside the images (classes.json, classes.txt, label_colors.txt, ...) is read by itself.")


def _form(preview: Any) -> None:
    frame.section("Make a dataset")
    suggestion = re.sub(r"[^A-Za-z0-9]+", "-", preview.title).strip("-").lower() or "images"
    name = st.text_input("Name", suggestion, key=f"name:{_short(preview.path)}").strip()
    known = name in store.names()
    if known:
        st.caption(md("{} is there already: only images that are new to it will be added.", name))
    mode = st.selectbox("Splits", list(SPLITS), format_func=SPLITS.__getitem__)
    shares: Shares
    shares, seed = _shares() if mode == "new" else (None if mode == "keep" else "auto", DEFAULT_SEED)
    if mode == "auto" and preview.count and not any(record.split for record in preview.records):
        drawn = ", ".join(f"{share:.0%} {split}" for split, share in zip(NAMES, DEFAULT_FRACTIONS, strict=True))
        st.caption(md("The source names no splits: {} will be drawn by class, with seed {}.", drawn, DEFAULT_SEED))
    label = md("Add to {}", name) if known else md("Import {:,} samples", preview.count)
    if st.button(
        label, type="primary", icon=":material/check:", disabled=not name or not preview.count, width="stretch"
    ):
        works.ingest(preview, name, shares, seed, add=known)
        st.rerun()


def _shares() -> tuple[Any, int]:
    *columns, seed = st.columns(4)
    parts = tuple(
        column.number_input(plain(split), 0.0, 1.0, share, 0.05)
        for column, split, share in zip(columns, NAMES, DEFAULT_FRACTIONS, strict=True)
    )
    chosen = int(seed.number_input("seed", 0, 2**31 - 1, DEFAULT_SEED))
    if abs(sum(parts) - 1) > 1e-6:
        st.warning(md("Shares should add up to 1; found {:.2f}.", sum(parts)), icon=":material/warning:")
    return parts, chosen


def _importing(work: background.Work, preview: Any) -> None:
    if work.state == "running":
        _waiting(work.key)
    elif work.state == "done":
        _done(work, preview)
    else:
        if work.state == "failed":
            frame.problem(work.error or RuntimeError("unknown"), "The import stopped")
        else:
            st.info("The import was cancelled; no half dataset is left.", icon=":material/info:")
        st.button("Back to the preview", icon=":material/arrow_back:", on_click=background.forget, args=(work.key,))


def _done(work: background.Work, preview: Any) -> None:
    report = work.result
    skipped = f"; {report.skipped:,} were there already" if report.skipped else ""
    with frame.empty(f"{report.dataset} is ready", f"{report.added:,} samples were added{skipped}.", "check_circle"):
        if st.button("Browse", type="primary", icon=":material/grid_view:"):
            background.forget(work.key)
            navigation.go("browse", dataset=report.dataset)
        if st.button("Train", icon=":material/model_training:"):
            background.forget(work.key)
            navigation.go("train", dataset=report.dataset)
        if st.button("Import something else", type="tertiary"):
            background.forget(work.key)
            st.session_state.pop("import-path", None)
            st.rerun()
    _previewed.report(report, preview)


def _short(value: object) -> str:
    return hashlib.sha256(str(value).encode()).hexdigest()[:8]
