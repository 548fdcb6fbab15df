"""One process, one port: Streamlit's pages at `/`, our routes at `/api`, FiftyOne at `/fo`."""

import logging
import sys
import threading
import tomllib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from anyio import to_thread
from starlette.middleware import Middleware
from starlette.routing import Mount
from streamlit import config
from streamlit.starlette import App

from app import background, handling, warm
from app.access import binding, launch
from app.access.seal import seal
from app.api.routes import routes
from app.fiftyone_mount import PREFIX, fiftyone
from app.guard import Guard
from datasets import faults
from datasets.errors import DatasetsError
from datasets.workspace import ROOT, Workspace, settle

MAIN = ROOT / "app" / "main.py"
log = logging.getLogger(__name__)


def build(
    host: str | None = None, *, insecure: bool = False, encrypted: bool | None = None, samples: bool = False
) -> App:
    """The ASGI app with a new launch: see `parts`."""
    return App(MAIN, **parts(host, insecure=insecure, encrypted=encrypted, samples=samples))


def parts(
    host: str | None = None, *, insecure: bool = False, encrypted: bool | None = None, samples: bool = False
) -> dict[str, Any]:
    """The parts of our app: its routes, its guard, and what happens when it starts.

    `host` is the address it is bound to (by default Streamlit's `server.address`), and the only name besides loopback
    that it accepts. With `samples`, missing sample datasets are made once it is served.
    Raises WorkspaceError when other machines could reach it without a password.
    """
    host = host or config.get_option("server.address") or "127.0.0.1"
    if encrypted is None:
        encrypted = bool(config.get_option("server.sslCertFile"))
    binding.keep_given(settle())
    for warning in binding.allowed(Workspace.current(), host, encrypted=encrypted, insecure=insecure):
        log.warning("%s", warning)
    seal()  # so that its errors are reported at the start
    launched = launch.Launch()
    return {
        "routes": [*routes(), Mount(PREFIX, app=fiftyone)],
        "middleware": [Middleware(Guard, host=host, launch=launched)],
        "lifespan": _lifespan(launched, host, samples),
        "on_script_error": handling.show,
    }


def serve(
    host: str = "127.0.0.1",
    port: int = 8501,
    *,
    insecure: bool = False,
    tls: tuple[Path, Path] | None = None,
    samples: bool = False,
) -> None:
    """Serve until stopped. `tls` names the files of a certificate and of its key."""
    options = _flat(tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")))
    options |= {"server.address": host, "server.port": port}
    if tls:
        options |= {"server.sslCertFile": str(tls[0]), "server.sslKeyFile": str(tls[1])}
    build(host, insecure=insecure, encrypted=bool(tls), samples=samples).run(config=options)


def _lifespan(
    launched: launch.Launch, host: str, samples: bool
) -> Callable[[App], AbstractAsyncContextManager[dict[str, Any]]]:
    @asynccontextmanager
    async def run(_app: App) -> AsyncIterator[dict[str, Any]]:
        # it would walk the whole heap after every page run, 0.3 s with FiftyOne loaded; `warm` freezes that heap
        config.set_option("runner.postScriptGC", False)
        _announce(launched, host)
        threading.Thread(target=_start, args=(samples,), name="start", daemon=True).start()
        warm.begin()
        yield {}
        warm.forget()
        unfinished = await to_thread.run_sync(background.stop)
        if unfinished:
            log.warning("ended before they were done: %s", ", ".join(unfinished))

    return run


def _announce(launched: launch.Launch, host: str) -> None:
    """Print the address with its token, and store it for `serve --address`; the port is already bound."""
    port, encrypted = int(config.get_option("server.port")), config.get_option("server.sslCertFile")
    address = launched.address(host, port, "https" if encrypted else "http")
    launch.remember(Workspace.current().home, port, address)
    print(f"Foveal: {address}  (stop with Ctrl+C)", file=sys.stderr, flush=True)  # noqa: T201


def _start(samples: bool) -> None:
    """The database and the supervisor of jobs, while the browser loads the first page; then the sample datasets."""
    from app.samples import make_missing
    from datasets.storage import database
    from pipelines.jobs import queue

    try:
        with faults.in_words():
            database.ensure()
            queue.jobs(Workspace.current())  # queued jobs continue after a restart; an empty queue starts nothing
            if samples:
                make_missing()
    except DatasetsError as error:  # pages show the same error when they need the database
        log.warning("%s", error)


def _flat(options: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested tables as dotted names, in the form of Streamlit's options."""
    flat: dict[str, Any] = {}
    for name, value in options.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat
