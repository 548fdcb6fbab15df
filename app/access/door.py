"""The login page: it takes the token of a launch or the password, and says where to find the address."""

import math
from dataclasses import dataclass, field
from html import escape
from urllib.parse import parse_qs

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Scope

from app.access import cookies, password
from app.access.launch import PARAMETER, Launch, without_token
from app.access.policies import DOOR
from app.access.seal import Seal, seal
from app.api.assets import address
from datasets.workspace import Workspace

PATH = "/access"
LONGEST = 4096  # most bytes of the form
NEW = "This browser has not been here yet. Open the address that the server printed when it started:"
STALE = "The token in this address is of an earlier start. Open the address that the server printed this time:"
FORM = """<form method="post" action="{action}"><input type="hidden" name="next" value="{next}">
<label>Password <input type="password" name="password" autocomplete="current-password" required autofocus></label>
{wrong}<button>Open</button></form>"""
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Foveal</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<link rel="icon" href="{icon}"><link rel="stylesheet" href="{style}"></head><body><main>
<img src="{logo}" alt="Foveal" height="32"><h1>{title}</h1>{form}
<p>{text}</p><pre>{origin}/?token=…</pre>
<p>It is in the terminal of the server. This prints it again, for the user who runs Foveal:</p>
<pre>python -m app serve --address</pre>
<p class="note">Once it was opened here, plain links to this server work in this browser.</p></main></body></html>"""


@dataclass
class Door:
    """Lets readers in: by the token of this launch, or by the password of the workspace if one was set."""

    launch: Launch
    tries: password.Tries = field(default_factory=password.Tries)

    def admits(self, request: Request) -> Response | None:
        """The response to an address with a token: the cookie and a redirect without it. None for a wrong one."""
        if not self.launch.fits(request.query_params[PARAMETER]):
            return None
        return _entry(request.scope, _here(request), seal())

    def page(self, request: Request, status: int = 403, wrong: str = "", back: str = "") -> Response:
        """The page for readers without a cookie."""
        has_password = password.stored(Workspace.current().home) is not None
        form = FORM.format(action=PATH, next=escape(back or _here(request)), wrong=_alert(wrong))
        title = "Password" if has_password else "Open Foveal by its address"
        text = STALE if PARAMETER in request.query_params else NEW
        body = PAGE.format(
            icon=address("icon.svg"), logo=address("logo.svg"), style=address("door.css"), title=title,
            form=form if has_password else _alert(wrong), text=f"Or: {text}" if has_password else text,
            origin=escape(f"{request.url.scheme}://{request.headers.get('host', '')}"),
        )  # fmt: skip
        return HTMLResponse(body, status, {"content-security-policy": DOOR, "cache-control": "no-store"})

    async def answer(self, request: Request) -> Response:
        """The response to the password form, shown or submitted."""
        if request.method != "POST":
            return self.page(request, 200, back="/")
        sent = parse_qs(await _body(request), keep_blank_values=True)
        back = _local(sent.get("next", [""])[-1])
        kept = password.stored(Workspace.current().home)
        if kept is not None and (wait := self.tries.wait()):
            told = self.page(request, 429, f"Too many wrong tries. Wait {math.ceil(wait)} s, or use the address.", back)
            told.headers["retry-after"] = str(math.ceil(wait))
            return told
        if kept is None or not await to_thread.run_sync(self.tries.attempt, kept, sent.get("password", [""])[-1]):
            return self.page(request, 403, "This is not the password." if kept else "No password is set.", back)
        return _entry(request.scope, back, seal())


def _entry(scope: Scope, to: str, seal: Seal) -> Response:
    headers = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
    answer = RedirectResponse(to, 303, headers)
    if seal.reader(cookies.shown(scope)) is None:
        answer.headers["set-cookie"] = cookies.made(scope, seal)
    return answer


def _here(request: Request) -> str:
    """The requested address, without a token."""
    rest = without_token(request.url.query)
    return _local(f"{request.url.path}?{rest}" if rest else request.url.path)


def _local(address: str) -> str:
    """An address on this server; the home page for any other."""
    begins = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if begins and address.isprintable() else "/"


def _alert(wrong: str) -> str:
    return f'<p role="alert">{escape(wrong)}</p>' if wrong else ""


async def _body(request: Request) -> str:
    """The submitted form; anything beyond the limit is not read."""
    found = b""
    async for part in request.stream():
        found += part
        if len(found) > LONGEST:
            return ""
    return found.decode("utf-8", "replace")
