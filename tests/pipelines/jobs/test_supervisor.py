import sys
import time
from collections.abc import Callable

import psutil
import pytest

from datasets.workspace import Workspace
from pipelines.errors import IllegalMove, JobActive, RunNotFound
from pipelines.jobs import launch, processes, queue
from pipelines.runs.events import read_events


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def wait_for(happened: Callable[[], object], seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.05)


def ended(workspace: Workspace, run: str, seconds: float = 15) -> str:
    wait_for(lambda: queue.job(workspace, run).ended_already, seconds)
    return queue.job(workspace, run).state


def test_a_job_runs_detached_with_its_output_in_the_log(supervised: Workspace) -> None:
    queue.enqueue(supervised, "ra", python("import os; print('seen', os.getcwd(), os.environ['FOVEAL_HOME'])"))
    assert ended(supervised, "ra") == "done"
    log = (supervised.runs / "ra" / "log.txt").read_text()
    assert f"seen {launch.ROOT} {supervised.home}" in log
    job = queue.job(supervised, "ra")
    assert job.exit_code == 0
    assert job.created <= job.started <= job.ended  # type: ignore[operator]


@pytest.mark.parametrize(("code", "state"), [(0, "done"), (1, "failed"), (3, "cancelled"), (137, "failed")])
def test_the_exit_code_decides_the_state(supervised: Workspace, code: int, state: str) -> None:
    queue.enqueue(supervised, "ra", python(f"raise SystemExit({code})"))
    assert ended(supervised, "ra") == state
    assert queue.job(supervised, "ra").exit_code == code


def test_a_command_that_does_not_exist_fails(supervised: Workspace) -> None:
    queue.enqueue(supervised, "ra", ["/no/such/program"])
    assert ended(supervised, "ra") == "failed"


def test_jobs_wait_for_a_free_device_and_run_in_their_order(supervised: Workspace) -> None:
    for name in ("ra", "rb", "rc"):
        queue.enqueue(supervised, name, python("import time; time.sleep(0.4)"))
    wait_for(lambda: queue.job(supervised, "ra").state == "running")
    assert [queue.job(supervised, name).position for name in ("ra", "rb", "rc")] == [None, 1, 2]
    assert [ended(supervised, name) for name in ("ra", "rb", "rc")] == ["done"] * 3
    times = [(job.started, job.ended) for job in reversed(queue.jobs(supervised))]
    assert times == sorted(times)  # type: ignore[type-var]
    assert times[0][1] <= times[1][0] <= times[1][1] <= times[2][0]  # type: ignore[operator]


def test_a_device_that_is_not_there_fails_with_its_reason(supervised: Workspace) -> None:
    queue.enqueue(supervised, "ra", python("pass"), wish="cuda:3")
    assert ended(supervised, "ra") == "failed"
    events, _ = read_events(supervised.runs / "ra" / "events.jsonl")
    assert "no device 'cuda:3', only cpu" in events[-1]["cause"]


def test_cancel_of_a_queued_job_never_starts_it(supervised: Workspace) -> None:
    queue.enqueue(supervised, "ra", python("import time; time.sleep(0.5)"))
    queue.enqueue(supervised, "rb", python("open('/dev/null')"))
    queue.cancel(supervised, "rb")
    assert ended(supervised, "ra") == "done"
    assert queue.job(supervised, "rb").state == "cancelled"
    assert queue.job(supervised, "rb").started is None


def test_cancel_lets_a_job_save_before_it_ends(supervised: Workspace) -> None:
    saves = "import signal, sys, time\ndef save(*_):\n    print('saved'); sys.exit(3)\n"
    queue.enqueue(
        supervised, "ra", python(saves + "signal.signal(15, save); print('ready')\nwhile True: time.sleep(0.1)")
    )
    wait_for(lambda: "ready" in _log(supervised, "ra"))
    queue.cancel(supervised, "ra")
    assert ended(supervised, "ra") == "cancelled"
    assert "saved" in _log(supervised, "ra")


def test_a_job_that_ignores_the_wish_is_killed_with_its_children(supervised: Workspace) -> None:
    stubborn = "import signal, subprocess, time; signal.signal(15, signal.SIG_IGN)\n"
    child = "print(subprocess.Popen(['sleep', '300'], start_new_session=True).pid, flush=True); time.sleep(300)"
    queue.enqueue(supervised, "ra", python(stubborn + child))
    wait_for(lambda: _log(supervised, "ra").strip())
    queue.cancel(supervised, "ra")
    assert ended(supervised, "ra") == "cancelled"
    wait_for(lambda: not _runs(int(_log(supervised, "ra"))))


def test_what_a_job_leaves_behind_is_ended(supervised: Workspace) -> None:
    queue.enqueue(supervised, "ra", python("import subprocess; print(subprocess.Popen(['sleep', '300']).pid)"))
    assert ended(supervised, "ra") == "done"
    assert not _runs(int(_log(supervised, "ra")))


def test_the_supervisor_leaves_when_idle_and_a_new_job_wakes_the_next(
    supervised: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOVEAL_IDLE", "0.1")
    queue.enqueue(supervised, "ra", python("pass"))
    first = launch.supervisor_pid(supervised)  # it is there until the job is done
    assert ended(supervised, "ra") == "done"
    wait_for(lambda: launch.supervisor_pid(supervised) is None)
    queue.enqueue(supervised, "rb", python("pass"))
    second = launch.supervisor_pid(supervised)
    assert ended(supervised, "rb") == "done"
    assert None not in (first, second) and first != second


def test_only_one_supervisor_runs(supervised: Workspace) -> None:
    for _ in range(5):
        launch.wake(supervised)
    pid = launch.supervisor_pid(supervised)
    launch.wake(supervised)
    assert pid is not None
    assert launch.supervisor_pid(supervised) == pid


def test_resume_queues_the_same_run_again(supervised: Workspace) -> None:
    count = "import os, pathlib; p = pathlib.Path(os.environ['FOVEAL_HOME'], 'runs/ra/n'); n = p.exists(); p.touch()\n"
    queue.enqueue(supervised, "ra", python(count + "raise SystemExit(0 if n else 1)"))
    assert ended(supervised, "ra") == "failed"
    queue.resume(supervised, "ra")
    assert ended(supervised, "ra") == "done"
    assert queue.job(supervised, "ra").attempt == 2
    with pytest.raises(IllegalMove, match="found done; nothing can follow that"):
        queue.resume(supervised, "ra")
    with pytest.raises(IllegalMove):
        queue.cancel(supervised, "ra")


def test_delete_takes_an_ended_run_alone(supervised: Workspace) -> None:
    queue.enqueue(supervised, "ra", python("import time; time.sleep(60)"))
    with pytest.raises(JobActive, match="cancel it first"):
        queue.delete(supervised, "ra")
    wait_for(lambda: queue.job(supervised, "ra").state == "running")
    queue.cancel(supervised, "ra")
    assert ended(supervised, "ra") == "cancelled"
    queue.delete(supervised, "ra")
    assert not list(supervised.runs.iterdir())
    with pytest.raises(RunNotFound):
        queue.job(supervised, "ra")


def _log(workspace: Workspace, run: str) -> str:
    path = workspace.runs / run / "log.txt"
    return path.read_text() if path.exists() else ""


def _runs(pid: int) -> bool:
    return processes.same(pid, processes.born(pid)) is not None and psutil.pid_exists(pid)
