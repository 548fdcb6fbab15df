"""`/api/masks`: all masks of a field of a sample in one answer, for the labeler (`datasets/showing/maskfile.py`)."""

import gzip

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from app.api.images import CHECKED
from app.api.problems import RequestError
from datasets.speed.memo import Memo
from datasets.storage import connection

_packed: Memo[bytes] = Memo(most_bytes=64 << 20, weigh=len)


async def masks(request: Request) -> Response:
    """The masks as a file with a head; gzip, as they are mostly empty. Checked by its ETag, as masks change."""
    return await to_thread.run_sync(_masks, request)


def _masks(request: Request) -> Response:
    from datasets.showing import maskfile, overlays

    dataset, sample, field = (request.path_params[name] for name in ("dataset", "id", "field"))
    if "gzip" not in request.headers.get("accept-encoding", ""):
        raise RequestError(406, "masks are sent as gzip", "Accept-Encoding: gzip", "none", "ask with that header")
    with connection.moment():
        found = overlays.read(dataset, sample, field)
        headers = {"ETag": f'"{found.stamp}"', "Vary": "Accept-Encoding", **CHECKED}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        key = f"{dataset}/{sample}/{field}/{found.stamp}"
        content = _packed.get(key, lambda: gzip.compress(maskfile.packed(found, field), 1))
    headers["Content-Encoding"] = "gzip"
    return Response(content, media_type="application/octet-stream", headers=headers)
