"""FiftyOne's own ASGI app under `/fo`, loaded on the first request; its file route is restricted to known datasets.

FiftyOne serves any readable file by `/media?filepath=`, and its state is one per process: see `docs/design.md`.
"""

import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from anyio import to_thread
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.media import MediaResponse
from app.api.problems import problem
from datasets import faults
from datasets.errors import MediaError, ThumbnailError
from datasets.workspace import Workspace, settle

if TYPE_CHECKING:
    from datasets.showing.media import Media

PREFIX = "/fo"
UNSHOWN = ("image/heif", "image/jp2", "image/x-portable-anymap", "image/x-tga")  # masks are of other types
_lock = threading.Lock()
_loaded: list[ASGIApp] = []


def load(port: int = 8501) -> ASGIApp:
    """FiftyOne's app; the first call takes seconds and starts the database."""
    with _lock:
        if not _loaded:
            _loaded.append(_load(port))
        return _loaded[0]


def is_loaded() -> bool:
    """Whether FiftyOne is in memory already."""
    return bool(_loaded)


def selected(dataset: str) -> list[str]:
    """Ids of the samples that are selected in FiftyOne's page; empty while it shows no dataset or another one."""
    if not _loaded:
        return []
    from fiftyone.server.events.state import get_state

    return _ids(get_state(), dataset)


def _ids(state: Any, dataset: str) -> list[str]:
    """Ids of the selected samples, documents with an `id`, in the order of the clicks."""
    shown = getattr(state.dataset, "name", dataset)
    return [str(one["id"]) for one in state.selected_samples or ()] if shown == dataset else []


async def fiftyone(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI app to mount."""
    if scope["type"] == "http":
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("filepath", [])
        if asked and not await to_thread.run_sync(all_known, asked):
            refusal = problem(403, "unknown file", "a file of a dataset", asked[-1], "import the file first")
            await refusal(scope, receive, send)
            return
        if asked and scope["path"].rstrip("/").endswith("/media"):
            await _media(asked[-1], scope, receive, send)
            return
    server = scope.get("server") or ("", 8501)
    try:
        app = await to_thread.run_sync(load, server[1])
    except Exception as error:
        if scope["type"] != "http" or (found := faults.told(error)) is None:
            raise
        await problem(503, str(found), "FiftyOne's page", "an error", "see above, then reload the page")(
            scope, receive, send
        )
        return
    with suppress(ClientDisconnect):  # a tab was closed while FiftyOne read its request
        await app(scope, receive, send)


async def _media(path: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Serves a file in place of FiftyOne, which would take its type from its name."""
    try:
        found = await to_thread.run_sync(open_known, path)
    except MediaError as wrong:
        await problem(404, str(wrong), "an image or a video", "none", "check the file")(scope, receive, send)
        return
    with suppress(ClientDisconnect):
        await MediaResponse(found, {"Vary": "Origin"})(scope, receive, send)


def open_known(path: str) -> "Media":
    """A file of a dataset, open, with the type of its content; what no browser shows, as JPEG. Raises MediaError."""
    from datasets.showing import media, thumbnails

    found = media.open_known(path)
    if found.type not in UNSHOWN:
        return found
    found.stream.close()
    try:
        return media.open_media(thumbnails.displayable(Path(os.path.realpath(path)), Workspace.current()))
    except ThumbnailError as wrong:
        raise MediaError(str(wrong)) from wrong


def all_known(paths: list[str]) -> bool:
    """Whether every path, links followed, is a media file beside those that datasets name."""
    from datasets.showing import media

    return all(media.knows(path) for path in paths)


def _load(port: int) -> ASGIApp:
    settle()
    os.environ["FIFTYONE_SERVER"] = "1"
    os.environ.setdefault("FIFTYONE_APP_THEME", "browser")
    from datasets.storage import database

    database.ensure()
    database.check()
    from fiftyone.server.app import app
    from fiftyone.server.events import set_port

    set_port(port)
    found: ASGIApp = app
    return found
