"""A small dataset to label in a browser, and how its labels are read and its page is asked."""

import json
import urllib.request
from pathlib import Path
from typing import Any

import pyarrow as pa

from datasets.evaluation import engines
from datasets.handover import manifest, predictions
from datasets.records import Label
from datasets.storage import collection, labels, store
from datasets.tables import PREDICTIONS, write_table
from datasets.views import pages
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.jobs import ledger
from pipelines.runs import reports
from pipelines.runs.checkpoints import save
from pipelines.runs.events import EventWriter
from pipelines.runs.reports import RunReport
from pipelines.runs.run import Run
from tests.helpers import make_image

DATASET, FIELD, PREDICTED, WHOLE = "desk", "ground_truth", "pred_r1", "weather"
COUNT, SIZE = 12, (320, 240)
CLASSES, CAR = ("car", "bus", "sun", "rain"), (0.1, 0.2, 0.25, 0.3)
SCORED = "from tests.browser import labeled; labeled.build_scored(Workspace.current())"
BUILD = "from tests.browser import labeled; labeled.build(Workspace.current().home / 'media')"
# The root of the component, in its shadow.
ROOT = """[...document.querySelectorAll('*')].map(e => e.shadowRoot?.querySelector('.labeler')).find(Boolean)"""


def build(folder: Path) -> None:
    """Images with a car each; predictions of a car that is labelled and of a bus that is not; the class of the image.

    The last image has no labels at all.
    """
    fields = {FIELD: "detections", PREDICTED: "detections", WHOLE: "classification"}
    store.create(DATASET, fields, CLASSES)
    collection.insert(DATASET, [_sample(folder, number) for number in range(COUNT)])


def build_scored(workspace: Workspace) -> None:
    """The same dataset with a run that made the predictions and was scored: every bus is a false positive."""
    build(workspace.home / "media")
    view, task = ViewSpec(dataset=DATASET), registry.task("detection")
    config = task.resolve("fast", {}).model_dump(mode="json")
    run = Run.create(workspace, kind="train", name="a run", task=task.name, preset="fast", config=config, view=view)
    with ledger.opened(workspace) as db:
        ledger.insert(db, run.id, [], name="a run", kind="train", task=task.name, state="done")
    manifest.freeze(view, FIELD, run.manifest)
    EventWriter(run.events).write("epoch", epoch=1, epochs=1, metrics={"map": 0.5}, eta=0, speed=1.0)
    weights = run.folder / "best.pt"
    weights.write_bytes(b"weights")
    save(run.checkpoint, weights, task="detection", family="yolo", config={}, classes=CLASSES, preprocess={},
         metrics={})  # fmt: skip
    found = [{"label": "car", "box": list(CAR), "confidence": 0.9}, {"label": "bus", "box": [0.55, 0.5, 0.3, 0.3],
             "confidence": 0.8}]  # fmt: skip
    rows = [{"sample_id": row.id, "labels": found} for row in pages.page(view, 1, COUNT).rows]
    write_table(pa.Table.from_pylist(rows, schema=PREDICTIONS), run.predictions)
    predictions.store(DATASET, run.field, run.predictions, {"run": run.id, "classes": CLASSES})
    reports.write(run, RunReport.of(engines.evaluate(DATASET, run.id, run.field).reports))


def _sample(folder: Path, number: int) -> dict[str, Any]:
    path = make_image(folder / f"{number:02}.png", SIZE, seed=number)
    size = collection.image_metadata(*SIZE, 3, "image/png", 9)
    objects = [Label("car", CAR, attributes={"seen_by": "nobody we know"})] if number < COUNT - 1 else []
    found = [Label("car", CAR, confidence=0.9), Label("bus", (0.55, 0.5, 0.3, 0.3), confidence=0.8)]
    parts = {
        FIELD: labels.to_document("detections", objects),
        PREDICTED: labels.to_document("detections", found),
    }
    return collection.sample_document(str(path), size, split="train" if number % 3 else "val", **parts)


class Desk:
    """The Label page in a browser. Points are shares of the image."""

    def __init__(self, page: Any, address: Any) -> None:
        self.page, self.address = page, address

    def open(self, sample: str = "", field: str = FIELD, **more: str) -> "Desk":
        """Open the page, at a sample, and wait until that is on the screen."""
        query = {"dataset": DATASET, "field": field, **({"sample": sample} if sample else {}), **more}
        parts = "&".join(f"{name}={value}" for name, value in query.items())
        self.page.goto(f"{self.address}/label?{parts}")
        self.ready(sample)
        return self

    def ready(self, sample: str = "") -> None:
        """Wait until a sample is open."""
        wanted = f"&& {json.dumps(sample)} === screen.session.row?.id" if sample else ""
        self.page.wait_for_function(
            f"() => {{ const screen = ({ROOT})?.screen; return screen?.session.found && "
            f"screen.session.found.row === screen.session.row {wanted}; }}"
        )

    def ask(self, text: str) -> Any:
        """A value of the page: `screen` and `outbox` are at hand."""
        return self.page.evaluate(f"() => {{ const {{ screen, outbox }} = {ROOT}; return {text}; }}")

    @property
    def sample(self) -> str:
        """The id of the open sample."""
        return str(self.ask("screen.session.row.id"))

    @property
    def labels(self) -> list[dict[str, Any]]:
        """The labels as the editor has them."""
        found: list[dict[str, Any]] = self.ask("screen.session.labels")
        return found

    def screen(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the image is on the screen."""
        found = self.ask(
            "(() => { const { place, image } = screen.editor.stage, edge = screen.editor.stage.frame"
            ".getBoundingClientRect(); return [place.scale, place.x + edge.left, place.y + edge.top]; })()"
        )
        return found[1] + x * SIZE[0] * found[0], found[2] + y * SIZE[1] * found[0]

    def draw(self, box: tuple[float, float, float, float], key: str = "1") -> None:
        """Draw a box with the mouse, of the class of this key."""
        x, y, width, height = box
        self.page.locator(".editor .canvas").focus()
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Escape")  # nothing is selected: the class is that of the next box
        self.page.keyboard.press(key)
        self.page.keyboard.press("b")
        self.page.mouse.move(*self.screen(x, y))
        self.page.mouse.down()
        self.page.mouse.move(*self.screen(x + width / 2, y + height / 2), steps=3)
        self.page.mouse.move(*self.screen(x + width, y + height), steps=3)
        self.page.mouse.up()

    def saved(self, seconds: float = 15) -> None:
        """Wait until the server has acknowledged everything."""
        self.page.locator(".saving[data-kind=saved][data-count='0']").wait_for(timeout=seconds * 1000)

    def stored(self, sample: str, field: str = FIELD) -> list[dict[str, Any]]:
        """The labels as the server has them."""
        found: list[dict[str, Any]] = self.page.evaluate(
            "([place]) => fetch(place).then(a => a.json()).then(f => f.labels)",
            [f"/api/labels/{DATASET}/{sample}/{field}"],
        )
        return found

    def state(self, sample: str) -> str:
        """The state of a sample in the queue."""
        query = f"spec={json.dumps({'dataset': DATASET})}&size=50"
        rows: dict[str, Any] = self.page.evaluate(
            "([place]) => fetch(place).then(a => a.json())", [f"/api/queue/{DATASET}/{FIELD}?{query}"]
        )
        return next(str(one["state"]) for one in rows["rows"] if one["id"] == sample)

    def journal(self, sample: str) -> list[dict[str, Any]]:
        """The changes in the journal, newest save first."""
        found: dict[str, Any] = self.page.evaluate(
            "([place]) => fetch(place).then(a => a.json())", [f"/api/journal/{DATASET}/{sample}/{FIELD}"]
        )
        return [change for entry in found["entries"] for change in entry["changes"]]


def ids(page: Any) -> list[str]:
    """The samples of the dataset, in order."""
    query = f"spec={json.dumps({'dataset': DATASET})}&size=50"
    found: list[str] = page.evaluate(
        "([place]) => fetch(place).then(a => a.json()).then(f => f.rows.map(r => r.id))", [f"/api/page?{query}"]
    )
    return found


def is_up(address: str) -> bool:
    """Whether the server answers."""
    try:
        urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
    except OSError:
        return False
    return True
