"""The reader's cookie: HttpOnly; links from other sites send it (SameSite=Lax), their forms and scripts do not.

Strict would omit it when a person follows a link in a mail; Lax adds only such page views, and those
change nothing. All other requests are checked by Origin, Sec-Fetch-Site and the token to write.
"""

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

from app.access.seal import AGE, Seal, age

OLD = 24 * 3600  # seconds after which a page response renews the cookie of the same reader


def name(scope: Scope) -> str:
    """The cookie's name: cookies are shared by all ports of a host, so two workspaces need two names."""
    return f"foveal_{(scope.get('server') or ('', 0))[1]}"


def shown(scope: Scope) -> str:
    """The cookie of a request; empty for none."""
    return cookie_parser(Headers(scope=scope).get("cookie", "")).get(name(scope), "")


def made(scope: Scope, seal: Seal, reader: str = "") -> str:
    """A `set-cookie` header for a new reader, or with a fresh cookie for this reader."""
    secure = "; Secure" if scope.get("scheme") == "https" else ""
    value = seal.issue("read", name=reader)
    return f"{name(scope)}={value}; Path=/; Max-Age={AGE}; HttpOnly; SameSite=Lax{secure}"


def renewed(scope: Scope, seal: Seal) -> str | None:
    """A fresh cookie for a reader whose cookie has aged; the reader's name stays, so that open pages may write."""
    cookie = shown(scope)
    reader = seal.reader(cookie)
    return made(scope, seal, reader) if reader and age(cookie) > OLD else None
