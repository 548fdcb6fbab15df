import errno
from contextlib import suppress
from pathlib import Path

import pytest

from datasets.errors import ClassMismatch
from pipelines.errors import DataError, OutOfMemory, WeightsMissing
from pipelines.runs import failures
from pipelines.runs.events import EventWriter, read_events


class OutOfMemoryError(RuntimeError):
    """As torch names it."""


@pytest.mark.parametrize(
    ("error", "title"),
    [
        (OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), "Not enough memory"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "Not enough memory"),
        (MemoryError(), "Not enough memory"),
        (OutOfMemory("expected 2 GB, found 1"), "Not enough memory"),
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full"),
        (DataError("expected labels, found none; label some"), "The data cannot be learned from"),
        (ClassMismatch(["cat"], ["dog"]), "Model and dataset share too few classes"),
        (WeightsMissing("expected x.pt, found none; put it there"), "Weights are missing"),
    ],
)
def test_every_failure_has_a_title_a_cause_and_an_action(error: Exception, title: str) -> None:
    said = failures.explain(error)
    assert said["title"] == title
    assert all(said[part] for part in ("cause", "action"))


def test_the_action_of_our_own_errors_is_told_apart_from_their_cause() -> None:
    said = failures.explain(DataError("expected labels, found none; label some"))
    assert (said["cause"], said["action"]) == ("expected labels, found none", "label some")


def test_what_nobody_foresaw_comes_with_the_end_of_its_traceback() -> None:
    try:
        {}["key"]
    except KeyError as error:
        said = failures.explain(error)
    assert said["title"] == "Something unexpected went wrong"
    assert "KeyError: 'key'" in said["cause"]


@pytest.mark.parametrize("code", [-9, 137])
def test_a_killed_process_lacked_memory_only_when_something_says_so(tmp_path: Path, code: int) -> None:
    said = failures.explain_exit(code, tmp_path / "log.txt", "its counter oom_kill went up")
    assert said["title"] == "Not enough memory" and "oom_kill" in said["cause"]
    said = failures.explain_exit(code, tmp_path / "log.txt")
    assert said["title"] == "The process was ended from outside" and "SIGKILL" in said["cause"]
    assert "memory was full" not in said["cause"] and said["action"] == "resume"


def test_a_full_disk_is_told_by_the_exit_code_alone(tmp_path: Path) -> None:
    said = failures.explain_exit(28, tmp_path / "log.txt")
    assert said["title"] == "The disk is full" and "free some space" in said["action"]


def test_a_full_disk_is_found_behind_the_words_of_libraries() -> None:
    try:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as cause:
            raise RuntimeError("PytorchStreamWriter failed writing file data/0") from cause
    except RuntimeError as error:
        assert failures.explain(error)["title"] == "The disk is full"
    said = 'Error while serializing: I/O error: Os { code: 28, kind: StorageFull, message: "..." }'
    assert failures.explain(RuntimeError(said))["title"] == "The disk is full"


def test_what_went_wrong_is_reported_though_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with suppress(OSError), Path("/dev/full").open("w", buffering=1) as full:
        monkeypatch.setattr("sys.stderr", full)
        code = failures.report(OSError(errno.ENOSPC, "No space left on device"), EventWriter(Path("/dev/full")))
        assert failures.report(KeyError("a"), EventWriter(tmp_path / "events.jsonl")) == 1
        monkeypatch.undo()
    assert code == 28
    assert read_events(tmp_path / "events.jsonl")[0][0]["title"] == "Something unexpected went wrong"


def test_a_process_that_crashed_shows_the_end_of_its_log(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text("\n".join(f"line {n}" for n in range(5000)))
    said = failures.explain_exit(-11, tmp_path / "log.txt")
    assert said["title"] == "The process crashed"
    assert said["cause"].endswith("line 4999")
    assert "line 4990" not in said["cause"]
