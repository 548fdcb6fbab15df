"""`/api/queue`: what is to be labeled next, who works on what, and what became of it.

The header `X-Foveal-Session` names the tab: a lease belongs to one tab of one browser.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from anyio import to_thread
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.asked import body, parsed, whole
from app.api.person import asking
from app.api.problems import RequestError
from app.api.samples import version
from datasets.errors import LeaseTaken
from datasets.labeling import queue
from datasets.labeling.queue import Person, Row
from datasets.storage import connection
from datasets.storage.queue_records import State, Work
from datasets.viewspec import ViewSpec

LARGEST_PAGE = 500
LONGEST = 1 << 20  # bytes of a body: a spec may hold many ids
FRESH = {"Cache-Control": "no-store"}


class Asked(BaseModel):
    """The body of `POST .../next`: a view, the sample behind which to look, and the states that are wanted."""

    model_config = ConfigDict(extra="forbid")

    spec: ViewSpec
    after: str | None = Field(default=None, max_length=24)
    states: tuple[State, ...] = queue.OPEN


class Step(BaseModel):
    """The body of `POST .../{sample}`: what to do, and what was spent since the last step: it is added up.

    A step with an `id` (such as a UUID) that was sent before is not counted again.
    """

    model_config = ConfigDict(extra="forbid")

    action: Literal["lease", "renew", "release", "take_over", "draft", "done", "reject", "accept", "return"]
    id: str = Field(default="", max_length=100)
    comment: str = Field(default="", max_length=2000)
    seconds: float = Field(default=0, ge=0, le=86_400)
    clicks: int = Field(default=0, ge=0, le=1_000_000)
    labels: int = Field(default=0, ge=0, le=1_000_000)


async def page(request: Request) -> Response:
    """One page of the queue: `spec`, `page` from 1, `size`, and perhaps `state`, the one state to list."""
    query, person = request.query_params, asking(request)
    spec = asked_spec(request)
    number = whole(query.get("page", "1"), "page", 1)
    size = min(whole(query.get("size", "60"), "size", 1), LARGEST_PAGE)
    state = _state(query.get("state", ""))
    found = await to_thread.run_sync(lambda: _read(spec, request.path_params["field"], number, size, state))
    rows = [_row(one, person) for one in found.rows]
    return JSONResponse({"total": found.total, "page": found.number, "size": size, "counts": dict(found.counts),
                         "rows": rows}, headers=FRESH)  # fmt: skip


async def following(request: Request) -> Response:
    """Lease the next sample. Without one `row` is null, `why` is "done" or "held", and `held` says by whom."""
    asked, person = parsed(Asked, await body(request, LONGEST)), asking(request)
    _same(request, asked.spec)
    field = request.path_params["field"]
    found = await to_thread.run_sync(
        lambda: queue.following(asked.spec, field, person, asked.after, asked.states or queue.OPEN)
    )
    row = _row(found.row, person) if found.row else None
    why = None if row else ("held" if found.held else "done")
    held = [_row(one, person) for one in found.held]
    return JSONResponse({"row": row, "why": why, "held": held}, headers=FRESH)


async def step(request: Request) -> Response:
    """Do one step with one sample. 409 with `holder` where somebody else works on it."""
    asked, person = parsed(Step, await body(request, LONGEST)), asking(request)
    dataset, field, sample = (request.path_params[name] for name in ("dataset", "field", "sample"))
    spent = Work(asked.id or queue.new_work(), person.who, "draft", asked.seconds, asked.clicks, asked.labels)
    try:
        row = await to_thread.run_sync(
            lambda: queue.act(dataset, field, sample, asked.action, person, comment=asked.comment, work=spent)
        )
    except LeaseTaken as taken:
        return _taken(taken)
    return JSONResponse({"row": _row(row, person)}, headers=FRESH)


def _read(spec: ViewSpec, field: str, number: int, size: int, state: State | None) -> queue.Page:
    with connection.moment():
        return queue.page(spec, field, number, size, state)


def _row(one: Row, person: Person) -> dict[str, Any]:
    path, held = Path(one.path), one.holder
    holder = {"who": held.who, "until": told(held.until), "mine": held.session == person.session} if held else None
    return {"id": one.id, "name": path.name, "width": one.width or 4, "height": one.height or 3,
            "version": version(path), "state": one.state, "by": one.by, "comment": one.comment,
            "holder": holder}  # fmt: skip


def told(moment: datetime) -> str:
    """A time (UTC without a zone, as stored) as ISO text."""
    return moment.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")


def _taken(taken: LeaseTaken) -> Response:
    """409 in the form of every error, with the holder."""
    action = "take it over, or go on to the next one"
    parts = {"error": str(taken), "expected": "a sample that nobody else works on", "found": f"{taken.who} works on it"}
    holder = {"who": taken.who, "until": told(taken.until), "mine": False}
    return JSONResponse({**parts, "action": action, "holder": holder}, 409, FRESH)


def asked_spec(request: Request) -> ViewSpec:
    """The view in `spec`, of the dataset in the path. Raises RequestError."""
    spec = parsed(ViewSpec, request.query_params.get("spec", ""))
    _same(request, spec)
    return spec


def _same(request: Request, spec: ViewSpec) -> None:
    dataset = request.path_params["dataset"]
    if spec.dataset != dataset:
        raise RequestError(400, "two datasets are named", f"a view of {dataset}", spec.dataset[:200], "reload the page")


def _state(text: str) -> State | None:
    if text and text not in get_args(State):
        raise RequestError(400, "unknown state", f"one of {', '.join(queue.STATES)}", text[:80], "reload the page")
    return next((one for one in queue.STATES if one == text), None)
