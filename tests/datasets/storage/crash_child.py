"""`python -m tests.datasets.storage.crash_child <operation> <dataset> <table>`: one long write, announced by `go`."""

import sys
from pathlib import Path
from typing import Any

from datasets.exchange import importing
from datasets.handover import predictions
from datasets.storage import vendor
from tests.benchmarks.scene import preview, scene

N = 1500
FIELD = "pred_r1"


def ingest(name: str, table: str) -> Any:
    """Import into a new dataset, or add to it when it is there."""
    return importing.ingest(preview(scene(N)), name, None, add=True)


def predict(name: str, table: str) -> Any:
    return predictions.store(name, FIELD, Path(table), {"run": "r1"})


def evaluate(name: str, table: str) -> Any:
    from datasets.evaluation import engines

    return engines.evaluate(name, "r1", FIELD)


if __name__ == "__main__":
    operation, name, table = sys.argv[1:]
    scene(N)
    if operation == "evaluate":
        vendor.fiftyone()
    print("go", flush=True)
    {"ingest": ingest, "predict": predict, "evaluate": evaluate}[operation](name, table)
    print("done", flush=True)
