"""`import`: what it says is what it stores; findings in groups; odd words on its command line."""

import os
from pathlib import Path

import pytest

from app.cli.output import DONE, FAILED
from datasets.storage import store
from tests.app.cli.calling import Caller
from tests.helpers import make_coco, make_image


def line(text: str, word: str) -> str:
    """What stands behind a word at the beginning of a line."""
    return next(one.removeprefix(word).strip() for one in text.splitlines() if one.startswith(word))


@pytest.mark.parametrize("shares", [(), ("--splits", "0,0,1"), ("--splits", "0.5,0.5,0")])
@pytest.mark.parametrize("stated", [True, False])
def test_the_splits_that_are_told_are_those_stored(
    call: Caller, tmp_path: Path, shares: tuple[str, ...], stated: bool
) -> None:
    source = make_coco(tmp_path, 9) if stated else tmp_path
    for number in range(0 if stated else 9):
        make_image(tmp_path / "ab"[number % 2] / f"{number}.png", seed=number)
    said = line(call.text("import", source, "--name", "mine", *shares), "splits")
    assert said == ", ".join(f"{name} {count}" for name, count in store.summary("mine").splits.items())
    dry = call("import", source, "--dry-run", *shares)["preview"]
    assert dry["splits"] == store.summary("mine").splits
    told = [one["code"] for one in dry["findings"]]
    drawn = [code for code in told if code == "own_split"]
    assert drawn == ["own_split"] * bool(shares or not stated)
    assert ("no_train_split" in told) == ("0,0,1" in shares)
    assert ("seed 51" in call.err) == bool(drawn)


def test_findings_come_in_groups_and_all_of_them_on_request(call: Caller, tmp_path: Path) -> None:
    make_image(tmp_path / "good.jpg")
    for number in range(7):
        (tmp_path / f"{number}.jpg").write_bytes(b"no image")
    found = call("import", tmp_path, "--dry-run")["preview"]
    bad = [one for one in call.err.splitlines() if "no image that Pillow knows" in one]
    assert len(bad) == 1 and "7 of this kind" in bad[0] and "--all-findings" in call.err
    group = next(one for one in found["groups"] if one["count"] == 7)
    assert len([one for one in found["findings"] if one["code"] == group["code"]]) == 7
    assert group["paths"] == [str(tmp_path / f"{number}.jpg") for number in range(7)]
    call("import", tmp_path, "--dry-run", "--all-findings")
    assert sum("no image that Pillow knows" in one for one in call.err.splitlines()) == 7


def test_the_preview_says_how_sure_it_is_and_what_else_it_could_be(call: Caller, tmp_path: Path) -> None:
    source = make_coco(tmp_path, 3)
    found = call("import", source, "--dry-run")["preview"]
    assert 0 < found["score"] <= 1
    for one in found["choices"]:
        assert one["format"] != found["format"] and one["score"] <= found["score"] and one["why"]
    text = call.text("import", source, "--dry-run")
    assert f"{found['score']:.0%} sure" in line(text, "format")
    assert [one.split()[1] for one in text.splitlines() if one.startswith("or ")] == [
        one["format"] for one in found["choices"]
    ]


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_a_source_of_which_nothing_is_left_is_an_error(call: Caller, tmp_path: Path, dry: tuple[str, ...]) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no image")
    answer = call("import", tmp_path, "--name", "mine", *dry)
    assert call.code == FAILED and "no image that Pillow knows" in answer["error"]
    assert call.err.splitlines()[-1] == f"error: {answer['error']}"
    assert store.names(hidden=True) == []


def test_a_table_of_classes_that_is_not_there_is_said_to_be_so(call: Caller, tmp_path: Path) -> None:
    make_image(tmp_path / "a.jpg")
    assert "found none at" in call("import", tmp_path, "--classes", tmp_path / "no.json")["error"]
    assert call.code == FAILED


def test_a_name_that_is_not_utf8_ends_nothing(call: Caller, tmp_path: Path) -> None:
    make_image(tmp_path / "ok.jpg")
    odd = tmp_path / os.fsdecode(b"caf\xe9.jpg")
    make_image(tmp_path / "other.jpg", seed=1).rename(odd)
    answer = call("import", tmp_path, "--name", "mine")
    assert call.code == DONE and answer["added"] == store.summary("mine").count == 1
    assert any("caf\\xe9.jpg" in one["where"] + one["found"] + "".join(one["paths"]) for one in answer["findings"])
    text = call.text("import", tmp_path, "--dry-run")
    assert "samples  1" in text
