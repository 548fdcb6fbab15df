"""Errors as JSON: what went wrong, what was expected, what was found, what to do."""

import logging
import re
from collections.abc import Awaitable, Callable

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from datasets import faults
from datasets.errors import (
    DatabaseError,
    DatabaseUnreachable,
    DatasetNotFound,
    DatasetsError,
    DiskFull,
    FileFault,
    MediaError,
    NotThere,
    NotWritable,
    ThumbnailError,
)
from datasets.redacting import redacted
from datasets.storage import database
from pipelines.errors import PipelineError, RunNotFound

Endpoint = Callable[[Request], Awaitable[Response]]

STATUS: tuple[tuple[type[Exception], int], ...] = (
    (DatasetNotFound, 404),
    (RunNotFound, 404),
    (ThumbnailError, 404),
    (MediaError, 404),
    (NotThere, 404),
    (DiskFull, 507),
    (DatabaseError, 503),
    (NotWritable, 503),
    (FileFault, 503),
)  # any other error of ours: 400
FOUND = re.compile(
    r"(?:.*?\b)?expected (?P<expected>.*?)[,;] found:? (?P<found>.*?)(?:; (?P<action>[^;]*))?", re.DOTALL
)
LONGEST = 2000  # most characters of a part
log = logging.getLogger(__name__)


class RequestError(Exception):
    """An invalid request; it becomes the JSON of `problem`."""

    def __init__(self, status: int, error: str, expected: str, found: str, action: str) -> None:
        super().__init__(error)
        self.status, self.parts = status, (error, expected, found, action)


def problem(status: int, error: str, expected: str, found: str, action: str) -> JSONResponse:
    """The one form of every error on `/api`."""
    parts = {"error": error, "expected": expected, "found": found, "action": action}
    content = {name: _sendable(text) for name, text in parts.items()}
    return JSONResponse(content, status_code=status, headers={"Cache-Control": "no-store"})


def explained(endpoint: Endpoint) -> Endpoint:
    """The endpoint with every error turned into JSON; retried once if the workspace's database had died."""

    async def answer(request: Request) -> Response:
        try:
            try:
                return await endpoint(request)
            except Exception as error:
                if not await to_thread.run_sync(_revived, error):
                    raise
            return await endpoint(request)
        except ClientDisconnect:  # the client is gone
            return Response(status_code=400)
        except Exception as error:
            return _told(error, request.url.path)

    return answer


def _revived(error: Exception) -> bool:
    return isinstance(faults.told(error), DatabaseUnreachable) and database.revive()


def _told(error: Exception, path: str) -> JSONResponse:
    if isinstance(error, RequestError):
        return problem(error.status, *error.parts)
    found = error if isinstance(error, PipelineError) else faults.told(error)
    if found is None:
        log.error("%s failed", redacted(path), exc_info=error)
        action = "reload the page; the log of the server tells more"
        return problem(500, "something unexpected went wrong", "an answer", type(error).__name__, action)
    status = next((status for kind, status in STATUS if isinstance(found, kind)), 400)
    if isinstance(found, (DatasetNotFound, RunNotFound)):
        return problem(status, str(found), *_missing(found))
    parts = FOUND.fullmatch(str(found))
    return problem(
        status,
        str(found),
        *((parts[name] or "" for name in ("expected", "found", "action")) if parts else ("", "", "")),
    )


def _missing(error: DatasetsError | PipelineError) -> tuple[str, str, str]:
    if isinstance(error, DatasetNotFound):
        return "the name of a dataset", error.name, "choose a dataset on the home page"
    return "the id of a run", getattr(error, "run", ""), "choose a run on the Jobs page"


def _sendable(text: str) -> str:
    """Without passwords, shortened, and valid as UTF-8: half a surrogate pair cannot be sent."""
    return redacted(text.encode("utf-8", "replace").decode("utf-8"))[:LONGEST]
