"""Background work: progress, cancelling, being found again."""

import threading
from pathlib import Path

from app import background, works
from app.background import Work
from datasets.errors import FormatError
from datasets.exchange import importing
from datasets.records import Progress
from datasets.workspace import Workspace
from tests.helpers import make_coco


def ended(work: Work) -> Work:
    for thread in threading.enumerate():
        if thread.name == work.key:
            thread.join(60)  # the first work of a process may wait for imports
    return work


def test_the_result_is_found_under_its_key() -> None:
    work = ended(background.start("test:result", "Adding", lambda progress: 1 + 1))
    assert background.find("test:result") is work
    assert (work.state, work.result) == ("done", 2)
    background.forget("test:result")
    assert background.find("test:result") is None


def test_a_second_start_finds_the_work_that_runs() -> None:
    go = threading.Event()
    first = background.start("test:twice", "Waiting", lambda progress: go.wait(5))
    second = background.start("test:twice", "Waiting", lambda progress: None)
    background.forget("test:twice")  # running work is not forgotten
    assert second is first is background.find("test:twice")
    go.set()
    assert ended(first).state == "done"


def test_cancelling_stops_at_the_next_report() -> None:
    reported, cancelled = threading.Event(), threading.Event()

    def run(progress: Progress) -> None:
        progress(1, 4)
        reported.set()
        cancelled.wait(5)
        progress(2, 4)

    work = background.start("test:cancel", "Counting", run)
    assert reported.wait(5)
    assert (work.done, work.total, work.share) == (1, 4, 0.25)
    work.cancel()
    assert work.stopping
    cancelled.set()
    assert ended(work).state == "cancelled"


def test_an_error_is_kept_with_its_message() -> None:
    def run(progress: Progress) -> None:
        raise FormatError("expected a folder, found nothing")

    work = ended(background.start("test:error", "Reading", run))
    assert work.state == "failed"
    assert str(work.error) == "expected a folder, found nothing"


def test_time_left_follows_the_pace() -> None:
    work = Work("test:pace", "Counting")
    work.began -= 10
    work.progress(1, 5)
    assert work.left is not None
    assert 39 < work.left < 42


def test_an_import_cuts_its_thumbnails_ahead(database: Workspace, tmp_path: Path) -> None:
    found, before = importing.preview(make_coco(tmp_path / "pets")), len(list(database.thumbnails.rglob("*.jpg")))
    assert ended(works.ingest(found, "pets", "auto", 51, add=False)).state == "done"
    work = background.find("thumbnails:pets")
    assert work and ended(work).state == "done"
    assert len(list(database.thumbnails.rglob("*.jpg"))) == before + found.count
