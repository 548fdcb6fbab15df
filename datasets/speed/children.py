"""Child processes of a pool: none outlives the process that made it."""

import multiprocessing
import os
import threading
from multiprocessing import connection


def end_with_parent() -> None:
    """First thing in a child of `multiprocessing`: end this process once its parent has ended in any way.

    A pool's workers wait for work on a pipe that they hold open for each other, so a killed parent leaves them
    waiting for ever. The kernel closes the sentinel of the parent. Does nothing in a process without such a parent.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.sentinel,), name="parent", daemon=True).start()


def _end_after(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
