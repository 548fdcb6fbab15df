"""Who is who among processes: by id and birth, while the wall clock jumps under them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from datasets.workspace import Workspace
from pipelines import clock
from pipelines.errors import IllegalMove
from pipelines.jobs import launch, ledger, processes, queue
from pipelines.jobs.ledger import Job

STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('here', flush=True); time.sleep(300)"
# What a process sees after somebody set the clock: the time of day, and the moment of the start that is told from it.
STEP = """
import time, psutil, psutil._pslinux
real, boot, by = time.time, psutil._pslinux.boot_time, {by}
time.time = lambda: real() + by
psutil._pslinux.boot_time = psutil.boot_time = lambda *a: boot(*a) + by
"""
FORMER = "create table job (run text primary key, born real, keeper_born real)"


@pytest.fixture
def stepped(supervised: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Sets the clock of every supervisor and keeper that starts from now on; the present one leaves."""

    def step(by: int) -> None:
        launch.stop(supervised)
        (tmp_path / "sitecustomize.py").write_text(STEP.format(by=by))
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    return step


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "sleeper"]) as child:
        yield child
        child.kill()


def started(workspace: Workspace, run: str = "ra", code: str = STUBBORN) -> Job:
    queue.enqueue(workspace, run, [sys.executable, "-c", code, str(workspace.runs / run)])
    wait_for(lambda: "here" in (workspace.runs / run / "log.txt").read_text())
    return queue.job(workspace, run)


def wait_for(happened: Callable[[], object], seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            if happened():
                return
        except FileNotFoundError:
            pass
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.05)


@pytest.mark.parametrize("by", [-7200, 7200])
def test_cancel_ends_a_job_though_the_clock_was_set(
    supervised: Workspace, stepped: Callable[[int], None], by: int
) -> None:
    job = started(supervised)
    stepped(by)
    queue.cancel(supervised, "ra")
    wait_for(lambda: queue.job(supervised, "ra").ended_already)
    assert queue.job(supervised, "ra").state == "cancelled"
    assert not psutil.pid_exists(job.pid or 0)


@pytest.mark.parametrize("by", [-7200, 7200])
def test_resume_starts_no_second_process_though_the_clock_was_set(
    supervised: Workspace, stepped: Callable[[int], None], by: int
) -> None:
    job = started(supervised)
    stepped(by)
    with pytest.raises(IllegalMove, match="running"):
        queue.resume(supervised, "ra")
    psutil.Process(job.keeper).kill()
    wait_for(lambda: queue.job(supervised, "ra").state == "lost")
    assert not psutil.pid_exists(job.pid or 0) or psutil.Process(job.pid).status() == psutil.STATUS_ZOMBIE
    queue.resume(supervised, "ra")
    wait_for(lambda: queue.job(supervised, "ra").pid not in (None, job.pid))


def test_a_birth_is_not_of_the_wall_clock(sleeper: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch) -> None:
    birth = processes.born(sleeper.pid)
    assert birth and birth.startswith(clock.boot())
    monkeypatch.setattr(psutil._pslinux, "boot_time", lambda: time.time() + 9999)
    assert processes.same(sleeper.pid, birth) is not None


def test_a_process_of_another_start_of_the_machine_is_another(sleeper: "subprocess.Popen[bytes]") -> None:
    ticks = (processes.born(sleeper.pid) or "").partition("/")[2]
    assert processes.same(sleeper.pid, f"d3b07384-0000-0000-0000-000000000000/{ticks}") is None


def test_another_process_of_the_same_id_is_another(sleeper: "subprocess.Popen[bytes]") -> None:
    boot, _, ticks = (processes.born(sleeper.pid) or "").partition("/")
    assert processes.same(sleeper.pid, f"{boot}/{int(ticks) - 1}") is None


def test_a_record_of_a_former_version_is_known_by_its_command_line(sleeper: "subprocess.Popen[bytes]") -> None:
    moved = psutil.Process(sleeper.pid).create_time() - 7200
    assert processes.same(sleeper.pid, moved) is None
    assert processes.same(sleeper.pid, moved, ("sleeper",)) is not None
    assert processes.same(sleeper.pid, moved, ("another",)) is None
    assert processes.same(sleeper.pid, moved + 7200) is not None


def test_a_running_job_of_a_former_version_is_ended_after_the_clock_was_set(
    supervised: Workspace, stepped: Callable[[int], None]
) -> None:
    job = started(supervised)
    stepped(7200)
    with ledger.opened(supervised) as db:
        db.execute("alter table job drop column born")
        db.execute("alter table job drop column keeper_born")
        db.execute("alter table job add column born real")
        db.execute("alter table job add column keeper_born real")
        times = [psutil.Process(pid).create_time() for pid in (job.pid, job.keeper)]
        ledger.change(db, "ra", born=times[0], keeper_born=times[1])
    psutil.Process(job.keeper).kill()
    wait_for(lambda: queue.job(supervised, "ra").state == "lost")
    assert processes.same(job.pid, job.born) is None


def test_the_tables_of_a_former_version_take_births(supervised: Workspace) -> None:
    with ledger.opened(supervised) as db:
        db.execute(FORMER.replace("table job", "table former"))
        birth = processes.born(os.getpid())
        db.execute("insert into former values ('ra', ?, ?)", (birth, 12.5))
        assert tuple(db.execute("select born, keeper_born from former").fetchone()) == (birth, 12.5)


def test_the_session_of_a_keeper_of_another_start_is_nobodys(supervised: Workspace) -> None:
    job = started(supervised)
    values = {name: getattr(job, name) for name in Job.__slots__}
    former = Job(**{**values, "born": "other/1", "keeper_born": "other/1"})
    assert processes.members(former) == []
    assert {process.pid for process in processes.members(job)} >= {job.pid}
