"""`python -m datasets.handover.checking VIEW FIELD MASKS`: freeze a view and check it, in a process of its own.

A large view takes half a minute of computing, which would block every page of the app's process. The findings are
written to standard output as JSON, and so is the message of an expected error.
"""

import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from datasets.errors import DatasetsError
from datasets.handover import manifest, preflight
from datasets.records import Finding
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace


def findings(view: ViewSpec, field: str, *, needs_masks: bool) -> list[Finding]:
    """Findings that matter to a training on this view and label field. Raises DatasetsError."""
    folder = Workspace.current().home / "preflight"
    folder.mkdir(parents=True, exist_ok=True)
    parent = os.getppid()

    def leave_with_the_app(_done: int, _total: int) -> None:
        if __name__ == "__main__" and os.getppid() != parent:
            raise SystemExit(1)

    with tempfile.TemporaryDirectory(dir=folder) as place:
        file = Path(place) / "manifest.parquet"
        manifest.freeze(view, field, file, leave_with_the_app, learn=True)
        return preflight.check(file, needs_masks=needs_masks)


def read(answer: str) -> list[Finding]:
    """Parse what `main` wrote. Raises DatasetsError with the message of the error that occurred there."""
    told = json.loads(answer)
    if "error" in told:
        raise DatasetsError(told["error"])
    return [Finding(**{**one, "paths": tuple(one["paths"])}) for one in told["findings"]]


def main(view: str, field: str, masks: str) -> None:
    """Write the findings to standard output."""
    os.nice(10)
    try:
        found = findings(ViewSpec.model_validate_json(view), field, needs_masks=masks == "masks")
        told: dict[str, Any] = {"findings": [asdict(one) for one in found]}
    except DatasetsError as error:
        told = {"error": str(error)}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
