"""The person at a browser: a name that was chosen once, in a signed cookie of its own beside the reader's.

It is no sign-in: whoever is let in may choose any name. The journal, leases and agreement go by it.
"""

import base64
from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

from app.access import cookies
from app.access.seal import AGE, Seal, age
from datasets.labeling.people import UNNAMED

_ENDING = "_person"


def chosen(scope: Scope, seal: Seal) -> str | None:
    """The name that the person at this browser chose; None before that."""
    return _read(_shown(scope), seal)


def of_cookies(shown: Mapping[str, str], seal: Seal) -> str | None:
    """The name in the cookies of a page's session. Those of other workspaces on this host are not signed by our key."""
    for name, value in shown.items():
        if name.endswith(_ENDING) and (found := _read(value, seal)):
            return found
    return None


def who(scope: Scope, seal: Seal) -> str:
    """Who sent a request: the chosen name, else the reader that its browser is."""
    return chosen(scope, seal) or f"{UNNAMED}{seal.reader(cookies.shown(scope)) or 'unknown'}"


def made(scope: Scope, seal: Seal, name: str) -> str:
    """A `set-cookie` header that holds a name."""
    value = seal.issue("person", name=base64.urlsafe_b64encode(name.encode()).decode())
    secure = "; Secure" if scope.get("scheme") == "https" else ""
    return f"{_cookie(scope)}={value}; Path=/; Max-Age={AGE}; HttpOnly; SameSite=Lax{secure}"


def renewed(scope: Scope, seal: Seal) -> str | None:
    """A fresh cookie for a name whose cookie has aged."""
    name = chosen(scope, seal)
    return made(scope, seal, name) if name and age(_shown(scope)) > cookies.OLD else None


def _read(cookie: str, seal: Seal) -> str | None:
    held = seal.person(cookie)
    try:
        return (base64.urlsafe_b64decode(held).decode() or None) if held else None
    except ValueError:
        return None


def _cookie(scope: Scope) -> str:
    return f"{cookies.name(scope)}{_ENDING}"


def _shown(scope: Scope) -> str:
    return cookie_parser(Headers(scope=scope).get("cookie", "")).get(_cookie(scope), "")
