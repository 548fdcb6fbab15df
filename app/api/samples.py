"""`/api/page`, `/api/samples`, `/api/tags`: what the grid shows, as JSON."""

import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from anyio import to_thread
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.asked import parsed, whole
from app.api.problems import RequestError
from datasets import poses
from datasets.editing import tags as tagging
from datasets.records import Label
from datasets.storage import connection
from datasets.views import pages
from datasets.viewspec import ViewSpec

LARGEST_PAGE = 500
FRESH = {"Cache-Control": "no-store"}


class TagChange(BaseModel):
    """The body of `POST /api/tags`."""

    model_config = ConfigDict(extra="forbid")

    dataset: str
    ids: list[str] = Field(max_length=100_000)
    tag: str = Field(min_length=1, max_length=100)
    remove: bool = False


async def page(request: Request) -> Response:
    """One page of a view: `spec` as JSON, `page` from 1, `size`. Beyond the last page, the last one is returned."""
    query = request.query_params
    spec = parsed(ViewSpec, query.get("spec", ""))
    number, size = _number(query.get("page", "1"), "page"), _number(query.get("size", "60"), "size")
    answer = await to_thread.run_sync(_page, spec, number, min(size, LARGEST_PAGE))
    return JSONResponse(answer, headers=FRESH)


async def sample(request: Request) -> Response:
    """One sample with every field."""
    dataset, identity = request.path_params["dataset"], request.path_params["id"]
    rows = await to_thread.run_sync(pages.rows, dataset, [identity])
    if not rows:
        raise RequestError(404, "no such sample", f"a sample of {dataset}", identity, "reload the page")
    row = rows[0]
    shown = _row(row)
    values = {name: _plain(value) for name, value in row.values.items()}
    return JSONResponse({**shown, "path": str(row.path), "values": values}, headers=FRESH)


async def tags(request: Request) -> Response:
    """Add a tag to samples, or remove it."""
    change = parsed(TagChange, (await request.body()).decode("utf-8", "replace"))
    changed = await to_thread.run_sync(
        tagging.remove if change.remove else tagging.add, change.dataset, change.ids, change.tag
    )
    return JSONResponse({"changed": changed}, headers=FRESH)


def _page(spec: ViewSpec, number: int, size: int) -> dict[str, Any]:
    with connection.moment():
        found = pages.nearest(spec, number, size)
    return {"total": found.total, "page": found.number, "size": size, "rows": [_row(row) for row in found.rows]}


def _row(row: Any) -> dict[str, Any]:
    path = Path(row.path)
    return {
        "id": row.id,
        "name": path.name,
        "width": row.width or 4,
        "height": row.height or 3,
        "split": row.split,
        "tags": list(row.tags),
        "version": version(path),
        "labels": {field: [_label(label) for label in labels] for field, labels in row.labels.items()},
        "images": {field: version(Path(image)) for field, image in row.images.items()},
        "masks": {field: made for field, labels in row.labels.items() if (made := _masks(labels))},
    }


def _label(label: Label) -> dict[str, Any]:
    return {
        "id": label.id,
        "label": label.label,
        "box": [round(value, 6) for value in label.box] if label.box else None,
        "confidence": label.confidence,
        "crowd": label.crowd,
        "mask": label.mask_path is not None or label.mask is not None,
        "attributes": {name: _plain(value) for name, value in label.attributes.items()},
        **(_pointed(label) if label.points is not None else {}),
    }


def _pointed(label: Label) -> dict[str, Any]:
    """The parts of a line, or one list of key points; of these also how well each is seen, or how sure it is."""
    parts = [
        [[round(x, 5), round(y, 5)] if poses.placed((x, y)) else None for x, y in part] for part in label.points or ()
    ]
    seen = poses.triples(label)[2::3] if len(parts) == 1 else []
    return {"points": parts, "seen": [_plain(round(one, 3)) for one in seen]}


def _masks(labels: Sequence[Label]) -> str:
    """A version that changes when labels with masks do; empty without any."""
    named = [(one.id, one.label, one.mask_path) for one in labels if one.mask_path is not None or one.mask is not None]
    return f"{zlib.crc32(repr(named).encode()):x}" if named else ""


def version(path: Path) -> str:
    """A version that changes when the file does, so that its pictures may be cached by the browser."""
    try:
        status = path.stat()
    except OSError:
        return "0"
    return f"{status.st_mtime_ns:x}{status.st_size:x}"


def _plain(value: Any) -> Any:
    """The value as JSON; what JSON does not know becomes text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value[:50]]
    if isinstance(value, float) and not abs(value) < float("inf"):
        return None
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _number(text: str, name: str) -> int:
    return whole(text, name, least=1)
