"""How a file of a dataset is sent to a browser: with the type of its content, and so that nothing in it can run."""

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
    """Sends an open file, whole or in ranges, under a name with the extension of its content type."""

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
