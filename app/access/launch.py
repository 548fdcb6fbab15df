"""A launch of the server: the token in its address, and the file from which its owner can read that address again."""

import fcntl
import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from datasets import private
from datasets.errors import WorkspaceError

FOLDER = "serving"
PARAMETER = "token"
ANYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  names, nothing is bound here
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Launch:
    """One start of the server. Whoever shows its token gets a cookie, as often as needed while it runs."""

    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    def fits(self, token: str) -> bool:
        """Whether this is the token of this launch."""
        return hmac.compare_digest(token.encode(), self.token.encode())

    def address(self, host: str, port: int, scheme: str = "http") -> str:
        """What to open in the browser."""
        name = "127.0.0.1" if host in ANYWHERE else host
        return f"{scheme}://{f'[{name}]' if ':' in name else name}:{port}/?{urlencode({PARAMETER: self.token})}"


def without_token(query: str) -> str:
    """A query without the token of a launch."""
    return urlencode([(k, v) for k, v in parse_qsl(query, keep_blank_values=True) if k != PARAMETER])


def remember(home: Path, port: int, address: str) -> None:
    """Store the address in a file for its owner alone, locked for as long as this process lives."""
    private.folder(home / FOLDER)
    part = home / FOLDER / f"{port}.part"
    private.write(part, json.dumps({"address": address}).encode())
    descriptor = os.open(part, os.O_RDONLY)  # stays open: the lock ends with the process, however it ends
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    part.replace(home / FOLDER / f"{port}.json")


def running(home: Path) -> list[str]:
    """Addresses of the servers that run on this home; files of ended servers are removed."""
    found = []
    for file in sorted((home / FOLDER).glob("*.json")):
        try:
            content = private.read(file)
            if content and _is_held(file):
                found.append(str(json.loads(content)["address"]))
            else:
                file.unlink(missing_ok=True)
        except (WorkspaceError, ValueError, KeyError):
            continue
    return found


def _is_held(file: Path) -> bool:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
