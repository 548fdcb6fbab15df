"""What the command line says, and how."""

import json
import os

import pytest

from app.cli.output import Console, duration, table


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "?"), (0.4, "0 s"), (59, "59 s"), (200, "3 min 20 s"), (3900, "1 h 5 min")]
)
def test_durations_in_words(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


def test_json_is_the_only_thing_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(as_json=True)
    console.note("on the way")
    console.progress("looking")(3, 3)
    console.result({"run": "r1"}, "r1")
    out, err = capsys.readouterr()
    assert json.loads(out) == {"run": "r1"}
    assert "on the way" in err
    assert "looking: 3 of 3" in err


def test_an_error_is_told_to_people_and_machines(capsys: pytest.CaptureFixture[str]) -> None:
    Console(as_json=True).error("expected a, found b")
    out, err = capsys.readouterr()
    assert json.loads(out) == {"error": "expected a, found b"}
    assert err == "error: expected a, found b\n"


def test_progress_names_the_stage_and_knows_no_total_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    meter = Console().progress("looking for the format")
    meter(0, 0)
    meter.begin("reading labels")
    meter(3, 3)
    err = capsys.readouterr().err.splitlines()
    assert "reading labels: 3 of 3" in err[-1] and not any("of 0" in one for one in err)


def test_bytes_in_a_name_that_are_no_text_are_written_as_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    name = os.fsdecode(b"caf\xe9.jpg")
    Console(as_json=True).result({"where": name}, "")
    Console(as_json=True).error(f"{name}: expected a, found b")
    Console().result({}, name)
    out = capsys.readouterr().out.splitlines()
    assert json.loads(out[0]) == {"where": "caf\\xe9.jpg"}
    assert json.loads(out[1])["error"].startswith("caf\\xe9.jpg") and out[2] == "caf\\xe9.jpg"


def test_columns_are_as_wide_as_their_longest_cell() -> None:
    assert table([["a", "1"], ["long", "2"]], ["name", "n"]) == "name  n\na     1\nlong  2"
