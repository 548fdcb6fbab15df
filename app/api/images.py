"""`/api/thumbnails`, `/api/media`, `/api/mask`: images by dataset and sample id, never by a path from outside.

The name of a field may follow the sample id, for the image that the field names, such as one that a model made.
"""

import io
from pathlib import Path
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from app.api.asked import image_path
from app.api.media import MediaResponse
from app.api.problems import RequestError
from datasets.workspace import Workspace

SIDES = (128, 256, 512, 1024)
KEPT = {"Cache-Control": "private, max-age=31536000, immutable"}
CHECKED = {"Cache-Control": "private, no-cache"}


async def thumbnail(request: Request) -> Response:
    """A small JPEG; `side` is the longer side in pixels."""
    side = _side(request.query_params.get("side", "256"))
    file = await to_thread.run_sync(_thumbnail, *_address(request), _field(request), side)
    return FileResponse(file, media_type="image/jpeg", headers=_caching(request))


async def media(request: Request) -> Response:
    """The image in full; formats that browsers cannot show are sent as JPEG, and a video as its first frame."""
    found = await to_thread.run_sync(_displayable, *_address(request), _field(request))
    return MediaResponse(found, _caching(request))


async def mask(request: Request) -> Response:
    """The mask of one label as PNG: white, with the mask as alpha."""
    address = (*_address(request), request.path_params["field"], request.path_params["label"])
    content = await to_thread.run_sync(_mask, *address)
    return Response(content, media_type="image/png", headers=_caching(request))


def _address(request: Request) -> tuple[str, str]:
    return request.path_params["dataset"], request.path_params["id"]


def _field(request: Request) -> str:
    """The requested field of images; empty for the sample's own."""
    return str(request.path_params.get("field", ""))


def _caching(request: Request) -> dict[str, str]:
    """Cache headers: the content behind an address with a version never changes."""
    return KEPT if "v" in request.query_params else CHECKED


def _side(text: str) -> int:
    if text not in map(str, SIDES):
        allowed = ", ".join(map(str, SIDES))
        raise RequestError(400, "unknown size of thumbnails", f"side as one of {allowed}", text, "ask for one of them")
    return int(text)


def _thumbnail(dataset: str, sample: str, field: str, side: int) -> Path:
    from datasets.showing import thumbnails

    return thumbnails.thumbnail(image_path(dataset, sample, field), side, Workspace.current())


def _displayable(dataset: str, sample: str, field: str) -> Any:
    from datasets.showing import media, thumbnails

    return media.open_media(thumbnails.displayable(image_path(dataset, sample, field), Workspace.current()))


def _mask(dataset: str, sample: str, field: str, label: str) -> bytes:
    from datasets.showing import overlays

    pixels = overlays.read(dataset, sample, field).stencil(field, label)
    if pixels is None:
        raise RequestError(404, "no such mask", "a label with a mask", f"{field}/{label}", "reload the page")
    return png(pixels)


def png(picture: Any) -> bytes:
    """A picture (h, w, 4) as PNG, encoded for speed rather than size."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG", compress_level=1)
    return out.getvalue()
