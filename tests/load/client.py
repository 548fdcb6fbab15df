"""A client that speaks Streamlit's protocol: opens pages, runs their fragments on time, fetches what the grid does."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import httpx
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

PATIENCE = 90.0
THUMBNAILS = 6  # a browser fetches so many at once


@dataclass(frozen=True)
class Place:
    """A page by its address, as `browse` with `dataset=big`; `grid` fetches a page of so many samples behind it."""

    name: str
    query: str = ""
    grid: int = 0

    def __str__(self) -> str:
        return f"{self.name}?{self.query}" if self.query else self.name or "datasets"


@dataclass
class Client:
    """One browser tab at `address`, which may hold `?token=...`; what it brings (a cookie) is kept."""

    address: str
    errors: list[str] = field(default_factory=list)
    fragments: dict[str, float] = field(default_factory=dict)
    took_page: list[float] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        parts = urlsplit(self.address)
        self.base = f"{parts.scheme}://{parts.netloc}"
        self.token = dict(parse_qsl(parts.query)).get("token", "")
        limits = httpx.Limits(keepalive_expiry=2)  # shorter than the server's, which closes idle connections too
        self.http = httpx.AsyncClient(base_url=self.base, timeout=PATIENCE, follow_redirects=True, limits=limits)
        (await self.http.get(f"/?{parts.query}")).raise_for_status()
        cookies = "; ".join(f"{one.name}={one.value}" for one in self.http.cookies.jar)
        query = f"?token={quote(self.token)}" if self.token else ""
        self.socket = await websockets.connect(
            f"ws://{parts.netloc}/_stcore/stream{query}", subprotocols=[websockets.Subprotocol("streamlit")],
            additional_headers={"Cookie": cookies}, origin=websockets.Origin(self.base), max_size=None,
        )  # fmt: skip
        self.timers: dict[str, asyncio.Task[None]] = {}
        self.finished: asyncio.Queue[tuple[int, str]] = asyncio.Queue()
        self.listening = asyncio.create_task(self._listen())
        self.place = Place("")
        self.seen: set[str] = set()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        for task in (*self.timers.values(), self.listening):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self.socket.close()
        await self.http.aclose()

    async def open(self, place: Place) -> float:
        """Open a page as a click does. Returns the seconds until it is whole, with the samples of its grid."""
        self._stop_fragments()
        self.place = place
        while not self.finished.empty():
            self.finished.get_nowait()
        began = time.perf_counter()
        await self._rerun()
        await asyncio.wait_for(self._until_finished(), PATIENCE)
        if place.grid:
            await self._grid(place)
        return time.perf_counter() - began

    async def _until_finished(self) -> None:
        while True:
            status, _ = await self.finished.get()
            if status == ForwardMsg.FINISHED_SUCCESSFULLY:
                return

    async def _rerun(self, fragment: str = "") -> None:
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_name, asked.fragment_id = self.place.query, self.place.name, fragment
        asked.is_auto_rerun = bool(fragment)
        asked.context_info.url = f"{self.base}/{self.place.name}"
        asked.context_info.timezone = "UTC"
        await self.socket.send(message.SerializeToString())

    async def _listen(self) -> None:
        async for raw in self.socket:
            message = ForwardMsg()
            message.ParseFromString(raw if isinstance(raw, bytes) else raw.encode())
            kind = message.WhichOneof("type")
            if kind == "script_finished":
                self.finished.put_nowait((message.script_finished, ""))
            elif kind == "auto_rerun":
                self._every(message.auto_rerun.fragment_id, message.auto_rerun.interval)
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                self._note(message.delta.new_element)

    def _note(self, element: Any) -> None:
        """An exception, or an error box of ours, on a page is an error."""
        if element.WhichOneof("type") == "exception":
            self.errors.append(f"{self.place}: {element.exception.type} {element.exception.message}")
        if element.WhichOneof("type") == "alert" and element.alert.format == element.alert.ERROR:
            self.errors.append(f"{self.place}: {' '.join(element.alert.body.split())[:200]}")

    def _every(self, fragment: str, seconds: float) -> None:
        async def again() -> None:
            while True:
                await asyncio.sleep(seconds)
                await self._rerun(fragment)

        if fragment not in self.timers:
            self.timers[fragment] = asyncio.create_task(again())

    def _stop_fragments(self) -> None:
        for task in self.timers.values():
            task.cancel()
        self.timers.clear()

    async def _grid(self, place: Place) -> None:
        dataset = dict(parse_qsl(place.query))["dataset"]
        number = dict(parse_qsl(place.query)).get("page", "1")
        view = dict(parse_qsl(place.query)).get("view", "")
        spec = '{"dataset": "' + dataset + '"' + (", " + view[1:] if view else "}")
        began = time.perf_counter()
        answer = await self.http.get(f"/api/page?{urlencode({'spec': spec, 'page': number, 'size': place.grid})}")
        self.took_page.append(time.perf_counter() - began)
        if answer.status_code != 200:
            self.errors.append(f"{place}: /api/page {answer.status_code} {answer.text[:200]}")
            return
        wanted = [
            f"/api/thumbnails/{quote(dataset)}/{row['id']}?side=256&v={row['version']}" for row in answer.json()["rows"]
        ]
        gate = asyncio.Semaphore(THUMBNAILS)
        await asyncio.gather(*(self._fetch(url, gate) for url in wanted if url not in self.seen))
        self.seen.update(wanted)  # a browser keeps them: their addresses hold a version

    async def _fetch(self, url: str, gate: asyncio.Semaphore) -> None:
        async with gate:
            answer = await self.http.get(url)
        if answer.status_code != 200:
            self.errors.append(f"{url}: {answer.status_code} {answer.text[:200]}")
