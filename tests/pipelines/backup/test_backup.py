"""A workspace as one file and back: everything is there again, elsewhere too, and nothing starts by itself."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.editing import tags, verdicts
from datasets.errors import DiskFull
from datasets.evaluation import engines
from datasets.exchange import importing
from datasets.handover import manifest, predictions
from datasets.storage import collection, database, dumping
from datasets.tables import PREDICTIONS, write_table
from datasets.views import saved
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines.backup import archive, restoring, saving
from pipelines.errors import BackupError
from pipelines.jobs import launch, ledger, queue
from pipelines.runs.run import Run
from tests.helpers import make_coco_masks

FIGURES = """
import json
from datasets.evaluation import engines
from datasets.editing import verdicts
from datasets.storage import database
from datasets.views import resolve
from datasets.viewspec import ViewSpec
from datasets.workspace import settle
settle()
found = engines.load("shapes", "{run}")
seen = resolve.ids(ViewSpec(dataset="shapes", saved="one"))
print(json.dumps([found.reports, [one.label for one in verdicts.given("shapes")], list(seen)], default=str))
"""


@pytest.fixture
def full(database: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with one of everything that is acknowledged."""
    for name in ("masks", "evaluations", "runs", "samples", "jobs.sqlite", "mlflow.sqlite"):
        path = database.home / name
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    monkeypatch.setattr(launch, "wake", lambda workspace: None)
    importing.ingest(make_coco_masks(database.samples / "shapes", 6), "shapes", None)
    first = next(collection.stream("shapes", sort=[("filepath", 1)]))
    tags.add("shapes", [str(first["_id"])], "seen")
    saved.write("shapes", "one", [saved.match_stage({"filepath": first["filepath"]})])
    label = str(first["ground_truth"]["detections"][0]["_id"])
    verdicts.give("shapes", str(first["_id"]), "ground_truth", label, "relabel", label="green")
    run = queue.submit(database, kind="train", name="first", task="detection", view=ViewSpec(dataset="shapes"))
    with ledger.opened(database) as db:
        ledger.claim(db, run.id, "cpu", os.getpid(), "boot/1")
        ledger.change(db, run.id, pid=os.getpid(), born="boot/1")
    queue.submit(database, kind="train", name="second", task="detection", view=ViewSpec(dataset="shapes"))
    predict(run)
    (run.folder / "lock").touch()
    (database.home / "secret").write_bytes(b"0123456789abcdef" * 2)
    return database


def predict(run: Run) -> None:
    """Predictions of this run in the dataset, and their evaluation."""
    manifest.freeze(ViewSpec(dataset="shapes"), "ground_truth", run.manifest)
    made = [
        {"sample_id": row["sample_id"], "labels": [{**one, "id": None, "confidence": 0.9} for one in row["labels"]]}
        for row in pq.read_table(run.manifest).to_pylist()
    ]
    for place, row in enumerate(made):
        for one in row["labels"]:
            one["mask_path"] = None
        row["labels"] = row["labels"][: 1 + place % 2]
    write_table(pa.Table.from_pylist(made, schema=PREDICTIONS), run.predictions)
    predictions.store("shapes", run.field, run.predictions, {"run": run.id})
    engines.evaluate("shapes", run.id, run.field)


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A home to restore into; its server is stopped at the end, and the variables are those of before."""
    before = dict(os.environ)
    made = Workspace(tmp_path / "there")
    yield made
    if made.home.exists():
        database.stop(made)
    os.environ.clear()
    os.environ.update(before)


def everything(home: Workspace) -> dict[str, list[Any]]:
    """All documents of all collections, with the place of the home taken out; binary ones by their bytes."""
    held, found = database.connect(home), {}
    for name in dumping.names():
        found[name] = [
            json.loads(json.dumps(one, default=repr).replace(str(home.home), "HOME")) for one in held[name].find()
        ]
    return found


def figures(home: Workspace, run: str) -> Any:
    environment = {**os.environ, "FOVEAL_HOME": str(home.home), "PYTHONPATH": str(launch.ROOT)}
    for name in ("FIFTYONE_DATABASE_URI", "FOVEAL_DATABASE_URI"):
        environment.pop(name, None)
    command = [sys.executable, "-W", "ignore", "-c", FIGURES.format(run=run)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1].replace(str(home.home), "HOME"))


def test_everything_is_there_again_in_another_home(full: Workspace, there: Workspace, tmp_path: Path) -> None:
    (run,) = (one for one in Run.all(full) if one.request.name == "first")
    command = [sys.executable, "-m", "pipelines.mlflow_log", str(run.folder)]
    subprocess.run(command, env=launch.environment(full), cwd=launch.ROOT, check=True)
    indexes = json.loads(dumping.indexes())
    before, shown = everything(full), figures(full, run.id)
    assert (
        before["foveal_verdicts"]
        and before["foveal_journal"]
        and before["views"]
        and shown[0]
        and shown[1] == ["green"]
        and shown[2]
    )

    saved = saving.save(full, tmp_path / "all.tar")
    assert saved.consistent and (saved.samples, saved.outside, saved.runs) == (6, 0, 2)
    assert (tmp_path / "all.tar").stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob(".all*")), "a part is left behind"
    names = archive.check(saved.path)["members"]
    assert not [name for name in names if "secret" in name or name.endswith("lock")]
    assert b"0123456789abcdef" not in saved.path.read_bytes()

    restored = restoring.restore(saved.path, there)
    assert (restored.datasets, restored.samples, restored.missing, restored.runs) == (1, 6, 0, 2)
    assert everything(there) == before and json.loads(dumping.indexes()) == indexes
    assert figures(there, run.id) == shown
    again = Run.find(there, run.id)
    rows = pq.read_table(again.manifest)
    assert rows.schema.metadata == pq.read_table(run.manifest).schema.metadata
    for row in rows.to_pylist():
        paths = [row["path"], *(one["mask_path"] for one in row["labels"])]
        assert all(path.startswith(str(there.home)) and Path(path).is_file() for path in paths)
    assert {path.relative_to(there.masks) for path in there.masks.rglob("*.png")} == {
        path.relative_to(full.masks) for path in full.masks.rglob("*.png")
    }
    with sqlite3.connect(there.tracking) as db:
        places = [row[0] for row in db.execute("select artifact_uri from runs")]
    assert places and all(str(there.home) in place for place in places)


def test_no_job_of_a_backup_starts_by_itself_or_names_its_command(
    full: Workspace, there: Workspace, tmp_path: Path
) -> None:
    restoring.restore(saving.save(full, tmp_path / "all.tar").path, there)
    with ledger.opened(there) as db:
        found = {job.name: job for job in ledger.every(db)}
    assert {name: job.state for name, job in found.items()} == {"first": "lost", "second": "cancelled"}
    for job in found.values():
        assert (job.pid, job.keeper, job.born) == (None, None, None)
        assert job.argv == (sys.executable, "-m", "pipelines.jobs", str(there.runs / job.run))
    queue.resume(there, found["first"].run)


def test_a_backup_is_of_one_moment_though_others_write(
    full: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    things, stop = database.connect(full), threading.Event()
    things["pair_a"].insert_one({"_id": 1, "n": 0})
    things["pair_z"].insert_one({"_id": 1, "n": 0})

    def write() -> None:
        n = 0
        while not stop.is_set():  # always first the one, then the other: they differ by one at most
            n += 1
            things["pair_a"].update_one({"_id": 1}, {"$set": {"n": n}})
            things["pair_z"].update_one({"_id": 1}, {"$set": {"n": n}})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        saved = saving.save(full, tmp_path / "all.tar")
    finally:
        stop.set()
        writer.join()
    parts = {}
    for name, source in archive.read(saved.path, archive.check(saved.path)):
        if "pair" in name:
            parts[name.split("/")[1]] = next(dumping._documents(source))
    import bson

    a, z = (bson.decode(parts[name])["n"] for name in ("pair_a", "pair_z"))
    assert saved.consistent and a - z in (0, 1)
    things["pair_a"].insert_one({"_id": 2})  # nobody waits any more
    for name in ("pair_a", "pair_z"):
        things.drop_collection(name)


def test_a_killed_backup_lets_the_writers_go(full: Workspace, tmp_path: Path) -> None:
    code = (
        "import os\nfrom datasets.storage import dumping\nwith dumping._writers_waiting():\n    os.kill(os.getpid(), 9)"
    )
    environment = {**os.environ, "PYTHONPATH": str(launch.ROOT)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=False)
    database.connect(full)["things"].insert_one({"_id": 1})  # would wait for ever
    database.connect(full).drop_collection("things")


def test_a_name_that_is_taken_is_left_alone(full: Workspace, tmp_path: Path) -> None:
    (tmp_path / "all.tar").write_text("mine")
    with pytest.raises(BackupError, match="name another"):
        saving.save(full, tmp_path / "all.tar")
    with pytest.raises(BackupError, match="outside what is saved"):
        saving.save(full, full.masks / "all.tar")
    assert (tmp_path / "all.tar").read_text() == "mine"


def test_a_disk_without_room_is_told_before_anything_is_written(
    full: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "SPARE", 1 << 60)
    with pytest.raises(DiskFull, match="GiB free; free some space there, or name another disk"):
        saving.save(full, tmp_path / "all.tar")
    assert not list(tmp_path.iterdir())


def test_a_home_that_holds_something_is_left_alone(full: Workspace, there: Workspace, tmp_path: Path) -> None:
    saved = saving.save(full, tmp_path / "all.tar")
    (there.create().runs / "r1").mkdir(parents=True)
    with pytest.raises(BackupError, match=r"expected an empty home, found runs .*--into"):
        restoring.restore(saved.path, there)
    shutil.rmtree(there.runs)
    (there.home / restoring.MARK).touch()
    with pytest.raises(BackupError, match="half a restore"):
        restoring.restore(saved.path, there)


def test_a_restore_that_fails_leaves_the_home_empty(
    full: Workspace, there: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = saving.save(full, tmp_path / "all.tar")
    monkeypatch.setattr(dumping, "index", lambda text: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        restoring.restore(saved.path, there)
    assert not [path for path in there.home.iterdir() if path.name in restoring.HELD]
    monkeypatch.undo()
    assert restoring.restore(saved.path, there).samples == 6
