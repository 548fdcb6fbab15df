"""The key of the workspace, and what it signs: the cookie of a reader and the matching token to write."""

import fcntl
import hashlib
import hmac
import logging
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from app.access import password
from datasets import private
from datasets.errors import WorkspaceError
from datasets.workspace import Workspace

AGE = 30 * 24 * 3600  # seconds for which a signature is valid
KEY = 32  # bytes
log = logging.getLogger(__name__)

Purpose = Literal["read", "write", "person"]


@dataclass(frozen=True)
class Seal:
    """Issues and checks tokens: `<seconds>.<name>.<HMAC-SHA256 of purpose, owner, seconds and name>`."""

    key: bytes

    def issue(self, purpose: Purpose, owner: str = "", name: str = "") -> str:
        """A new token for one purpose, valid for `owner` alone. The name in a cookie is that of its reader."""
        moment, name = str(int(time.time())), name or secrets.token_urlsafe(12)
        return f"{moment}.{name}.{self._sign(purpose, owner, moment, name)}"

    def reader(self, cookie: str) -> str | None:
        """The name of the reader whose cookie this is; None if this key did not sign it, or if it has expired."""
        return self._checked("read", "", cookie)

    def person(self, cookie: str) -> str | None:
        """What a person's cookie holds (`issue` with that purpose); None if this key did not sign it, or it expired."""
        return self._checked("person", "", cookie)

    def may_write(self, reader: str, token: str) -> bool:
        """Whether the token was issued for writing, and to this reader."""
        return bool(reader) and self._checked("write", reader, token) is not None

    def _checked(self, purpose: Purpose, owner: str, token: str) -> str | None:
        moment, _, rest = token.partition(".")
        name, _, signature = rest.partition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(purpose, owner, moment, name).encode()):
            return None
        return name if time.time() - int(moment) < AGE else None

    def _sign(self, purpose: Purpose, owner: str, moment: str, name: str) -> str:
        return hmac.new(self.key, f"{purpose}:{owner}:{moment}:{name}".encode(), hashlib.sha256).hexdigest()


def age(token: str) -> float:
    """Seconds since a token was issued, by its own timestamp."""
    return time.time() - int(token.partition(".")[0])


def seal() -> Seal:
    """The seal of the current workspace; its key is stored there, so that open pages survive a restart of the app."""
    return _seal(os.environ.get("FOVEAL_HOME", ""))


def forget() -> None:
    """Reread the key when it is needed next: a change of the password invalidates earlier cookies."""
    _seal.cache_clear()


@lru_cache(maxsize=8)
def _seal(_home: str) -> Seal:
    home = Workspace.current().create().home
    known = password.stored(home) or b""
    return Seal(hmac.new(key(home / "secret"), b"password:" + known, hashlib.sha256).digest())


def key(file: Path) -> bytes:
    """The random bytes in a file of ours; created if missing, and recreated if truncated or readable by others."""
    with _alone(file.parent):
        try:
            found = private.read(file)
        except WorkspaceError as error:
            log.warning("%s. The key is made anew: pages that are open must be opened again", error)
            found = None
        if found is not None and len(found) != KEY:
            log.warning("%s: expected a key of %d bytes, found %d; it is made anew: open pages must be opened again",
                        file, KEY, len(found))  # fmt: skip
            found = None
        if found is None:
            found = secrets.token_bytes(KEY)
            private.write(file, found)
        return found


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """A lock between processes: two that start at once must not make two keys."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
