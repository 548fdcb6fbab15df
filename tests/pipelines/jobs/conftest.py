"""A workspace whose supervisor and jobs are gone when the test ends."""

import signal
import time
from collections.abc import Iterator

import psutil
import pytest

from datasets.workspace import Workspace
from pipelines.jobs import launch, ledger, processes


@pytest.fixture
def supervised(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv("FOVEAL_DEVICES", "cpu")
    monkeypatch.setenv("FOVEAL_IDLE", "3")
    monkeypatch.setenv("FOVEAL_GRACE", "1")
    yield workspace
    end_all(workspace)


def end_all(workspace: Workspace) -> None:
    """End what the ledger and the lock of this workspace recorded, and nothing else."""
    with ledger.opened(workspace) as db:
        db.execute("update job set state = 'cancelled' where state = 'queued'")
    until = time.monotonic() + 10
    while time.monotonic() < until:
        launch.stop(workspace)
        with ledger.opened(workspace) as db:
            recorded = ledger.every(db)
        for job in recorded:
            processes.kill(job)
        keepers = [processes.same(job.keeper, job.keeper_born) for job in recorded]
        if not any(keepers) and launch.supervisor_pid(workspace) is None:
            return
        time.sleep(0.1)
    raise AssertionError("processes of the test are left over")


def kill(pid: int | None, born: float | None = None) -> None:
    """kill -9 of one recorded process."""
    if pid is not None and psutil.pid_exists(pid):
        psutil.Process(pid).send_signal(signal.SIGKILL)
