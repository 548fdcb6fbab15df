"""The person at a browser: a name that was chosen once, in a signed cookie of its own beside the reader's.

It is no sign-in: whoever is let in may choose any name. The journal, leases and agreement go by it.
"""

import base64

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

from app.access import cookies
from app.access.seal import AGE, Seal, age
from datasets.labeling.people import UNNAMED


def chosen(scope: Scope, seal: Seal) -> str | None:
    """The name that the person at this browser chose; None before that."""
    held = seal.person(_shown(scope))
    try:
        return (base64.urlsafe_b64decode(held).decode() or None) if held else None
    except ValueError:
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


def _cookie(scope: Scope) -> str:
    return f"{cookies.name(scope)}_person"


def _shown(scope: Scope) -> str:
    return cookie_parser(Headers(scope=scope).get("cookie", "")).get(_cookie(scope), "")
