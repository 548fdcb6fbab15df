"""`/api/labels`, `/api/journal`, `/api/undo`: reading, changing and undoing the labels of a sample, as JSON.

Every write names the version it is based on: `If-Match` with the ETag of a read, or `*` for any version. Without
it the status is 428; when the labels have changed since, it is 412 with `ours` and `stored`.
"""

import base64
import binascii
import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

from anyio import to_thread
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.asked import body as read_body
from app.api.asked import parsed
from app.api.person import asking
from app.api.problems import RequestError
from datasets.errors import LabelsChanged
from datasets.records import Label

LARGEST = 8 << 20  # bytes of a body: MongoDB accepts documents of 16 MB
FRESH = {"Cache-Control": "no-store"}


class LabelBody(BaseModel):
    """A label, or the parts of one that change. Parts that are not named stay unchanged; null removes one.

    Boxes and points are relative to the image as shown, origin top left. `mask` is an image file in base64: as large as
    the box in pixels for an object, as the image for a whole mask; true leaves the mask as it is.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str = ""
    label: str | None = None
    box: list[float] | None = Field(default=None, max_length=4)
    confidence: float | None = None
    crowd: bool | None = None
    points: list[list[list[float | None]]] | None = None
    support: list[int] | None = Field(default=None, max_length=2)
    mask: str | bool | None = None
    tags: list[str] | None = None
    attributes: dict[str, Any] | None = None


class OperationBody(BaseModel):
    """One change to one label; `id`, such as a UUID, is new for each operation, and the same when it is sent again."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str
    action: Literal["add", "change", "delete"]
    label_id: str = ""
    label: LabelBody = LabelBody()


class Operations(BaseModel):
    """The body of `POST /api/labels`: all are applied in order, or none."""

    model_config = ConfigDict(extra="forbid", strict=True)

    operations: list[OperationBody] = Field(min_length=1, max_length=5000)


class Whole(BaseModel):
    """The body of `PUT /api/labels`: the labels that the field is to hold."""

    model_config = ConfigDict(extra="forbid", strict=True)

    labels: list[LabelBody] = Field(max_length=20_000)


async def read(request: Request) -> Response:
    """The labels of a field, with their ETag."""
    from datasets.editing import labels

    found = await to_thread.run_sync(labels.read, *_place(request))
    headers = {"ETag": f'"{found.etag}"', "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return JSONResponse({"etag": found.etag, "labels": as_json(found.labels)}, headers=headers)


async def put(request: Request) -> Response:
    """Replace the labels of a field by a whole list."""
    from datasets.editing import labels

    match, body = if_match(request), parsed(Whole, await read_body(request, LARGEST))
    given = [{"id": one.id, **_values(one)} for one in body.labels]
    return await saved(_noted(request, lambda who: labels.write(*_place(request), given, if_match=match, who=who)))


async def post(request: Request) -> Response:
    """Apply operations. Those that were done before are listed in `repeated`, and not done again."""
    from datasets.editing import labels
    from datasets.editing.operations import Operation

    match, body = if_match(request), parsed(Operations, await read_body(request, LARGEST))
    wanted = [Operation(one.id, one.action, one.label_id, _values(one.label)) for one in body.operations]
    return await saved(_noted(request, lambda who: labels.change(*_place(request), wanted, if_match=match, who=who)))


async def history(request: Request) -> Response:
    """The saves of a field of a sample, newest first, at most 100."""
    from datasets.editing import journal

    found = await to_thread.run_sync(journal.history, *_place(request))
    return JSONResponse({"entries": [_entry(one) for one in found]}, headers=FRESH)


async def undo(request: Request) -> Response:
    """Undo one save; it takes effect once, however often it is requested."""
    from datasets.editing import journal

    dataset, entry, who = request.path_params["dataset"], request.path_params["entry"], asking(request).who
    return await saved(lambda: journal.undo(dataset, entry, who=who))


def _noted(request: Request, save: Callable[[str], Any]) -> Callable[[], Any]:
    """The save, by this person, after the queue was told that labels of the sample change: its lease goes on."""
    from datasets.labeling import queue
    from datasets.storage import connection

    person, (dataset, sample, field) = asking(request), _place(request)

    def noted() -> Any:
        with connection.moment():  # the document of the dataset is read once
            queue.begun(dataset, field, [sample], person)
            return save(person.who)

    return noted


async def saved(save: Callable[[], Any]) -> Response:
    """The response to a save; 412 with both versions where the labels have changed."""
    try:
        made = await to_thread.run_sync(save)
    except LabelsChanged as refused:
        return _conflict(refused)
    content = {"etag": made.etag, "entry": made.entry, "repeated": list(made.repeated)}
    return JSONResponse(content, headers={**FRESH, "ETag": f'"{made.etag}"'})


def _conflict(refused: LabelsChanged) -> Response:
    """412 in the form of every error, with both versions and the ETag of the stored one."""
    text = str(refused)
    parts = {"error": "the labels changed since they were read", "expected": "the labels as they were read"}
    more = {"found": text[:2000], "action": "look at both versions, then save again with the ETag of the stored one"}
    both = {"ours": as_json(refused.ours), "stored": {"etag": refused.etag, "labels": as_json(refused.stored)}}
    return JSONResponse({**parts, **more, **both}, 412, {**FRESH, "ETag": f'"{refused.etag}"'})


def _place(request: Request) -> tuple[str, str, str]:
    return request.path_params["dataset"], request.path_params["id"], request.path_params["field"]


def if_match(request: Request) -> str:
    """The version that a write is based on. Raises RequestError without one."""
    text = request.headers.get("if-match", "").strip()
    if not text:
        raise RequestError(428, "no version", "If-Match with the ETag of the labels, or *", "none", "read the labels")
    return text.strip('"')


def _values(body: LabelBody) -> dict[str, Any]:
    """The named parts, as the editing layer takes them."""
    made = {name: getattr(body, name) for name in body.model_fields_set - {"id", "mask"}}
    if "mask" in body.model_fields_set and body.mask is not True:
        made |= {"png": _decoded(body.mask)} if isinstance(body.mask, str) else {"mask_path": None}
    return made


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise RequestError(400, "a mask is no base64", "an image file in base64", text[:80], "send a PNG") from wrong


def _entry(one: Any) -> dict[str, Any]:
    changes = [{"id": change.id, "action": change.action, "label_id": change.label_id} for change in one.changes]
    return {"id": one.id, "who": one.who, "made": f"{one.made.isoformat()}Z", "etag": one.after,
            "undoes": one.undoes, "changes": changes}  # fmt: skip


def as_json(labels: Sequence[Label]) -> list[dict[str, Any]]:
    """Labels as the page gets them."""
    return [_label(one) for one in labels]


def _label(one: Label) -> dict[str, Any]:
    """A label as JSON, as `LabelBody` takes it; missing parts and binary attributes are omitted."""
    masked = one.mask_path is not None or one.mask is not None
    points = [[[_number(x), _number(y)] for x, y in part] for part in one.points] if one.points is not None else None
    tags = one.attributes.get("tags") or []
    attributes = {name: value for name, value in one.attributes.items() if name != "tags" and _is_told(value)}
    parts = {
        "label": one.label or None,
        "box": list(one.box) if one.box else None,
        "confidence": _number(one.confidence),
        "points": points,
        "support": list(one.support) if one.support else None,
    }
    named = {name: value for name, value in parts.items() if value is not None}
    return {"id": one.id, **named, "crowd": one.crowd, "mask": masked, "tags": tags, "attributes": attributes}


def _is_told(value: Any) -> bool:
    if isinstance(value, list):
        return all(_is_told(one) for one in value)
    return isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value))


def _number(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
