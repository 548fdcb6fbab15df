"""What a response may load and do in the browser: the content security policies, by path."""

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

FRAMES = "frame-ancestors 'self'"
# A response that is no page may run and load nothing, whatever its content pretends to be.
DATA = f"default-src 'none'; style-src 'unsafe-inline'; {FRAMES}; sandbox"
DOOR = f"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; {FRAMES}"
SHARED = {
    "default-src": "'self'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "style-src": "'self' 'unsafe-inline'",
    "worker-src": "'self' blob:",
    "frame-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-dns-prefetch-control": "off",  # a name in a link would be looked up before anyone clicks it
}


def policy(path: str, host: str) -> str:
    """The policy of a response. `host` is the known name and port of the request, for websockets."""
    if path.startswith(("/api/", "/media/")):
        return DATA
    sockets = f"ws://{host} wss://{host}"  # older browsers do not count them as 'self'
    if f"{path}/".startswith("/fo/"):
        return _joined({"script-src": "'self' 'unsafe-inline' 'unsafe-eval' blob:",
                        "connect-src": f"'self' data: blob: {sockets}"})  # fmt: skip
    # components come as modules in blobs; Streamlit brings WebAssembly of its own
    return _joined({"script-src": f"'self' blob: 'wasm-unsafe-eval' {_inline()}", "connect-src": f"'self' {sockets}"})


def _joined(rules: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in {**SHARED, **rules}.items())


@lru_cache(maxsize=1)
def _inline() -> str:
    """The hashes of the scripts inside Streamlit's own page."""
    import streamlit

    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    return " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in scripts)
