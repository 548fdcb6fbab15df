"""Evidence that memory ran out: the counters of the system, and peak use."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.runs import evidence
from pipelines.runs.evidence import Memory


@pytest.fixture
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A control group of our own, version 2."""
    (tmp_path / "own").write_text("0::/jobs\n")
    folder = tmp_path / "cgroup" / "jobs"
    folder.mkdir(parents=True)
    (folder / "memory.events").write_text("low 0\nhigh 0\nmax 3\noom 0\noom_kill 0\n")
    (folder / "memory.max").write_text("max\n")
    monkeypatch.setattr(evidence, "_GROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(evidence, "_OWN", tmp_path / "own")
    return folder


def test_a_counter_that_went_up_is_evidence(group: Path) -> None:
    before = Memory.now()
    assert before.kills == 0 and before.ran_out() == ""
    (group / "memory.events").write_text("oom 1\noom_kill 1\n")
    assert "oom_kill" in before.ran_out()


def test_a_peak_near_the_limit_is_evidence(group: Path) -> None:
    subprocess.run([sys.executable, "-c", "x = bytearray(40 << 20)"], check=True)
    (group / "memory.max").write_text(f"{40 << 20}\n")
    assert "GiB of the" in Memory.now().ran_out()


def test_a_limit_of_an_older_kind_counts(group: Path, tmp_path: Path) -> None:
    (tmp_path / "own").write_text("4:memory:/jobs\n0::/\n")
    old = tmp_path / "cgroup" / "memory" / "jobs"
    old.mkdir(parents=True)
    (old / "memory.limit_in_bytes").write_text(f"{1 << 30}\n")
    (old / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 7\n")
    now = Memory.now()
    assert (now.kills, now.limit) == (7, 1 << 30)


def test_this_machine_can_be_asked() -> None:
    assert Memory.now().limit > 0
