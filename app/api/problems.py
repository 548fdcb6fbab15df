"""Errors as JSON: what went wrong, what was expected, what was found, what to do."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from datasets.errors import DatasetNotFound, DatasetsError, ThumbnailError
from pipelines.errors import PipelineError, RunNotFound

Endpoint = Callable[[Request], Awaitable[Response]]


class RequestError(Exception):
    """A request that cannot be answered; it becomes the JSON of `problem`."""

    def __init__(self, status: int, error: str, expected: str, found: str, action: str) -> None:
        super().__init__(error)
        self.status, self.parts = status, (error, expected, found, action)


def problem(status: int, error: str, expected: str, found: str, action: str) -> JSONResponse:
    """The one form of every error on `/api`."""
    content = {"error": error, "expected": expected, "found": found, "action": action}
    return JSONResponse(content, status_code=status, headers={"Cache-Control": "no-store"})


def explained(endpoint: Endpoint) -> Endpoint:
    """The endpoint with every expected error turned into JSON."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except RequestError as error:
            return problem(error.status, *error.parts)
        except DatasetNotFound as error:
            return problem(404, str(error), "the name of a dataset", error.name, "choose a dataset on the home page")
        except RunNotFound as error:
            return problem(404, str(error), "the id of a run", error.run, "choose a run on the Jobs page")
        except ThumbnailError as error:
            return problem(404, str(error), "an image that can be shown", "none", "check the file")
        except (DatasetsError, PipelineError) as error:
            return problem(400, str(error), "", "", "")

    return answer
