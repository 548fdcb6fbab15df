"""`/api/schema`: what a label field allows, as JSON with an ETag."""

from typing import TypeVar

from anyio import to_thread
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.asked import parsed
from app.api.problems import RequestError
from datasets.errors import SchemaChanged
from datasets.labelschema import Schema, SchemaClass
from datasets.storage.label_schemas import Held

Record = TypeVar("Record", bound=BaseModel)
LARGEST = 4 << 20  # bytes of a body
FRESH = {"Cache-Control": "private, no-cache"}


async def read(request: Request) -> Response:
    """The schema of a label field; `If-None-Match` is answered with 304."""
    from datasets.labeling import schemas

    found = await to_thread.run_sync(schemas.read, *_place(request))
    headers = _headers(found)
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return _told(found)


async def put(request: Request) -> Response:
    """Store a whole schema; `If-Match` names the version that it is based on, or `*`. 412 holds the stored one."""
    from datasets.labeling import schemas

    match = request.headers.get("if-match", "").strip().strip('"')
    if not match:
        raise RequestError(428, "no version", "If-Match with the ETag of the schema, or *", "none", "read the schema")
    wanted = await _body(request, Schema)
    try:
        found = await to_thread.run_sync(lambda: schemas.write(*_place(request), wanted, if_match=match))
    except SchemaChanged as refused:
        return _conflict(refused)
    return _told(found)


async def add(request: Request) -> Response:
    """Add one class: the body is a `SchemaClass`, of which the name is enough. A class that is there is left alone."""
    from datasets.labeling import schemas

    wanted = await _body(request, SchemaClass)
    return _told(await to_thread.run_sync(lambda: schemas.add_class(*_place(request), wanted)))


def _place(request: Request) -> tuple[str, str]:
    return request.path_params["dataset"], request.path_params["field"]


def _told(found: Held) -> Response:
    return Response(found.schema.model_dump_json(), headers=_headers(found), media_type="application/json")


def _headers(found: Held) -> dict[str, str]:
    return {**FRESH, "ETag": f'"{found.etag}"'}


def _conflict(refused: SchemaChanged) -> Response:
    parts = {"error": str(refused), "expected": "the schema as it was read", "found": "another one"}
    stored = {"etag": refused.etag, "schema": refused.stored.model_dump(mode="json")}
    content = {**parts, "action": "look at the stored one, then save again with its ETag", "stored": stored}
    return JSONResponse(content, 412, {"Cache-Control": "no-store", "ETag": f'"{refused.etag}"'})


async def _body(request: Request, model: type[Record]) -> Record:
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > LARGEST:
            expected, action = f"a body of at most {LARGEST >> 20} MB", "leave out classes or choices"
            raise RequestError(413, "the request is too large", expected, "more", action)
    return parsed(model, found.decode("utf-8", "replace"))
