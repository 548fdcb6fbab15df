"""`/api/overlay`, `/api/errors`: masks and error maps as pictures to overlay on an image, painted on request."""

import hashlib
from collections.abc import Callable
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from app.api.assets import version
from app.api.images import CHECKED, KEPT, png
from app.api.problems import RequestError
from app.components.palette import chosen, colour_of, palette_colours
from datasets.speed.memo import Memo
from datasets.storage import connection

SIDES = (128, 256, 512, 1024, 2048)
_painted: Memo[bytes] = Memo(most_bytes=48 << 20, weigh=len)
_answered: Memo[str] = Memo(most_bytes=8 << 20, weigh=lambda _: 400)  # the ETag of a picture, by its address


async def overlay(request: Request) -> Response:
    """The masks of a field: `side`, `style` fill or contour, `by` class or instance, `only` and `hide` classes.

    `least` is the confidence from which predictions are shown. Void, background and what is not shown are transparent.
    """
    known = _again(request)
    return known if known is not None else await to_thread.run_sync(_within_a_moment, _overlay, request)


async def errors(request: Request) -> Response:
    """Where a predicted semantic mask is wrong: `side`, and `only` one class, else all."""
    return await to_thread.run_sync(_within_a_moment, _errors, request)


def _within_a_moment(answer: Callable[[Request], Response], request: Request) -> Response:
    with connection.moment():
        return answer(request)


def _again(request: Request) -> Response | None:
    """The cached picture of an address with a version, whose content never changes, if it was painted before."""
    mark = _answered.known(str(request.url)) if "v" in request.query_params else None
    content = _painted.known(mark) if mark else None
    if content is None or request.headers.get("if-none-match") == f'"{mark}"':
        return None
    return Response(content, media_type="image/png", headers={"ETag": f'"{mark}"', **KEPT})


def _overlay(request: Request) -> Response:
    from datasets.showing import overlays

    dataset, sample, field = (request.path_params[name] for name in ("dataset", "id", "field"))
    query = request.query_params
    style = overlays.Style(
        side=_one_of(query.get("side", "512"), "side", {str(side): side for side in SIDES}),
        contour=_one_of(query.get("style", "fill"), "style", {"fill": False, "contour": True}),
        by=_one_of(query.get("by", "class"), "by", {"class": "class", "instance": "instance"}),
        only=frozenset(query.getlist("only")) or None,
        hide=frozenset(query.getlist("hide")),
        least=_share(query.get("least", "0")),
    )
    found = overlays.read(dataset, sample, field)
    if not found.items[field]:
        raise RequestError(404, "no mask here", f"a mask in field {field}", "none", "choose another sample")
    colour, stamp = colour_of(dataset), f"{found.stamp} {sorted(chosen(dataset).items())}"
    return _answer(request, stamp, lambda: overlays.mask_picture(found, field, style, colour, palette_colours()))


def _errors(request: Request) -> Response:
    from datasets.showing import overlays

    dataset, sample = request.path_params["dataset"], request.path_params["id"]
    label_field, field = request.path_params["label_field"], request.path_params["field"]
    side = _one_of(request.query_params.get("side", "512"), "side", {str(side): side for side in SIDES})
    found = overlays.read(dataset, sample, label_field, field)
    only = request.query_params.get("only")
    return _answer(request, found.stamp, lambda: overlays.error_picture(found, label_field, field, side, only))


def _answer(request: Request, stamp: str, paint: Callable[[], Any]) -> Response:
    """The picture as PNG; painted once per state of its masks, and not at all if the browser has it."""
    key = hashlib.blake2b(f"{request.url.path}?{request.url.query} {stamp} {version()}".encode(), digest_size=12)
    headers = {"ETag": f'"{key.hexdigest()}"', **(KEPT if "v" in request.query_params else CHECKED)}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    content = _painted.get(key.hexdigest(), lambda: png(paint()))
    if "v" in request.query_params:
        _answered.get(str(request.url), key.hexdigest)
    return Response(content, media_type="image/png", headers=headers)


def _one_of(text: str, name: str, known: dict[str, Any]) -> Any:
    if text not in known:
        raise RequestError(400, f"unknown {name}", f"{name} as one of {', '.join(known)}", text, "reload the page")
    return known[text]


def _share(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError as wrong:
        raise RequestError(400, "least is no number", "a confidence from 0 to 1", text, "reload the page") from wrong
