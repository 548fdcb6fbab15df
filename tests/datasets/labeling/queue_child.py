"""`python -m tests.datasets.labeling.queue_child <dataset> <name> <die>`: takes samples from the queue and does them.

Each sample that it was given is printed. After `die` samples (0: never) it is killed while it holds one.
"""

import os
import signal
import sys

from datasets.labeling import queue
from datasets.labeling.queue import Person
from datasets.viewspec import ViewSpec

if __name__ == "__main__":
    dataset, name, die = sys.argv[1:]
    person, number = Person(name, name), 0
    queue.SECONDS = 2 if int(die) else queue.SECONDS
    while row := queue.following(ViewSpec(dataset=dataset), "boxes", person).row:
        print(row.id, flush=True)
        number += 1
        if number == int(die):
            os.kill(os.getpid(), signal.SIGKILL)
        queue.act(dataset, "boxes", row.id, "done", person)
