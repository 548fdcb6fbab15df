"""One process, one port: Streamlit's pages at `/`, our routes at `/api`, FiftyOne at `/fo`."""

import logging
import threading
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from anyio import to_thread
from starlette.middleware import Middleware
from starlette.routing import Mount
from streamlit import config
from streamlit.starlette import App

from app import background, handling, warm
from app.api.routes import routes
from app.fiftyone_mount import PREFIX, fiftyone
from app.guard import Guard
from datasets import faults
from datasets.errors import DatasetsError
from datasets.workspace import settle

ROOT = Path(__file__).parent.parent
log = logging.getLogger(__name__)


def build(host: str = "127.0.0.1", *, samples: bool = False) -> App:
    """The ASGI app. `host` is the address it is bound to, and the only name besides loopback that it answers to.

    With `samples`, the embedded sample datasets that are missing are made once it is served.
    """
    settle()
    return App(
        ROOT / "app" / "main.py",
        routes=[*routes(), Mount(PREFIX, app=fiftyone)],
        middleware=[Middleware(Guard, host=host)],
        lifespan=partial(_lifespan, samples=samples),
        on_script_error=handling.show,
    )


def serve(host: str = "127.0.0.1", port: int = 8501, *, samples: bool = False) -> None:
    """Serve until stopped."""
    options = _flat(tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")))
    build(host, samples=samples).run(config={**options, "server.address": host, "server.port": port})


@asynccontextmanager
async def _lifespan(_app: App, samples: bool = False) -> AsyncIterator[dict[str, Any]]:
    # a walk over the whole heap after every run of a page, 0.3 s with FiftyOne in it; `warm` freezes that heap instead
    config.set_option("runner.postScriptGC", False)
    threading.Thread(target=_start, args=(samples,), name="start", daemon=True).start()
    warm.begin()
    yield {}
    warm.forget()
    unfinished = await to_thread.run_sync(background.stop)
    if unfinished:
        log.warning("ended before they were done: %s", ", ".join(unfinished))


def _start(samples: bool) -> None:
    """The database and the supervisor of jobs, while the browser loads the first page; then the sample datasets."""
    from app import data
    from app.samples import make_missing

    try:
        with faults.in_words():
            data.start_database()
            data.wake_supervisor()
            if samples:
                make_missing()
    except DatasetsError as error:  # pages show the same error when they need the database
        log.warning("%s", error)


def _flat(options: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested tables as dotted names, as Streamlit's options are called."""
    flat: dict[str, Any] = {}
    for name, value in options.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat
