"""Put on PYTHONPATH by the quiet test: notes every attempt of a Python process to reach beyond this machine."""

import os
import sys
from pathlib import Path

LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")


def watch(event: str, args: tuple[object, ...]) -> None:
    if event == "socket.connect":
        address = args[1]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        address = (args[0],)
    else:
        return
    host = address[0] if isinstance(address, tuple) else address  # a str or bytes names a unix socket
    host = host.decode() if isinstance(host, bytes) else host
    if not host or not isinstance(address, tuple) or str(host).startswith(LOOPBACK):
        return
    with Path(os.environ["FOVEAL_TEST_SOCKETS"]).open("a") as seen:
        seen.write(f"{event} {host} by {' '.join(sys.argv)}\n")


if os.environ.get("FOVEAL_TEST_SOCKETS"):
    sys.addaudithook(watch)
