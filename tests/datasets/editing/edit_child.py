"""`python -m tests.datasets.editing.edit_child <dataset> <sample> <die> <prefix> <count>`: adds labels, one a save.

`die` says where the process is killed at its last save: `journal` (the entry is stored, its labels are not), `labels`
(both are, nobody was told) or `never`. Each acknowledged save is printed.
"""

import os
import signal
import sys
from typing import Any

from datasets.editing import labels
from datasets.editing.operations import Operation
from datasets.storage import edits, journal


def killed(*_: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    dataset, sample, die, prefix, count = sys.argv[1:]
    for number in range(int(count)):
        if number == int(count) - 1 and die != "never":
            module, name = (edits, "swap") if die == "journal" else (journal, "settle")
            setattr(module, name, killed)
        values = {"label": f"{prefix}{number}", "box": (0.1, 0.1, 0.2, 0.2)}
        wanted = [Operation(f"{prefix}-{number}-{sample}", "add", "", values)]
        labels.change(dataset, sample, "boxes", wanted, if_match=labels.ANY)
        print(f"{prefix}{number}", flush=True)
