import subprocess
import sys

import pytest

from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.errors import CheckpointError, ConfigError, RunNotFound, UnknownPreset
from pipelines.jobs import launch, queue
from pipelines.runs.run import Run

VIEW = ViewSpec(dataset="d")


@pytest.fixture(autouse=True)
def asleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOVEAL_DEVICES", "cpu")
    monkeypatch.setattr(launch, "wake", lambda workspace: None)


def test_submit_makes_a_run_with_the_whole_config_of_its_preset(workspace: Workspace) -> None:
    run = queue.submit(
        workspace, kind="train", name="n", task="detection", preset="fast", changes={"epochs": 3}, view=VIEW
    )
    assert Run.find(workspace, run.id).request.config["epochs"] == 3
    assert run.request.config["batch"] == registry.task("detection").resolve("fast").model_dump()["batch"]
    job = queue.job(workspace, run.id)
    assert (job.state, job.name, job.kind, job.task, job.position) == ("queued", "n", "train", "detection", 1)
    assert job.argv[-3:] == ("-m", "pipelines.jobs", str(run.folder))


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ({"preset": "slow"}, UnknownPreset),
        ({"changes": {"epochs": 0}}, ConfigError),
        ({"changes": {"device": "cuda:7"}}, ConfigError),
        ({"source": "rnone"}, RunNotFound),
    ],
)
def test_a_wrong_request_leaves_nothing_behind(workspace: Workspace, request_: dict[str, object], error: type) -> None:
    with pytest.raises(error):
        queue.submit(workspace, kind="train", name="n", task="detection", view=VIEW, **request_)
    assert queue.jobs(workspace) == []
    assert not workspace.runs.exists()


def test_jobs_are_listed_newest_first_with_their_place_in_the_queue(workspace: Workspace) -> None:
    runs = [queue.submit(workspace, kind="train", name=str(n), task="detection", view=VIEW).id for n in range(3)]
    assert [(job.run, job.position) for job in queue.jobs(workspace)] == [(runs[2], 3), (runs[1], 2), (runs[0], 1)]
    queue.cancel(workspace, runs[0])
    assert [job.position for job in queue.jobs(workspace)] == [2, 1, None]
    queue.resume(workspace, runs[0])
    assert queue.job(workspace, runs[0]).position == 3


def test_a_weights_file_that_cannot_be_used_leaves_no_run(workspace: Workspace) -> None:
    (workspace.home / "notes.txt").write_text("no weights")
    with pytest.raises(CheckpointError, match=r"expected a weights file for object detection"):
        queue.adopt(workspace, workspace.home / "notes.txt", "detection")
    assert queue.jobs(workspace) == []
    assert list(workspace.runs.iterdir()) == []


def test_the_queue_loads_no_heavy_vendor() -> None:
    code = "import sys, pipelines.jobs.queue; print([m for m in ('torch', 'fiftyone', 'mlflow') if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=launch.ROOT)
    assert said.stdout.strip() == "[]"


def test_the_supervisor_loads_little() -> None:
    code = "import sys, pipelines.jobs.supervisor, pipelines.jobs.keeper; print('pydantic' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=launch.ROOT)
    assert said.stdout.strip() == "False"


def test_what_a_killed_delete_left_is_no_run_and_goes_with_the_next(workspace: Workspace) -> None:
    runs = [queue.submit(workspace, kind="train", name="n", task="detection", view=VIEW) for _ in range(2)]
    runs[0].folder.replace(workspace.runs / f".deleted-{runs[0].id}")
    assert [run.id for run in Run.all(workspace)] == [runs[1].id]
    queue.cancel(workspace, runs[1].id)
    queue.delete(workspace, runs[1].id)
    assert list(workspace.runs.iterdir()) == []
