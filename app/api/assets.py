"""`/api/assets/<file>`: our plain ES modules, styles and pictures, without a build step."""

import hashlib
import re
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from app.api.problems import RequestError

FOLDER = Path(__file__).parent.parent / "assets"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json"}


@lru_cache(maxsize=1)
def version() -> str:
    """Hash of all assets; part of their addresses, so that a browser may cache them forever."""
    digest = hashlib.sha256()
    for file in sorted(FOLDER.iterdir()):
        if file.suffix in TYPES:
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def address(name: str) -> str:
    """The address of an asset. The version is a folder, so that modules import each other by relative name."""
    return f"/api/assets/{version()}/{name}"


async def asset(request: Request) -> Response:
    """Serve one file. With the current version in its address it never changes; without, it is checked by its ETag."""
    name = request.path_params["file"]
    file = FOLDER / name
    if not re.fullmatch(r"[a-z0-9_-]+\.(js|css|svg|json)", name) or not file.is_file():
        raise RequestError(404, "no such asset", "a file of app/assets", name, "reload the page")
    content = file.read_bytes()
    etag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
    current = request.path_params.get("version") == version()
    headers = {"ETag": etag, "Cache-Control": "public, max-age=31536000, immutable" if current else "no-cache"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=TYPES[file.suffix], headers=headers)
