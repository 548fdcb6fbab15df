"""Who may talk to this server: the check of Host and Origin, the reader's cookie and the writer's token.

Streamlit's own login and XSRF check do not cover routes that are added to it. Therefore:

* every request names a host that this server is bound to, or a loopback name: a page elsewhere cannot rebind its name;
* `/api` and `/fo` are read only with the cookie that comes with our pages (SameSite=Strict), or with a token;
* `/api` is changed only with the token of a session, `/fo` only from our own origin;
* no other site may frame these pages.
"""

import hashlib
import hmac
import ipaddress
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import problem
from datasets.workspace import Workspace

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
PRIVATE = ("/api/", "/fo/")
OPEN = ("/api/assets/",)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
TOKEN_HEADER = "x-foveal-token"  # noqa: S105  a name, no secret
COOKIE_AGE = 30 * 24 * 3600

Purpose = Literal["read", "write"]


@dataclass(frozen=True)
class Seal:
    """Issues and checks tokens: `<nonce>.<HMAC-SHA256 of purpose and nonce>`."""

    key: bytes

    def issue(self, purpose: Purpose) -> str:
        """A new token for one purpose."""
        nonce = secrets.token_urlsafe(12)
        return f"{nonce}.{self._sign(purpose, nonce)}"

    def valid(self, purpose: Purpose, token: str) -> bool:
        """Whether this server issued the token for the purpose."""
        nonce, _, signature = token.partition(".")
        return hmac.compare_digest(signature.encode(), self._sign(purpose, nonce).encode())

    def _sign(self, purpose: Purpose, nonce: str) -> str:
        return hmac.new(self.key, f"{purpose}:{nonce}".encode(), hashlib.sha256).hexdigest()


def seal() -> Seal:
    """The seal of the current workspace; its key is kept there, so that open pages outlive a restart of the app."""
    return _seal(Workspace.current().create().home)


@lru_cache(maxsize=8)
def _seal(home: Path) -> Seal:
    file = home / "secret"
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(descriptor, "wb") as out:
            out.write(secrets.token_bytes(32))
    return Seal(file.read_bytes())


class Guard:
    """ASGI middleware that refuses what the rules at the top of this module forbid."""

    def __init__(self, app: ASGIApp, host: str = "127.0.0.1") -> None:
        self.app, self.host = app, host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self.app(scope, receive, self._finishing(scope, send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refusal[0]})
        else:
            await problem(403, *refusal)(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[str, str, str, str] | None:
        headers, path = Headers(scope=scope), scope["path"]
        if not self._knows(headers.get("host", "")):
            return "unknown host", self.host, headers.get("host", "none"), "open the address that the server printed"
        writes = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
        if writes and not _same_origin(headers):
            return "another origin", headers.get("host", ""), headers.get("origin", ""), "open the app's own page"
        if not is_private(path):
            return None
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return "another site", "same-origin", headers["sec-fetch-site"], "open the app's own page"
        return self._without_right(scope, headers, writes)

    def _without_right(self, scope: Scope, headers: Headers, writes: bool) -> tuple[str, str, str, str] | None:
        token = headers.get(TOKEN_HEADER) or parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[-1]
        may_write, reads = seal().valid("write", token), self._reads(scope, headers)
        again = "reload the page; programs ask `python -m app` instead"
        if writes and scope["path"].startswith("/api/") and not may_write:
            return "no right to change", f"a token of this session in {TOKEN_HEADER}", "none that is valid", again
        if writes and "origin" not in headers and not may_write:
            return "no origin", "an Origin header", "none", again
        if not (may_write or reads):
            return "no right to read", "the cookie that comes with the app's page", "none that is valid", again
        return None

    def _knows(self, host: str) -> bool:
        name = urlsplit(f"//{host}").hostname or ""
        if name in LOOPBACK or name == self.host:
            return True
        return self.host in ("0.0.0.0", "::") and _is_address(name)  # noqa: S104  a bare address cannot be rebound

    def _reads(self, scope: Scope, headers: Headers) -> bool:
        return seal().valid("read", cookie_parser(headers.get("cookie", "")).get(cookie_name(scope), ""))

    def _finishing(self, scope: Scope, send: Send) -> Send:
        """Every answer may be framed by our own pages only; a page brings the reader's cookie."""

        async def finish(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("content-security-policy", _policy(scope["path"]))
                headers.setdefault("x-content-type-options", "nosniff")
                headers.setdefault("referrer-policy", "same-origin")
                page = headers.get("content-type", "").startswith("text/html") and not is_private(scope["path"])
                if page and not self._reads(scope, Headers(scope=scope)):
                    headers.append("set-cookie", _cookie(scope))
            await send(message)

        return finish


def _policy(path: str) -> str:
    """What a page may load. FiftyOne's would fetch fonts from elsewhere, and so tell others that it is used."""
    frames = "frame-ancestors 'self'"
    if not f"{path}/".startswith("/fo/"):
        return frames
    return f"{frames}; style-src 'self' 'unsafe-inline'; font-src 'self' data:; connect-src 'self' blob: data:"


def is_private(path: str) -> bool:
    """Whether this path needs the reader's cookie or a token."""
    return f"{path}/".startswith(PRIVATE) and not path.startswith(OPEN)


def cookie_name(scope: Scope) -> str:
    """Cookies are shared by all ports of a host, so that two workspaces need two names."""
    return f"foveal_{(scope.get('server') or ('', 0))[1]}"


def _cookie(scope: Scope) -> str:
    secure = "; Secure" if scope.get("scheme") == "https" else ""
    value = seal().issue("read")
    return f"{cookie_name(scope)}={value}; Path=/; Max-Age={COOKIE_AGE}; HttpOnly; SameSite=Strict{secure}"


def _same_origin(headers: Headers) -> bool:
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
