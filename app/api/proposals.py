"""`/api/proposals`: labels of another field, such as predictions, are taken over into a field in bulk, or counted."""

from typing import Any

from anyio import to_thread
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.asked import body, parsed
from app.api.person import asking
from app.api.problems import RequestError
from datasets.viewspec import ViewSpec

FRESH = {"Cache-Control": "no-store"}
LONGEST = 4 << 20  # bytes of a body
AT_ONCE = 2000  # samples of one request; the dialog "Pre-label" does any number, with progress


class Proposed(BaseModel):
    """The body: from which field, of which samples (a view, or ids), from which confidence on, which classes.

    With `preview` nothing is written. `request`, such as a UUID, is the same when the request is sent again.
    `overlap` is the IoU with a label of the class above which an object counts as there already, null for any.
    """

    model_config = ConfigDict(extra="forbid")

    source: str = Field(max_length=200)
    spec: ViewSpec | None = None
    ids: tuple[str, ...] | None = Field(default=None, max_length=AT_ONCE)
    threshold: float = Field(default=0.25, ge=0, le=1)
    classes: tuple[str, ...] | None = Field(default=None, max_length=10_000)
    overlap: float | None = Field(default=0.5, ge=0, le=1)
    preview: bool = False
    request: str = Field(default="", pattern=r"^[A-Za-z0-9-]{0,40}$")


async def post(request: Request) -> Response:
    """How many proposals became labels, and what became of the others; with `preview` what would."""
    asked = parsed(Proposed, await body(request, LONGEST))
    dataset, field = request.path_params["dataset"], request.path_params["field"]
    spec = _spec(dataset, asked)
    if not asked.preview and len(asked.request) < 4:
        raise RequestError(400, "no id of the request", "request, such as a UUID", asked.request, "reload the page")
    found = await to_thread.run_sync(_done, spec, field, asked, asking(request))
    return JSONResponse(found, headers=FRESH)


def _spec(dataset: str, asked: Proposed) -> ViewSpec:
    if (asked.spec is None) == (asked.ids is None):
        raise RequestError(400, "which samples?", "either spec or ids", "both or none", "reload the page")
    spec = asked.spec or ViewSpec(dataset=dataset, ids=asked.ids)
    if spec.dataset != dataset:
        raise RequestError(400, "two datasets are named", f"a view of {dataset}", spec.dataset[:200], "reload the page")
    return spec


def _done(spec: ViewSpec, field: str, asked: Proposed, person: Any) -> dict[str, Any]:
    from datasets.labeling import accepting
    from datasets.labeling.proposals import Wanted
    from datasets.views import pages

    wanted = Wanted(asked.source, asked.threshold, asked.classes, asked.overlap)
    if asked.preview:
        found = accepting.preview(spec, field, wanted)
    else:
        total = pages.count(spec)
        if total > AT_ONCE:
            expected = f"at most {AT_ONCE:,} samples at once"
            raise RequestError(413, "too many samples", expected, f"{total:,}", "use Pre-label on the Label page")
        found = accepting.accept(spec, field, wanted, person, request=asked.request)
    return {"samples": found.samples, "taken": found.taken, "fates": dict(found.fates)}
