"""The pages: their order, names, icons and addresses."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NoReturn

import streamlit as st

from app.components.markdown import plain


@dataclass(frozen=True)
class View:
    """One page: a module of `app.views` with a function `page()`, imported when the page is opened."""

    name: str
    title: str
    icon: str
    module: str
    section: str

    def run(self) -> None:
        """Import and draw the page."""
        import_module(f"app.views.{self.module}").page()


VIEWS = (
    View("datasets", "Datasets", ":material/dataset:", "datasets", "Data"),
    View("browse", "Browse", ":material/grid_view:", "browse", "Data"),
    View("label", "Label", ":material/edit_square:", "label", "Data"),
    View("import", "Import", ":material/add_photo_alternate:", "import_", "Data"),
    View("fiftyone", "FiftyOne", ":material/open_in_new:", "fiftyone", "Data"),
    View("train", "Train", ":material/model_training:", "train", "Models"),
    View("jobs", "Jobs", ":material/list_alt:", "jobs", "Models"),
    View("models", "Models", ":material/deployed_code:", "models", "Models"),
    View("review", "Review", ":material/rate_review:", "review", "Models"),
)


def target(name: str) -> Any:
    """The page of this name, as `st.page_link` and `st.switch_page` want it."""
    return _page(next(view for view in VIEWS if view.name == name))


def go(name: str, **query: str) -> NoReturn:
    """Open another page, with a query in its address."""
    st.switch_page(target(name), query_params=query)


def link(label: str, name: str, *, icon: str | None = None, help: str | None = None, **query: str) -> None:
    """A link to another page, with a query in its address."""
    told = None if help is None else plain(help)
    st.page_link(target(name), label=plain(label), icon=icon, help=told, query_params=query)


def sections() -> dict[str, list[Any]]:
    """Pages by section, for `st.navigation`."""
    found: dict[str, list[Any]] = {}
    for view in VIEWS:
        found.setdefault(view.section, []).append(_page(view))
    return found


def _page(view: View) -> Any:
    run: Callable[[], None] = view.run
    return st.Page(run, title=view.title, icon=view.icon, url_path=view.name, default=view is VIEWS[0])
