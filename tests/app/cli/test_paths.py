"""Empty paths, as of a variable that is not set."""

import pytest

from tests.app.cli.calling import Caller


@pytest.mark.parametrize(
    "words",
    [("import", ""), ("import", ".", "--images", " "), ("export", "mine", ""), ("backup", ""), ("restore", ""),
     ("predict", "--weights", "", "--dataset", "mine"), ("datasets", "--home", "")],
)  # fmt: skip
def test_an_empty_path_is_refused(call: Caller, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as left:
        call(*words)
    assert left.value.code == 2
    assert "expected a path, found none; `.` names" in call.capsys.readouterr().err
