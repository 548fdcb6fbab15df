"""An image that is a page too, named so: a browser that opens it runs nothing."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from app import fiftyone_mount
from app.api.routes import routes
from datasets.exchange import importing
from datasets.storage import collection
from datasets.workspace import Workspace

SCRIPT = b"<html><body><h1 id=shown>a page</h1><script>fetch('/ran?'+location.pathname)</script></body></html>"


@pytest.fixture
def ran() -> list[str]:
    """What scripts on our origin told."""
    return []


@pytest.fixture
def address(database: Workspace, tmp_path: Path, ran: list[str]) -> Iterator[str]:
    """Our routes alone, without the guard and its own policy, on a dataset whose images are pages too."""
    entries = []
    for number, name in enumerate(("a.html", "b.svg", "c.xhtml", "d.gif")):
        Image.new("P", (8, 8)).save(tmp_path / "made.gif")
        (tmp_path / name).write_bytes((tmp_path / "made.gif").read_bytes() + SCRIPT)
        entries.append({"id": number, "file_name": name, "width": 8, "height": 8})
    (tmp_path / "instances.json").write_text(json.dumps({"images": entries, "annotations": [], "categories": []}))
    importing.ingest(tmp_path / "instances.json", "pages", None)

    async def tell(request: Request) -> PlainTextResponse:
        ran.append(request.url.query)
        return PlainTextResponse("")

    mounted = Mount("/fo", app=fiftyone_mount.fiftyone)
    app = Starlette(routes=[*routes(), mounted, Route("/ran", tell)])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(30)


def test_an_image_that_is_a_page_too_runs_nothing(address: str, page: Any, ran: list[str]) -> None:
    samples = list(collection.stream("pages"))
    assert len(samples) == 4
    places = [f"/api/media/pages/{one['_id']}" for one in samples]
    places += [f"/fo/media?filepath={one['filepath']}" for one in samples]
    for place in places:
        answer = page.goto(address + place)
        assert answer.status == 200 and answer.headers["content-type"] == "image/gif", place
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["content-disposition"].endswith(".gif")
        assert page.locator("#shown").count() == 0 and page.locator("img").count() == 1
    page.wait_for_timeout(300)
    assert ran == []
    shown = f"<img src='{places[0]}' onload='fetch(\"/ran?seen\")'>"
    page.goto(f"{address}/ran?begin")
    page.set_content(shown)
    page.wait_for_function("document.images[0].naturalWidth === 8")  # and pages still show it
