"""Parameters of requests: numbers, JSON bodies, the image of a sample; anything else is refused with a reason."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from app.api.problems import RequestError

Model = TypeVar("Model", bound=BaseModel)
LARGEST = 2**31 - 1


def whole(text: str, name: str, least: int = 0, most: int = LARGEST) -> int:
    """A whole number in ASCII digits. Raises RequestError for anything else, and for one out of bounds."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(most)) else -1
    if not least <= number <= most:
        expected = f"a whole number from {least}" + (f" to {most}" if most != LARGEST else "")
        raise RequestError(400, f"{name} is no number", expected, text[:80], "reload the page")
    return number


def image_path(dataset: str, sample: str, field: str = "") -> Path:
    """The image file of a sample, or the one that a field of it names.

    Raises DatasetNotFound, FieldError, MediaError, or RequestError for an unknown sample.
    """
    from datasets.showing import media

    path = media.path_of(dataset, sample, field)
    if path is None:
        what = f"a sample of {dataset}" + (f" with an image in {field}" if field else "")
        raise RequestError(404, "no such sample", what, sample, "reload the page")
    return path


async def body(request: Request, most: int, action: str = "send it in several parts") -> str:
    """The body as text, kept for a second try. Raises RequestError for more than `most` bytes, unread from there on."""
    kept = getattr(request.state, "body", None)
    if kept is not None:
        return str(kept)
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > most:
            expected = f"a body of at most {most / (1 << 20):g} MB"
            raise RequestError(413, "the request is too large", expected, "more", action)
    request.state.body = found.decode("utf-8", "replace")
    return str(request.state.body)


def parsed(model: type[Model], text: str) -> Model:
    """A JSON body as its model. Raises RequestError that says what does not fit."""
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise RequestError(400, "the request cannot be read", model.__name__, str(error), "reload the page") from error
