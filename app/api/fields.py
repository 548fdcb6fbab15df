"""`/api/fields`: a field of labels made in place, with its first classes."""

from functools import partial

from anyio import to_thread
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.asked import parsed
from app.api.samples import FRESH


class FieldBody(BaseModel):
    """The body of `POST /api/fields`. `kind` is a name of `datasets/kinds.py`; `points` and `edges` are of key points.

    `edges` are pairs of positions in `points`.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(max_length=200)
    kind: str = Field(max_length=50)
    classes: list[str] = Field(default=[], max_length=5000)
    points: list[str] = Field(default=[], max_length=1000)
    edges: list[list[int]] = Field(default=[], max_length=5000)


async def make(request: Request) -> Response:
    """Make the field, and answer what the labeler asks of it: `name`, `kind`, `holds`, `many`, `classes`."""
    from datasets.errors import FieldError
    from datasets.kinds import kind
    from datasets.labeling import newfields

    body = parsed(FieldBody, (await request.body()).decode("utf-8", "replace"))
    pairs = [(edge[0], edge[1]) for edge in body.edges if len(edge) == 2]
    if len(pairs) < len(body.edges):
        raise FieldError("expected edges that are pairs of points, found one of another length; correct it")
    dataset, classes = request.path_params["dataset"], newfields.checked_classes(body.classes)
    make_field = partial(newfields.make, points=body.points, edges=pairs)
    await to_thread.run_sync(make_field, dataset, body.name, body.kind, classes)
    made = kind(body.kind)
    told = {"name": body.name, "kind": made.name, "holds": made.holds, "many": made.many, "classes": classes}
    return JSONResponse(told, 201, FRESH)
