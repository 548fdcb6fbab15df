"""How a file of a dataset is handed to a browser: by what its content is, and so that nothing in it can run."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send

if TYPE_CHECKING:
    from datasets.showing.media import Media

LOCKED = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'self'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class MediaResponse(FileResponse):
    """Sends a file that is open already, whole or in ranges; its name has the ending of its content."""

    def __init__(self, found: "Media", headers: Mapping[str, str]) -> None:
        self.stream = found.stream
        number = found.stream.fileno()
        named = f"inline; filename*=UTF-8''{quote(found.name)}"
        super().__init__(
            f"/proc/self/fd/{number}",
            headers={**headers, **LOCKED, "Content-Disposition": named},
            media_type=found.type,
            stat_result=os.fstat(number),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, then close it."""
        with self.stream:
            await super().__call__(scope, receive, send)
