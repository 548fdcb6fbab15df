"""`/api/person`: the name of the person at this browser, for the journal, leases and agreement."""

import re

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.access import cookies, people
from app.access.seal import seal
from app.api.asked import parsed
from app.api.problems import RequestError
from datasets.labeling import people as naming
from datasets.labeling.queue import Person

FRESH = {"Cache-Control": "no-store"}
SESSION_HEADER = "x-foveal-session"  # the tab that a request comes from, a text of its own choice
_SESSION = re.compile(r"[A-Za-z0-9_-]{0,64}")


class Name(BaseModel):
    """The body of `POST /api/person`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(max_length=200)


async def read(request: Request) -> Response:
    """The chosen name, null before; `who` is what the journal says."""
    name = people.chosen(request.scope, seal())
    return _told(request, name, people.renewed(request.scope, seal()))


async def choose(request: Request) -> Response:
    """Choose a name, or another one."""
    name = naming.name(parsed(Name, (await request.body()).decode("utf-8", "replace")).name)
    return _told(request, name, people.made(request.scope, seal(), name))


def asking(request: Request) -> Person:
    """Who sends a request, and from which tab of which browser. Raises RequestError for a strange name of a tab."""
    tab = request.headers.get(SESSION_HEADER, "")
    if not _SESSION.fullmatch(tab):
        expected = f"{SESSION_HEADER} of at most 64 letters, digits, _ and -"
        raise RequestError(400, "this is no name of a tab", expected, tab[:80], "reload the page")
    reader = seal().reader(cookies.shown(request.scope)) or ""
    return Person(people.who(request.scope, seal()), f"{reader}:{tab}")


def _told(request: Request, name: str | None, cookie: str | None) -> Response:
    headers = {**FRESH, **({"set-cookie": cookie} if cookie else {})}
    return JSONResponse({"name": name, "who": name or people.who(request.scope, seal())}, headers=headers)
