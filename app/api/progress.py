"""`/api/progress`: how far a queue is, how quickly people work, and what a label costs."""

from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.queue import asked_spec
from datasets.labeling import progress
from datasets.labeling.progress import Share

FRESH = {"Cache-Control": "no-store"}


async def read(request: Request) -> Response:
    """The counts of states, what is left, and the work altogether and by person, in the view `spec`."""
    spec = asked_spec(request)
    found = await to_thread.run_sync(lambda: progress.of(spec, request.path_params["field"]))
    content = {"counts": dict(found.counts), "left": found.left, "seconds_left": found.seconds_left,
               "whole": _share(found.whole), "people": [_share(one) for one in found.people]}  # fmt: skip
    return JSONResponse(content, headers=FRESH)


def _share(one: Share) -> dict[str, Any]:
    return {"who": one.who, "done": one.done, "reviewed": one.reviewed, "last_hour": one.recent,
            "seconds": one.seconds, "clicks": one.clicks, "labels": one.labels, "per_hour": one.per_hour,
            "seconds_per_label": one.seconds_per_label, "clicks_per_label": one.clicks_per_label}  # fmt: skip
