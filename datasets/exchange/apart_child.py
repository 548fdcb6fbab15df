"""The process that looks at one source: `python -m datasets.exchange.apart_child <socket> <bytes of memory>`."""

import os
import resource
import sys
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from datasets.errors import DatasetsError
from datasets.exchange import looking
from datasets.exchange.apart import too_much
from datasets.exchange.sketches import Sketch
from datasets.faults import told

_IDLE = 900.0  # seconds after which nobody seems to need the process
_OFTEN = 0.05  # seconds between two reports of progress


def main(line: Connection, most: int) -> None:
    """Wait for one piece of work, do it within its memory, send what was found."""
    _end_with(os.getppid())
    if not line.poll(_IDLE):
        return
    try:
        path, format_name, options = line.recv()
    except EOFError:
        return
    _bound(most)
    line.send(_looked_at(path, format_name, options, _Teller(line), most))


def _looked_at(path: str, format_name: str, options: Any, tell: "_Teller", most: int) -> tuple[str, Any]:
    try:
        return "result", looking.preview(Path(path), format_name, tell, told=tell.sketch, **options)
    except DatasetsError as error:
        return "error", error
    except MemoryError:
        return "error", too_much(most)
    except Exception as error:  # there is no caller above: the other side reports what went wrong
        known = told(error)
        found = f"expected a source that can be read, found {type(error).__name__}: {error}"[:1000]
        return "error", known or f"{found}; import a part of it to find the file, and report this"


class _Teller:
    """Sends progress at intervals."""

    def __init__(self, line: Connection) -> None:
        self.line, self.told = line, 0.0

    def __call__(self, done: int, total: int) -> None:
        """Report that `done` of `total` are done."""
        now = time.monotonic()
        if now - self.told >= _OFTEN or done == total:
            self.told = now
            self.line.send(("progress", done, total))

    def sketch(self, found: Sketch) -> None:
        """Say what is known when a stage begins."""
        self.line.send(("sketch", found))


def _bound(most: int) -> None:
    """Limit the further memory of this process; when the machine itself runs short, it is ended first."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + most
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Path("/proc/self/oom_score_adj").write_text("800", encoding="ascii")


def _end_with(parent: int) -> None:
    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    main(Connection(int(sys.argv[1])), int(sys.argv[2]))
