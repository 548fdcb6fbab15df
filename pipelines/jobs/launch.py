"""How child processes start: from this checkout, with vendors kept quiet; and the one supervisor of a workspace."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from datasets.workspace import ROOT, Workspace, quiet_environment
from pipelines.jobs import processes


def environment(workspace: Workspace) -> dict[str, str]:
    """The environment of a child: vendors kept quiet, and `app`, `pipelines`, `datasets` found in this checkout."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    kept = {key: value for key, value in os.environ.items() if key != "FIFTYONE_PRIVATE_DATABASE_PORT"}
    return {**kept, **quiet_environment(workspace), "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}


def wake(workspace: Workspace) -> None:
    """Start a supervisor unless one is there. It inherits the lock, so that there are never two, nor a gap."""
    with _lock(workspace).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        command = [sys.executable, "-m", "pipelines.jobs.supervisor", str(workspace.home), str(lock.fileno())]
        pid = _detach(command, workspace.home / "supervisor.log", environment(workspace), lock.fileno())
        lock.truncate(0)
        lock.write(f"{pid} {processes.born(pid)}")


def supervisor_pid(workspace: Workspace) -> int | None:
    """The process id of the supervisor of this workspace, None when none runs."""
    try:
        pid, told = _lock(workspace).read_text().split()
        born = told if "/" in told else float(told)  # a number: written by a former version
        found = processes.same(int(pid), born, ("pipelines.jobs.supervisor", str(workspace.home)))
    except (FileNotFoundError, ValueError):
        return None
    return found.pid if found else None


def stop(workspace: Workspace, patience: float = 5.0) -> None:
    """Ask the supervisor to leave and wait for that; running jobs go on."""
    until = time.monotonic() + patience
    running = supervisor_pid(workspace)
    if running is not None:
        os.kill(running, signal.SIGTERM)
    while supervisor_pid(workspace) is not None and time.monotonic() < until:
        time.sleep(0.05)


def _lock(workspace: Workspace) -> Path:
    return workspace.create().home / "supervisor.lock"


def _detach(command: list[str], log: Path, env: dict[str, str], handle: int) -> int:
    # The shell ends at once, so that the process is no child of ours: nobody has to wait for it, it outlives us.
    shell = ["/bin/sh", "-c", '"$@" >>"$0" 2>&1 </dev/null & echo $!', str(log), *command]
    started = subprocess.run(
        shell, env=env, cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True, pass_fds=(handle,), check=True
    )
    return int(started.stdout)
