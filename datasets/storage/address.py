"""Where the database of a workspace is: the address of its own server, or the one that the user names.

FIFTYONE_DATABASE_URI set by the user wins. Otherwise we set it, and record in FOVEAL_DATABASE_URI that it is ours, so
that a child process, or another workspace in the same process, can distinguish the two.

The socket lies in `<home>/database`. The path of a unix socket has at most 107 bytes, and mongod takes the letters
`[`, `]`, `:` and `,` in it for parts of a network address: for a longer home, or one with these letters, it lies in a
private folder (mode 0700) below XDG_RUNTIME_DIR or the folder of temporary files, named by a hash of the home.
"""

import hashlib
import os
import socket
import tempfile
import urllib.parse
from pathlib import Path

from datasets.workspace import Workspace

USERS = "FIFTYONE_DATABASE_URI"
OURS = "FOVEAL_DATABASE_URI"
_SOCKET = "mongodb-27017.sock"  # mongod names its socket after the port
_PATH_LIMIT = 107  # bytes of sun_path without the closing zero, unix(7)
_OF_ADDRESSES = frozenset("[]:,")  # letters that mongod reads as parts of an address, whatever they are quoted with


def users() -> str | None:
    """The address that the user names, or None for the workspace's own server."""
    uri = os.environ.get(USERS)
    return uri if uri and uri != os.environ.get(OURS) else None


def ours(ws: Workspace) -> str:
    """The address of the workspace's own server, whether it runs or not."""
    # journal=true: a write that was acknowledged survives kill -9 of the server; mongoengine warns without the last
    options = "journal=true&serverSelectionTimeoutMS=5000&uuidRepresentation=pythonLegacy"
    return f"mongodb://{urllib.parse.quote(str(socket_of(ws)), safe='')}/?{options}"


def is_ours(uri: str) -> bool:
    """Whether an address is one that we set, not the user."""
    return uri == os.environ.get(OURS)


def socket_of(ws: Workspace) -> Path:
    """The unix socket of the workspace's own server."""
    name = f"foveal-{os.getuid()}-{hashlib.sha256(os.fsencode(ws.home)).hexdigest()[:16]}"
    roots = (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/var/tmp")  # noqa: S108
    places = [ws.database / _SOCKET, *(Path(root) / name / _SOCKET for root in roots if root)]
    return next((place for place in places if _can_be_served(place)), places[-1])


def _can_be_served(place: Path) -> bool:
    return len(os.fsencode(place)) <= _PATH_LIMIT and not _OF_ADDRESSES & set(str(place))


def listens(path: Path) -> bool:
    """Whether a server listens on a unix socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(5)
        return probe.connect_ex(str(path)) == 0


def answers(uri: str) -> bool:
    """Whether something listens at an address; always true for one on the network."""
    host = urllib.parse.unquote(urllib.parse.urlsplit(uri).netloc)
    return not host.startswith("/") or listens(Path(host))
