"""A workspace in which every name was chosen by someone who means harm; for the tests of what pages show of them."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from datasets.editing import tags
from datasets.evaluation import engines
from datasets.evaluation.cards import Card, Report
from datasets.handover import manifest, predictions
from datasets.records import Label
from datasets.storage import collection, labels, store
from datasets.tables import PREDICTIONS, write_table
from datasets.views import resolve
from datasets.viewspec import Filter, ViewSpec
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.jobs import ledger
from pipelines.runs import cards, reports
from pipelines.runs.checkpoints import save
from pipelines.runs.events import EventWriter
from pipelines.runs.reports import RunReport
from pipelines.runs.run import Run
from tests.helpers import make_image

OUTSIDE = "canary.invalid"  # nothing may ask for it
DATASET = f'd ![d](http://{OUTSIDE}/d.png) <img src=x onerror=alert("d")>'
CLASSES = [
    f'c <img src="http://{OUTSIDE}/c.png" onerror=alert("c")>',
    f"[c](http://{OUTSIDE}/c) `c` $c$",
    ":red[c] :material/home: https://" + OUTSIDE,
]
FIELD = '<b onclick=alert("f")>f</b> :blue[f]'
TAG = f't ![t](http://{OUTSIDE}/t.png) "onmouseover=alert("t")'
SPLIT = "</div><script>alert('s')</script> *s*"
FILE = '![f](x) <img src=x onerror=alert("f")> "f".png'
VIEW = f"v <iframe src=http://{OUTSIDE}> ![v](http://{OUTSIDE}/v.png)"
RUN = f"r ![r](http://{OUTSIDE}/r.png) </h1><script>alert('r')</script>"
CAUSE = f"e ![e](http://{OUTSIDE}/e.png) <svg onload=alert('e')>"
NAMES = (DATASET, *CLASSES, TAG, SPLIT, RUN, CAUSE, VIEW)


def build(workspace: Workspace, folder: Path) -> list[str]:
    """Make the dataset, a run that was scored and one that failed. Returns the ids of these runs."""
    folder.mkdir(parents=True, exist_ok=True)
    done, failed = (_run(workspace, state) for state in ("done", "failed"))
    store.create(DATASET, {"ground_truth": "detections", FIELD: "classification", done.field: "detections"}, CLASSES)
    ids = collection.insert(DATASET, [_sample(folder, number) for number in range(9)])
    tags.add(DATASET, [str(one) for one in ids[:2]], TAG)
    narrowed = ViewSpec(dataset=DATASET, filters=(Filter(field="tags", op="any_of", values=(TAG,)),))
    resolve.save_view(VIEW, narrowed)
    _finish(done, ids)
    EventWriter(failed.events).write("error", title=RUN, cause=CAUSE, action=CAUSE)
    return [done.id, failed.id]


def _sample(folder: Path, number: int) -> dict[str, Any]:
    path = make_image(folder / f"{number} {FILE}", (64, 48), seed=number)
    objects = [Label(CLASSES[number % 3], (0.1, 0.1, 0.5, 0.5))]
    size = collection.image_metadata(64, 48, 3, "image/png", 9)
    fields = {
        "ground_truth": labels.to_document("detections", objects),
        FIELD: labels.to_document("classification", [Label(CLASSES[0])]),
    }
    return collection.sample_document(str(path), size, split=("train", "val", SPLIT)[number % 3], **fields)


def _run(workspace: Workspace, state: ledger.State) -> Run:
    task = registry.task("detection")
    config = task.resolve("fast", {}).model_dump(mode="json")
    run = Run.create(
        workspace, kind="train", name=f"{RUN} {state}", task=task.name, preset="fast", config=config,
        view=ViewSpec(dataset=DATASET),
    )  # fmt: skip
    with ledger.opened(workspace) as db:
        ledger.insert(db, run.id, [], name=run.request.name, kind="train", task=task.name, state=state)
    return run


def _finish(run: Run, ids: list[Any]) -> None:
    """All that a training leaves behind, with every second object called something else."""
    manifest.freeze(ViewSpec(dataset=DATASET), "ground_truth", run.manifest)
    events = EventWriter(run.events)
    events.write("epoch", epoch=1, epochs=1, metrics={"map": 0.5, f"class/{CLASSES[0]}/ap": 0.5}, eta=0, speed=1.0)
    weights = run.folder / "best.pt"
    weights.write_bytes(b"weights")
    save(
        run.checkpoint, weights, task="detection", family="yolo", config={}, classes=CLASSES, preprocess={}, metrics={}
    )
    rows = [
        {"sample_id": str(id_), "labels": [{"label": CLASSES[k % 2], "box": [0.1, 0.1, 0.5, 0.5], "confidence": 0.9}]}
        for k, id_ in enumerate(ids)
    ]
    write_table(pa.Table.from_pylist(rows, schema=PREDICTIONS), run.predictions)
    predictions.store(DATASET, run.field, run.predictions, {"run": run.id, "classes": CLASSES})
    reports.write(run, RunReport.of(engines.evaluate(DATASET, run.id, run.field).reports))
    spoiled = Report({"map": 0.5}, {}, Card(protocol=CAUSE))
    run.card.write_text(cards.render(run, RunReport.of({"": spoiled})), encoding="utf-8")
