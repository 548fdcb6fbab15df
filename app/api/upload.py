"""`/api/upload`: one image as the body of a request, kept in the workspace and added to a dataset.

The body is written to disk as it arrives. A file that is no image is refused with status 400 and changes nothing; one
whose content the dataset has already is told as known. Sending a file again is harmless.
"""

import re

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.problems import RequestError
from app.api.samples import FRESH
from datasets.exchange.adding import LARGEST, Incoming, Kept
from datasets.workspace import Workspace

AT_ONCE = 8  # files that are received; others wait, and their senders with them
LONGEST_NAME = 1000
_BUFFER = 1 << 20  # bytes between two writes
_room = CapacityLimiter(AT_ONCE)


async def upload(request: Request) -> Response:
    """Add the file in the body to a dataset. Answers the sample's `id`, and whether it was `known`.

    `name` is its own name, `place` the id that its sample gets if it is free (see `adding.add`).
    """
    from datasets.exchange import adding

    dataset, name = request.path_params["dataset"], request.query_params.get("name", "")
    if not name or len(name) > LONGEST_NAME:
        raise RequestError(
            400, "the file has no name", f"name of at most {LONGEST_NAME} letters", name[:80], "send its name"
        )
    place = request.query_params.get("place", "")
    if not re.fullmatch(r"([0-9a-f]{24})?", place):
        raise RequestError(400, "place is no id", "24 hexadecimal digits, or none", place[:80], "leave it out")
    _check_length(request.headers.get("content-length", ""))
    if not hasattr(request.state, "kept"):  # the database may have died meanwhile: then only what follows is repeated
        await to_thread.run_sync(adding.check, dataset)
        async with _room:
            request.state.kept = await _received(request, name)
    kept: Kept = request.state.kept
    added = await to_thread.run_sync(adding.add, dataset, kept, place)
    told = {"id": added.id, "known": added.known, "width": kept.probe.width, "height": kept.probe.height}
    return JSONResponse(told, 200 if added.known else 201, FRESH)


async def _received(request: Request, name: str) -> Kept:
    """The file in the workspace. Raises FormatError for anything but an image, ClientDisconnect when it breaks off."""
    incoming = await to_thread.run_sync(Incoming, Workspace.current())
    try:
        waiting = bytearray()
        async for part in request.stream():
            waiting += part
            if len(waiting) >= _BUFFER:
                await to_thread.run_sync(incoming.take, bytes(waiting))
                waiting.clear()
        await to_thread.run_sync(incoming.take, bytes(waiting))
        return await to_thread.run_sync(incoming.keep, name)
    finally:
        incoming.drop()


def _check_length(told: str) -> None:
    """Refuse what is too large before any of it is read."""
    if told.isascii() and told.isdigit() and int(told[:20]) > LARGEST:
        expected, found = f"a file of at most {LARGEST >> 20} MB", f"{int(told[:20]) >> 20:,} MB"
        raise RequestError(413, "the file is too large", expected, found, "cut it into tiles, or import its folder")
