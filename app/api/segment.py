"""`/api/segment`: clicks and boxes on an image become masks, two clicks a path along an edge, while a person waits."""

import base64
import time
from contextlib import suppress
from dataclasses import asdict
from typing import Annotated, Any, Literal, Self

from anyio import CapacityLimiter, to_thread
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.access import cookies
from app.access.seal import seal
from app.api.asked import body, image_path, parsed
from app.api.problems import RequestError
from datasets.errors import MediaError

FRESH = {"Cache-Control": "no-store"}
MOST = 1 << 20  # bytes of a body
_few = CapacityLimiter(2)  # answers that are computed at once
Near = Annotated[float, Field(ge=-1, le=2, allow_inf_nan=False)]


class PointBody(BaseModel):
    """A click, relative to the image as shown."""

    model_config = ConfigDict(extra="forbid")

    x: Near
    y: Near
    inside: bool = True


class PromptBody(BaseModel):
    """The body of `POST /api/segment/{dataset}/{sample}`: `Prompt` of `labeling.js`."""

    model_config = ConfigDict(extra="forbid")

    tool: Literal["sam", "grabcut", "scissors"]
    points: list[PointBody] = Field(default=[], max_length=200)
    box: tuple[Near, Near, Near, Near] | None = None

    @model_validator(mode="after")
    def _asks(self) -> Self:
        if not self.points and self.box is None:
            raise ValueError("expected a click or a box, found neither")
        return self


class PrepareBody(BaseModel):
    """The body of `POST /api/segment/{dataset}/prepare`: images that are looked at ahead, the next first."""

    model_config = ConfigDict(extra="forbid")

    samples: list[str] = Field(max_length=20)


async def tools(_request: Request) -> Response:
    """Which tools there are, and what those need that cannot work here."""
    from pipelines.interactive import tools as known

    found = await to_thread.run_sync(known.tools)
    return JSONResponse({"tools": [asdict(one) for one in found]}, headers=FRESH)


async def prepare(request: Request) -> Response:
    """Look at images ahead, in this order; what this reader's page asked for before and has not begun is left.

    Returns how many wait. Samples that are not there are passed over.
    """
    asked = parsed(PrepareBody, await body(request, MOST))
    reader = seal().reader(cookies.shown(request.scope)) or ""
    waiting = await to_thread.run_sync(_prepare, request.path_params["dataset"], asked.samples, reader)
    return JSONResponse({"waiting": waiting}, headers=FRESH)


async def segment(request: Request) -> Response:
    """A mask inside its box (PNG in base64), or a path; with neither nothing was found."""
    prompt = parsed(PromptBody, await body(request, MOST))
    place = request.path_params["dataset"], request.path_params["id"]
    answer = await to_thread.run_sync(_segment, place, prompt, limiter=_few)
    return JSONResponse(answer, headers=FRESH)


def _prepare(dataset: str, samples: list[str], reader: str) -> int:
    from pipelines.interactive import tools as known

    images = []
    for sample in samples:
        with suppress(RequestError, MediaError):
            images.append(image_path(dataset, sample))
    return known.prepare(reader, images)


def _segment(place: tuple[str, str], asked: PromptBody) -> dict[str, Any]:
    from pipelines.interactive import tools as known
    from pipelines.interactive.prompts import Point, Prompt

    began = time.perf_counter()
    points = tuple(Point(one.x, one.y, one.inside) for one in asked.points)
    found = known.answer(asked.tool, image_path(*place), Prompt(points, asked.box))
    return {
        "box": found.box,
        "mask": _png(found.mask) if found.mask is not None else None,
        "path": found.path,
        "score": found.score,
        "milliseconds": round(1000 * (time.perf_counter() - began), 1),
    }


def _png(mask: Any) -> str:
    """A mask (h, w), 1 inside, as a PNG of 0 and 255 in base64."""
    import cv2

    return base64.b64encode(cv2.imencode(".png", mask * 255)[1].tobytes()).decode("ascii")
