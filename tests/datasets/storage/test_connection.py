"""What one page or answer asks of the database."""

import threading

import pytest

from datasets.storage import connection
from datasets.workspace import Workspace


def test_within_a_moment_an_answer_is_kept_until_something_is_written(database: Workspace) -> None:
    answers = iter(range(10))
    ask = lambda: connection.once(("number", "d"), lambda: next(answers))  # noqa: E731
    assert (ask(), ask()) == (0, 1)
    with connection.moment():
        assert (ask(), ask()) == (2, 2)
        with connection.moment():  # the same one
            assert ask() == 2
        connection.written()
        assert (ask(), ask()) == (3, 3)
        connection.keep(("number", "d"), 99)
        assert ask() == 99
    assert ask() == 4
    connection.keep(("number", "d"), 99)  # without a moment nothing is kept
    connection.written()
    assert ask() == 5


def test_a_moment_is_that_of_one_thread(database: Workspace) -> None:
    found = list[object]()
    with connection.moment():
        connection.keep(("number", "d"), 1)
        other = threading.Thread(target=lambda: found.append(connection.once(("number", "d"), lambda: 2)))
        other.start()
        other.join()
    assert found == [2]


def test_a_moment_ends_also_when_something_goes_wrong(database: Workspace) -> None:
    with pytest.raises(KeyError), connection.moment():
        connection.keep(("number", "d"), 1)
        raise KeyError
    assert connection.once(("number", "d"), lambda: 2) == 2


def test_it_is_the_database_that_fiftyone_uses(database: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    assert connection.db().name == "fiftyone"
    monkeypatch.setenv("FIFTYONE_DATABASE_NAME", "another")
    assert connection.db().name == "another"
