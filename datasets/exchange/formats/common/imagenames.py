"""The names of images that label files hold, freed of what other systems and servers put around a path."""

import re
from pathlib import PurePosixPath
from urllib.parse import parse_qs, unquote, urlsplit

LOCAL = "d"  # the parameter that holds the path in addresses of Label Studio's local files
_ODD = re.compile(r"[\\%?#\0]|^\s|\s$|^[a-zA-Z][\w+.-]+:|^/data/|^['\"]")
_SCHEME = re.compile(r"^[a-zA-Z][\w+.-]+://")
_DRIVE = re.compile(r"[a-zA-Z]:(?=/)|//[^/]+/[^/]+(?=/)")
_UPLOADED = re.compile(r"^[0-9a-fA-F]{8}-(?=.)")  # what Label Studio puts before the name of an uploaded file


def ways(name: str) -> tuple[str, ...]:
    """The paths with slashes that a name may stand for, as it is written first; none for an image inside its name.

    Backslashes are slashes. Then follow, where they differ: the path of an address (file, http, s3, Label Studio's
    `?d=`), the name without blanks or quotes around it, without query and fragment, and percent-decoded.
    """
    if not _ODD.search(name):
        return (name,)
    if name.startswith("data:"):
        return ()
    plain = name.replace("\\", "/").replace("\0", "?")
    found = [plain, *_of_address(name)]
    bare = plain.strip().strip("'\"").strip()
    cut = re.split(r"[?#]", bare, maxsplit=1)[0]
    return tuple(dict.fromkeys(one for one in (*found, bare, cut, unquote(bare), unquote(cut)) if one.strip("/ ")))


def is_address(name: str) -> bool:
    """Whether a name leads to another machine, or holds the image itself: nothing is fetched."""
    return name.startswith("data:") or bool(_SCHEME.match(name) and not name.startswith("file:"))


def is_served(name: str) -> bool:
    """Whether a name is a path on a server of Label Studio."""
    return name.startswith("/data/")


def parts(path: str) -> tuple[str, ...]:
    """The parts of a path with slashes, without drive, root, `.` and `..`."""
    return tuple(part for part in path[len(drive(path)) :].split("/") if part not in ("", ".", ".."))


def drive(path: str) -> str:
    """The drive or share of Windows that a path with slashes begins with, or an empty text: `C:`, `//server/share`."""
    found = _DRIVE.match(path)
    return found.group() if found else ""


def without_prefix(path: str) -> str | None:
    """The same path without the eight digits that Label Studio puts before the name of an upload; None without them."""
    at = PurePosixPath(path)
    short = _UPLOADED.sub("", at.name)
    return str(at.with_name(short)) if short != at.name else None


def _of_address(name: str) -> list[str]:
    if not _SCHEME.match(name) and not is_served(name):
        return []
    try:
        split = urlsplit(name)
    except ValueError:  # a bracket without its partner
        return []
    local = parse_qs(split.query).get(LOCAL, [])
    path = unquote(split.path)
    found = [*local, path.lstrip("/") if re.match(r"^/[a-zA-Z]:", path) else path]
    return [one.replace("\\", "/").replace("\0", "?") for one in found]
