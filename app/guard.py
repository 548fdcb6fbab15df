"""Who may talk to this server: the check of Host and Origin, the reader's cookie and the writer's token.

Streamlit's own login and XSRF check do not cover routes that are added to it. Therefore, before every route:

* a request names a host that this server is bound to, or a loopback name: no other page can use DNS rebinding;
* all but health and files that are the same everywhere need the cookie of a reader, which the token of a launch or the
  password brings (`app/access/`); a page without it says where the address is found;
* pages may be opened by links from elsewhere; other sites get nothing else, and cannot frame a page;
* every request that changes something, and every socket, comes from our own origin; `/api` also needs the write token;
* files come by `/api/upload` alone, one image a request, of bounded size; Streamlit's own uploads stay closed; masks of
  labels come inside the bounded JSON of `/api/labels`.
"""

import ipaddress
import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.access import cookies, door
from app.access.launch import ANYWHERE, LOOPBACK, PARAMETER, Launch
from app.access.policies import HEADERS, policy
from app.access.seal import seal
from app.api.problems import problem

Refusal = tuple[str, str, str, str]  # the error, what was expected, what was found, what to do

ROUTES = ("/api/", "/fo/", "/media/", "/component/", "/_stcore/", "/app/", "/static/")  # all others are pages
OPEN = ("/api/assets/", "/static/js/", "/static/css/", "/static/media/")
OPEN_FILES = frozenset({"/_stcore/health", "/favicon.png"})
UPLOADS = "/_stcore/upload_file"
UPLOADS_OPEN = False  # no page uses them: images come by /api/upload, which checks them
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
TOKEN_HEADER = "x-foveal-token"  # noqa: S105  a name, no secret
READER_HEADER = "x-foveal-reader"  # tells the session of a socket who its reader is
AGAIN = "open the address that the server printed; `python -m app serve --address` prints it again"


class Guard:
    """ASGI middleware that refuses what the rules at the top of this module forbid."""

    def __init__(self, app: ASGIApp, host: str = "127.0.0.1", launch: Launch | None = None) -> None:
        self.app, self.host, self.door = app, host, door.Door(launch or Launch())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, log in, or pass on a request."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        if refusal := self._misdirected(scope):
            await _refuse(refusal, scope, receive, send)
            return
        send = self._finishing(scope, send)
        if _is_open(scope):
            await self.app(scope, receive, send)
            return
        if await self._at_the_door(scope, receive, send):
            return
        reader = seal().reader(cookies.shown(scope))
        if refusal := _without_right(scope, reader):
            await _refuse(refusal, scope, receive, send)
            return
        if scope["type"] == "websocket":
            _name(scope, str(reader))
        await self.app(scope, receive, send)

    async def _at_the_door(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Handle requests about logging in. Returns whether it was one."""
        if scope["type"] != "http":
            return False
        request = Request(scope, receive)
        if scope["path"] == door.PATH:
            await (await self.door.answer(request))(scope, receive, send)
            return True
        if scope["method"] != "GET" or not _is_page(scope["path"]):
            return False
        answer = self.door.admits(request) if PARAMETER in request.query_params else None
        if answer is None and seal().reader(cookies.shown(scope)) is None:
            answer = self.door.page(request)
        if answer is not None:
            await answer(scope, receive, send)
        return answer is not None

    def _misdirected(self, scope: Scope) -> Refusal | None:
        """Why a request is refused, whoever sends it; None if it is not."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._knows(host):
            return "unknown host", self.host, host or "none", "open the address that the server printed"
        client = (scope.get("client") or ("",))[0]
        if self.host in LOOPBACK and not _is_here(client):
            return "another machine", "this machine", client, "start the server with --host to let others in"
        if _writes(scope) and "origin" in headers and urlsplit(headers["origin"]).netloc != host:
            return "another origin", host, headers["origin"], "open the app's own page"
        return None

    def _knows(self, host: str) -> bool:
        name = (urlsplit(f"//{host}").hostname or "") if re.fullmatch(r"[\w.:\[\]-]+", host, re.ASCII) else ""
        if name in LOOPBACK or name == self.host.lower():
            return True
        return self.host in ANYWHERE and _address(name) is not None  # an IP address cannot be rebound

    def _finishing(self, scope: Scope, send: Send) -> Send:
        """Add a policy to every response, and to pages a fresh cookie when the reader's has aged."""

        async def finish(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("content-security-policy", policy(scope["path"], Headers(scope=scope)["host"]))
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                page = headers.get("content-type", "").startswith("text/html") and _is_page(scope["path"])
                if page and (fresh := cookies.renewed(scope, seal())):
                    headers.append("set-cookie", fresh)
            await send(message)

        return finish


def _without_right(scope: Scope, reader: str | None) -> Refusal | None:
    """Why this reader (None: nobody) may not have what is requested; None if allowed."""
    headers, path = Headers(scope=scope), scope["path"]
    if reader is None:
        return "no right to read", "the cookie that the address of the server brings", "none that is valid", AGAIN
    if not _from_here(scope, headers):
        return "another site", "same-origin", headers["sec-fetch-site"], "open the app's own page"
    if f"{path}/".startswith(f"{UPLOADS}/") and not UPLOADS_OPEN:
        return "uploads are closed", "images by /api/upload", "Streamlit's upload", "use New dataset, or Add images"
    return _without_token(headers, path, reader) if _writes(scope) else None


def _without_token(headers: Headers, path: str, reader: str) -> Refusal | None:
    if path.startswith("/api/"):
        if not seal().may_write(reader, headers.get(TOKEN_HEADER, "")):
            expected, found = f"a token of this session in {TOKEN_HEADER}", "none that is valid"
            return "no right to change", expected, found, "reload the page; programs ask `python -m app` instead"
    elif "origin" not in headers:
        return "no origin", "an Origin header", "none", "open the app's own page"
    return None


def _from_here(scope: Scope, headers: Headers) -> bool:
    """Whether a request comes from our own page, or from no page; a link from elsewhere may only open a page."""
    if headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
        return True
    opened = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return opened and not _writes(scope) and _is_page(scope["path"])


def _is_open(scope: Scope) -> bool:
    """Whether anyone may have it: it is the same in every installation, or only says that the server runs."""
    path = scope["path"]
    known = path in OPEN_FILES or path.startswith(OPEN)
    return known and not _writes(scope) and ".." not in path and "\\" not in path


def _is_page(path: str) -> bool:
    return not f"{path}/".startswith(ROUTES)


def _writes(scope: Scope) -> bool:
    return scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS


def _name(scope: Scope, reader: str) -> None:
    """Tell the session behind a socket its reader; a name given by the client is dropped."""
    name = READER_HEADER.encode()
    scope["headers"] = [pair for pair in scope["headers"] if pair[0].lower() != name] + [(name, reader.encode())]


async def _refuse(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": refusal[0]})
    else:
        await problem(403, *refusal)(scope, receive, send)


def _is_here(client: str) -> bool:
    """Whether a client is on this machine; true for a socket without an address."""
    found = _address(client)
    mapped = getattr(found, "ipv4_mapped", None)
    return found is None or (mapped or found).is_loopback


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None
