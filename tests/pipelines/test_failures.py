import errno
from pathlib import Path

import pytest

from datasets.errors import ClassMismatch
from pipelines import failures
from pipelines.errors import DataError, OutOfMemory, WeightsMissing


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


def test_a_process_that_the_system_killed_probably_lacked_memory(tmp_path: Path) -> None:
    assert failures.explain_exit(-9, tmp_path / "log.txt")["title"] == "Probably not enough memory"


def test_a_process_that_crashed_shows_the_end_of_its_log(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text("\n".join(f"line {n}" for n in range(5000)))
    said = failures.explain_exit(-11, tmp_path / "log.txt")
    assert said["title"] == "The process crashed"
    assert said["cause"].endswith("line 4999")
    assert "line 4990" not in said["cause"]
