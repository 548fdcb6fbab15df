"""Every error of a verb is one line and an exit code."""

import zipfile
from pathlib import Path

import pytest

from app.cli import datasets_
from app.cli.main import main
from app.cli.output import FAILED
from datasets.workspace import Workspace
from tests.app.cli.calling import Caller


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KeyError("oh"), "found a fault of Foveal's own (KeyError: 'oh'); report it with the end of"),
        (ValueError("two\nlines"), "ValueError: two"),
        (zipfile.BadZipFile("File is not a zip file"), "found: File is not a zip file; put the file right"),
        (OSError(40, "Too many levels of symbolic links", "/a"), "expected the name of a file"),
    ],
)
def test_an_error_is_one_line_and_never_a_trace(
    call: Caller, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def fails(*_: object) -> int:
        raise error

    monkeypatch.setattr(datasets_, "run", fails)
    said = call("datasets")["error"]
    assert call.code == FAILED and words in said and call.err.splitlines() == [f"error: {said}"]
    log = Workspace.current().home / "errors.log"
    if "fault of Foveal" in said:
        assert said.endswith(str(log))
        assert f"raise error\n{type(error).__name__}" in log.read_text()


def test_a_home_that_cannot_be_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    for home in (tmp_path / "file", tmp_path / "file" / "below"):
        assert main(["datasets", "--home", str(home)]) == FAILED
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_file_in_the_way_of_a_folder_of_the_home_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("FOVEAL_HOME", str(home))
    monkeypatch.delenv("FIFTYONE_DATABASE_URI", raising=False)
    Workspace(home).create()
    (home / "database").touch()
    assert main(["datasets"]) == FAILED
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and f"found the file {home / 'database'}; move it away" in said[0]
