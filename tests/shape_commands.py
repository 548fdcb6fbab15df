"""Counts what the database is asked: `python tests/shape_commands.py CHECKOUT` prints it as JSON, for `tests/shape.py`.

A dataset of twelve images is imported into a workspace of its own; each thing is done once unseen, then counted.
`all` are commands, `dataset` those of them that read the document of a dataset.
"""

import contextlib
import io
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pymongo import monitoring

FREEZERS = ("datasets.handover.manifest", "datasets.manifest")  # where the module stands, newest first
PAGE = """
import streamlit as st
from app import navigation
st.navigation(navigation.sections())
next(view for view in navigation.VIEWS if view.name == "{}").run()
"""


class Counted(monitoring.CommandListener):
    """Remembers every command: its name, and the collection that it is about."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Remember one."""
        if event.command_name != "endSessions":  # of clients that are gone
            self.seen.append((event.command_name, str(event.command.get(event.command_name))))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing more."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing more."""

    def of(self, action: Callable[[], Any]) -> dict[str, int]:
        """The commands of an action that was done once before."""
        action()
        self.seen.clear()
        action()
        about = [name for name, collection in self.seen if collection == "datasets" and name in ("find", "aggregate")]
        return {"all": len(self.seen), "dataset": len(about)}


def main(root: Path) -> dict[str, dict[str, int]]:
    """Count with the code of a checkout."""
    os.chdir(root)
    sys.path.insert(0, str(root))
    home = Path(tempfile.mkdtemp(prefix="fvs-"))
    os.environ["FOVEAL_HOME"] = str(home)
    for name in ("FIFTYONE_DATABASE_URI", "FOVEAL_DATABASE_URI"):
        os.environ.pop(name, None)
    counted = Counted()
    monitoring.register(counted)
    try:
        return {name: counted.of(action) for name, action in actions(home).items()}
    finally:
        import_one("datasets.storage.server", "datasets.storage.database", "datasets.database").stop()
        shutil.rmtree(home, ignore_errors=True)


def actions(home: Path) -> dict[str, Callable[[], Any]]:
    """What is counted, by name, on a dataset that is made for it."""
    from app.cli.main import main as verb

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        if verb(["import", str(source(home / "source")), "--name", "tiny", "--json"]):
            raise RuntimeError("the dataset could not be imported")
    return {
        "a page of the grid (/api/page)": lambda: grid("tiny"),
        "page Browse": lambda: page("browse", dataset="tiny"),
        "page Datasets": lambda: page("datasets"),
        "freezing a view": lambda: freeze("tiny", home / "manifest.parquet"),
    }


def source(folder: Path) -> Path:
    """COCO of twelve images with a box each."""
    random = np.random.default_rng(0)
    for split, numbers in {"train": range(8), "val": range(8, 12)}.items():
        images, labels = [], []
        for number in numbers:
            path = folder / "images" / split / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(random.integers(0, 255, (8, 8, 3), dtype=np.uint8)).save(path)
            images.append({"id": number, "file_name": path.name, "width": 8, "height": 8})
            box = {"bbox": [1, 1, 4, 4], "area": 16, "iscrowd": 0}
            labels.append({"id": number + 1, "image_id": number, "category_id": 1, **box})
        told = {"images": images, "annotations": labels, "categories": [{"id": 1, "name": "thing"}]}
        (folder / "annotations").mkdir(exist_ok=True)
        (folder / "annotations" / f"instances_{split}.json").write_text(json.dumps(told), encoding="utf-8")
    return folder


def grid(dataset: str) -> None:
    """The rows that the grid asks for when a page of it is opened."""
    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    from app.api.routes import routes

    asked = {"spec": json.dumps({"dataset": dataset}), "size": "60"}
    TestClient(Starlette(routes=routes())).get("/api/page", params=asked).raise_for_status()


def page(name: str, **query: str) -> None:
    """A page, drawn by Streamlit's test harness."""
    from streamlit.testing.v1 import AppTest

    test = AppTest.from_string(PAGE.format(name), default_timeout=60)
    test.query_params.update(query)
    test.run()
    if test.exception:
        raise RuntimeError(str(test.exception))


def freeze(dataset: str, path: Path) -> None:
    """A view with its labels as a manifest."""
    from datasets.viewspec import ViewSpec

    path.unlink(missing_ok=True)
    import_one(*FREEZERS).freeze(ViewSpec(dataset=dataset), "ground_truth", path)


def import_one(*names: str) -> Any:
    """The first of these modules that is there."""
    for name in names:
        with contextlib.suppress(ModuleNotFoundError):
            return import_module(name)
    raise ModuleNotFoundError(f"expected one of {', '.join(names)}, found none")


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]).resolve())))
