"""The reader's cookie: HttpOnly; links from elsewhere send it along (SameSite=Lax), no other's form or script does.

Strict would leave it out when a person follows a link in a mail; what Lax adds is such page views alone, and those
change nothing. All else is checked by Origin, Sec-Fetch-Site and the token to write.
"""

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

from app.access.seal import AGE, Seal, age

OLD = 24 * 3600  # seconds after which a page brings a fresh cookie for the same reader


def name(scope: Scope) -> str:
    """Cookies are shared by all ports of a host, so that two workspaces need two names."""
    return f"foveal_{(scope.get('server') or ('', 0))[1]}"


def shown(scope: Scope) -> str:
    """The cookie that a request brings; empty for none."""
    return cookie_parser(Headers(scope=scope).get("cookie", "")).get(name(scope), "")


def made(scope: Scope, seal: Seal, reader: str = "") -> str:
    """A header `set-cookie` for a new reader, or a fresh one for this reader."""
    secure = "; Secure" if scope.get("scheme") == "https" else ""
    value = seal.issue("read", name=reader)
    return f"{name(scope)}={value}; Path=/; Max-Age={AGE}; HttpOnly; SameSite=Lax{secure}"


def renewed(scope: Scope, seal: Seal) -> str | None:
    """A fresh cookie for a reader whose cookie has aged; the name stays, so that open pages may still write."""
    cookie = shown(scope)
    reader = seal.reader(cookie)
    return made(scope, seal, reader) if reader and age(cookie) > OLD else None
