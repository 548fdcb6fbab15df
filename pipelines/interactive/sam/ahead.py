"""Images that are looked at ahead, in one thread of low priority: those of the newest request first."""

import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path

from pipelines.errors import PipelineError

ASKERS = 8  # pages whose images wait at once
GENTLY = 10  # the niceness of the thread: a click comes first
IDLE = 60.0  # seconds after which the thread ends
log = logging.getLogger(__name__)


class Ahead:
    """A queue of images by who asks for them. What somebody asks for anew replaces what they asked for before."""

    def __init__(self, look: Callable[[Path], object], idle: float = IDLE) -> None:
        self._look, self._idle = look, idle
        self._waiting: OrderedDict[str, list[Path]] = OrderedDict()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._resting = True

    def ask(self, asker: str, images: Sequence[Path]) -> int:
        """Look at these images next, in this order. Returns how many images wait altogether."""
        with self._changed:
            self._waiting.pop(asker, None)
            if images:
                self._waiting[asker] = list(images)
            while len(self._waiting) > ASKERS:
                self._waiting.popitem(last=False)
            if self._thread is None and self._waiting:
                self._thread = threading.Thread(target=self._work, name="look ahead", daemon=True)
                self._thread.start()
            self._changed.notify_all()
            return sum(map(len, self._waiting.values()))

    def join(self, seconds: float) -> bool:
        """Wait until nothing waits and nothing is looked at; whether it is so."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and self._resting, seconds)

    def _next(self) -> Path | None:
        """The next image; None, and the thread is over, when none came for a while."""
        with self._changed:
            self._resting = True
            self._changed.notify_all()
            if not self._changed.wait_for(lambda: self._waiting, self._idle):
                self._thread = None
                return None
            asker = next(reversed(self._waiting))
            image = self._waiting[asker].pop(0)
            if not self._waiting[asker]:
                del self._waiting[asker]
            self._resting = False
            return image

    def _work(self) -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), GENTLY)  # of this thread and those that it starts
        while (image := self._next()) is not None:
            try:
                self._look(image)
            except (PipelineError, OSError) as error:  # whoever clicks on it is told
                log.info("%s was not looked at ahead: %s", image, error)
            except Exception:  # the next image may be better
                log.exception("%s was not looked at ahead", image)
