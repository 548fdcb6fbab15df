"""Sources are looked at in a process of its own: the same result, an end to time and memory, and no trace of it."""

import gc
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from datasets.errors import Cancelled, FormatError, LimitError
from datasets.exchange import apart, looking
from tests.helpers import make_coco, make_image, make_yolo


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """Nobody waits before a test, and nobody is left behind it."""
    apart.dismiss()
    yield
    apart.dismiss()
    assert not _children()


def _children() -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            ours = f"PPid:\t{os.getpid()}\n" in (path.parent / "status").read_text()
            if ours and b"datasets.exchange.apart_child" in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def waiting() -> int:
    """The one process that waits, once it is there."""
    until = time.monotonic() + 10
    while not _children() and time.monotonic() < until:
        time.sleep(0.01)
    (found,) = _children()
    return found


def soon(act: Callable[[int], None], after: float = 0.0) -> threading.Thread:
    """Do something to the process that reads, once it is there."""

    def run() -> None:
        while not _children():
            time.sleep(0.01)
        time.sleep(after)
        for one in _children():
            act(one)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.parametrize("make", [make_coco, make_yolo])
def test_the_result_is_the_same(make: Callable[[Path], Path], tmp_path: Path) -> None:
    source, told = make(tmp_path / "s"), list[tuple[int, int]]()
    here, there = looking.preview(source), apart.preview(source, progress=lambda *one: told.append(one))
    assert all(getattr(here, one.name) == getattr(there, one.name) for one in fields(here))
    assert there.count == 6 and told


def test_a_path_below_the_working_folder_and_options_are_handed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_image(tmp_path / "else" / "a.png")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "labels.csv").write_text(f"image,label\n{tmp_path}/else/a.png,cat\n")
    monkeypatch.chdir(tmp_path)
    assert apart.preview("in", "csv").count == 0
    assert apart.preview("in", "csv", allowed=(tmp_path / "else",)).count == 1


def test_errors_come_back_as_they_are(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="expected a file or folder, found nothing there"):
        apart.preview(tmp_path / "gone")
    make_yolo(tmp_path).write_text("names: " + "[" * 5000 + "\ntrain: x\n")
    with pytest.raises(LimitError, match=r"data\.yaml: expected lists and mappings at most 64 deep"):
        apart.preview(tmp_path)


def test_it_is_cancelled_at_once_whatever_it_does(tmp_path: Path) -> None:
    def cancel(done: int, total: int) -> None:
        if time.monotonic() - began > 0.3:
            raise Cancelled("reading was cancelled")

    began, stopped = time.monotonic(), soon(lambda one: os.kill(one, signal.SIGSTOP))
    with pytest.raises(Cancelled):
        apart.preview(make_coco(tmp_path), progress=cancel)
    stopped.join()
    assert time.monotonic() - began < 5


def test_one_that_shows_no_progress_is_ended_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "QUIET", 0.4)
    stopped = soon(lambda one: os.kill(one, signal.SIGSTOP))
    with pytest.raises(FormatError, match="expected progress in reading it within 0 s, found none"):
        apart.preview(make_coco(tmp_path))
    stopped.join()


@pytest.mark.parametrize(
    ("number", "words"),
    [(signal.SIGKILL, "the system ended its process; import a part"), (signal.SIGSEGV, "broke the process .*SIGSEGV")],
)
def test_one_that_is_ended_is_told_in_words(number: int, words: str, tmp_path: Path) -> None:
    killed = soon(lambda one: os.kill(one, number))
    with pytest.raises(FormatError, match=words):
        apart.preview(make_coco(tmp_path))
    killed.join()


def test_one_that_needs_too_much_memory_is_refused_and_the_app_does_not_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_image(tmp_path / "a.jpg")
    images = '"images": [{"id": 1, "file_name": "a.jpg"}]'
    (tmp_path / "instances.json").write_text(f'{{{images}, "x": {{"y": [{"{}," * 4_000_000}0]}}}}')
    monkeypatch.setattr(apart, "most_memory", lambda: 96 << 20)
    gc.collect()
    before = resident()
    with pytest.raises(FormatError, match="expected to read it in 0 GB of memory, found that it needs more"):
        apart.preview(tmp_path)
    assert resident() - before < 30 << 20


def test_the_memory_of_reading_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert apart.most_memory() >= 2 << 30
    monkeypatch.setenv("FOVEAL_READING_GB", "3")
    assert apart.most_memory() == 3 << 30


def test_one_waits_ahead_and_the_next_takes_its_place(tmp_path: Path) -> None:
    apart.ready()
    apart.ready()
    first = waiting()
    apart.preview(make_coco(tmp_path))
    assert first not in _children()
    apart.ready()
    second = waiting()
    os.kill(second, signal.SIGKILL)
    time.sleep(0.2)
    assert apart.preview(tmp_path).count == 6  # one that died while it waited is replaced
