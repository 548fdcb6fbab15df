"""`/api/history`, `/api/restore`: who changed what when, and labels put back to what they were."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from anyio import to_thread
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api import labels
from app.api.asked import body, parsed, whole
from app.api.images import CHECKED, png
from app.api.person import asking
from app.api.problems import RequestError
from app.api.queue import told
from datasets.labeling import history, restoring
from datasets.labeling.history import Changed, Saving
from datasets.labeling.restoring import Many, Point, Restored
from datasets.storage import collection, handle, layout
from datasets.storage.journal import Entry
from datasets.viewspec import ViewSpec

LARGEST = 1 << 20  # bytes of a body: a spec may hold many ids
MOST = 1000  # saves that are listed at once
SHOWN = 50  # samples of a preview that are listed
FRESH = {"Cache-Control": "no-store"}


class Back(BaseModel):
    """The body of `POST /api/restore/{dataset}/{sample}/{field}`: to a time (ISO), to what an entry left, or before it.

    `labels` are the ids of those to restore, null for all. A preview changes nothing; else `If-Match` is needed.
    """

    model_config = ConfigDict(extra="forbid")

    to: datetime | None = None
    after: str | None = Field(default=None, max_length=24)
    before: str | None = Field(default=None, max_length=24)
    labels: list[str] | None = Field(default=None, max_length=20_000)
    preview: bool = False
    id: str = Field(default="", max_length=64, pattern=r"^[A-Za-z0-9._-]*$")


class BackView(BaseModel):
    """The body of `POST /api/restore/{dataset}/{field}`: a view, a time, and for doing it the `seen` of the preview.

    `id`, such as a UUID, names the restore: the same one is sent until nothing is left, and to undo it.
    """

    model_config = ConfigDict(extra="forbid")

    spec: ViewSpec
    to: datetime
    seen: datetime | None = None
    id: str = Field(default="", max_length=64, pattern=r"^[A-Za-z0-9._-]*$")


async def of_sample(request: Request) -> Response:
    """The saves of a field of a sample, newest first, with each label before and after.

    `label` narrows to one label; `before` is the number of a save, to go on behind it.
    """
    query, most = request.query_params, _most(request)
    before = whole(query["before"], "before") if "before" in query else None
    wanted = query.get("label") or None
    found = await to_thread.run_sync(lambda: history.of_sample(*_place(request), wanted, most=most, before=before))
    return JSONResponse({"entries": [_saving(one) for one in found]}, headers=FRESH)


async def of_dataset(request: Request) -> Response:
    """The newest saves of a field in all samples, newest first; `before` (ISO) goes on from there."""
    dataset, field = request.path_params["dataset"], request.path_params["field"]
    text, most = request.query_params.get("before", ""), _most(request)
    before = _moment(text) if text else None
    content = await to_thread.run_sync(lambda: _listed(dataset, history.of_dataset(dataset, field, most, before)))
    return JSONResponse({"entries": content}, headers=FRESH)


async def mask(request: Request) -> Response:
    """The mask of a label as a save left it, as PNG: white, with the mask as alpha."""
    entry, label = request.path_params["entry"], request.path_params["label"]

    def made() -> bytes:
        from datasets.images import masks, painting  # OpenCV, which the first page must not wait for

        found = history.mask(*_place(request), entry, label)
        return png(painting.classes(masks.binary(found), {1: (255, 255, 255)}))

    return Response(await to_thread.run_sync(made), media_type="image/png", headers=CHECKED)


async def restore(request: Request) -> Response:
    """Restore labels of a sample, or say what that would do. 412 with both versions when they changed since."""
    asked, person = parsed(Back, await body(request, LARGEST)), asking(request)
    point, chosen = _point(asked), set(asked.labels) if asked.labels is not None else None
    if asked.preview:
        found = await to_thread.run_sync(lambda: restoring.preview(*_place(request), point, chosen))
        return JSONResponse({**_restored(found), "labels": labels.as_json(found.labels)}, headers=FRESH)
    match = labels.if_match(request)
    return await labels.saved(
        lambda: restoring.restore(*_place(request), point, chosen, if_match=match, who=person.who, name=asked.id)
    )


async def restore_view(request: Request) -> Response:
    """Without `seen` the preview: samples and labels that would change, and `seen`. With it, some samples are restored:
    `left` says how many are to be done by the same request sent again, `skipped` which can't be, and why.
    """
    asked, person = parsed(BackView, await body(request, LARGEST)), asking(request)
    dataset, field = request.path_params["dataset"], request.path_params["field"]
    if asked.spec.dataset != dataset:
        raise RequestError(400, "two datasets are named", dataset, asked.spec.dataset[:200], "reload the page")
    time = _naive(asked.to)
    if asked.seen is None:
        return JSONResponse(await to_thread.run_sync(_preview, asked.spec, field, time), headers=FRESH)
    name, seen = _named(asked.id), _naive(asked.seen)
    found = await to_thread.run_sync(
        lambda: restoring.restore_view(asked.spec, field, time, name=name, seen=seen, who=person.who)
    )
    return JSONResponse(_many(found), headers=FRESH)


async def undo_view(request: Request) -> Response:
    """Undo a restore of a view, some samples at a time, until nothing is left."""
    dataset, name, who = request.path_params["dataset"], _named(request.path_params["id"]), asking(request).who
    found = await to_thread.run_sync(lambda: restoring.undo_view(dataset, name, who=who))
    return JSONResponse(_many(found), headers=FRESH)


def _preview(spec: ViewSpec, field: str, time: datetime) -> dict[str, Any]:
    seen = layout.now()
    found = list(restoring.preview_view(spec, field, time))
    names = _names(spec.dataset, [one.sample_id for one in found[:SHOWN]])
    rows = [{"name": names.get(one.sample_id, ""), **_restored(one)} for one in found[:SHOWN]]
    sums = {name: sum(getattr(one, name) for one in found) for name in ("added", "changed", "deleted")}
    return {"samples": len(found), **sums, "lost": sum(len(one.lost) for one in found), "rows": rows,
            "seen": told(seen)}  # fmt: skip


def _restored(one: Restored) -> dict[str, Any]:
    return {"id": one.sample_id, "etag": one.etag, "added": one.added, "changed": one.changed,
            "deleted": one.deleted, "lost": list(one.lost)}  # fmt: skip


def _many(found: Many) -> dict[str, Any]:
    skipped = [{"id": key, "why": why[:500]} for key, why in found.skipped]
    return {"done": found.done, "left": found.left, "skipped": skipped}


def _saving(one: Saving) -> dict[str, Any]:
    return {"id": one.id, "number": one.number, "who": one.who, "made": told(one.made), "etag": one.etag,
            "undoes": one.undoes, "changes": [_changed(change) for change in one.changes]}  # fmt: skip


def _changed(one: Changed) -> dict[str, Any]:
    sides = {name: labels.as_json([label])[0] if label else None
             for name, label in (("before", one.before), ("after", one.after))}  # fmt: skip
    return {"label_id": one.label_id, "action": one.action, **sides, "parts": list(one.parts)}


def _listed(dataset: str, found: Sequence[Entry]) -> list[dict[str, Any]]:
    names = _names(dataset, list(dict.fromkeys(one.sample_id for one in found)))
    return [
        {"id": one.id, "sample": one.sample_id, "name": names.get(one.sample_id), "who": one.who,
         "made": told(one.made), "undoes": one.undoes,
         **{action: sum(change.action == action for change in one.changes) for action in ("add", "change", "delete")}}
        for one in found
    ]  # fmt: skip


def _names(dataset: str, ids: list[str]) -> dict[str, str]:
    found = collection.by_ids(handle.of(dataset), ids, {"filepath": 1})
    return {str(one["_id"]): Path(str(one["filepath"])).name for one in islice(found, len(ids))}


def _place(request: Request) -> tuple[str, str, str]:
    return request.path_params["dataset"], request.path_params["sample"], request.path_params["field"]


def _point(asked: Back) -> Point:
    named = [one for one in (asked.to, asked.after, asked.before) if one]
    if len(named) != 1:
        raise RequestError(400, "no single point in time", "one of to, after and before", str(len(named)), "name one")
    return Point(_naive(asked.to) if asked.to else None, asked.after or None, asked.before or None)


def _named(text: str) -> str:
    if not 4 <= len(text) <= 64 or not text.replace("-", "").replace("_", "").replace(".", "").isalnum():
        raise RequestError(400, "no name of a restore", "4 to 64 letters, digits and any of ._-", text[:80], "name it")
    return text


def _most(request: Request) -> int:
    return min(whole(request.query_params.get("most", "100"), "most", 1), MOST)


def _moment(text: str) -> datetime:
    try:
        return _naive(datetime.fromisoformat(text))
    except ValueError as wrong:
        raise RequestError(400, "this is no time", "a time as ISO 8601", text[:80], "reload the page") from wrong


def _naive(moment: datetime) -> datetime:
    """A time as it is stored: UTC without a zone; one without a zone is taken as UTC."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
