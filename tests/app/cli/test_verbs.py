"""The verbs on a real database: what they print, and their exit codes."""

from pathlib import Path

import pytest

from app.cli.output import FAILED, NOT_FOUND, USAGE
from tests.app.cli.calling import Caller
from tests.helpers import make_coco, make_image


def test_import_list_export_import_again(call: Caller, tmp_path: Path) -> None:
    source = make_coco(tmp_path / "source", 6)
    first = call("import", source, "--name", "mine", "--splits", "0.5,0.25,0.25")
    assert (call.code, first["added"], first["skipped"]) == (0, 6, 0)
    assert call("import", source, "--name", "mine")["skipped"] == 6
    listed = call("datasets")["datasets"]
    assert [(one["name"], one["count"]) for one in listed] == [("mine", 6)]
    written = call("export", "mine", tmp_path / "out", "--format", "yolo")
    assert written["samples"] == 6
    again = call("import", tmp_path / "out", "--name", "again")
    assert again["classes"] == first["classes"]
    assert again["splits"] == written["splits"]


def test_classes_of_masks_are_named_by_a_file(call: Caller, tmp_path: Path) -> None:
    make_image(tmp_path / "in/images/a.jpg", (8, 8))
    make_image(tmp_path / "in/masks/a.png", (8, 8), mode="L")
    (tmp_path / "names.txt").write_text("".join(f"{value} grey {value}\n" for value in range(256)))
    found = call("import", tmp_path / "in", "--classes", tmp_path / "names.txt", "--dry-run")["preview"]
    assert (found["format"], found["masks"], len(found["classes"])) == ("mask_folders", 1, 256)
    assert "grey 7" in found["classes"] and {one["severity"] for one in found["findings"]} == {"note"}


def test_a_dry_run_writes_nothing(call: Caller, tmp_path: Path) -> None:
    found = call("import", make_coco(tmp_path / "source", 4), "--dry-run")
    assert found["preview"]["count"] == 4
    assert call("datasets")["datasets"] == []


def test_names_that_do_not_exist_have_their_own_exit_code(call: Caller) -> None:
    assert "known datasets: none yet" in call("export", "nothing", "somewhere")["error"]
    assert call.code == NOT_FOUND
    assert "expected the id of a run, found 'r0'" in call("evaluate", "nothing", "--run", "r0")["error"]
    assert call.code == NOT_FOUND


def test_wrong_options_are_refused_before_anything_starts(call: Caller, tmp_path: Path) -> None:
    call("import", make_coco(tmp_path / "source", 4), "--name", "mine")
    before = call("jobs")
    error = call("train", "mine", "--set", "epochs=none")["error"]
    assert call.code == USAGE
    assert "epochs" in error and "'none'" in error
    assert "expected a preset" in call("train", "mine", "--preset", "quick")["error"]
    assert call.code == USAGE
    assert call("jobs") == before


def test_a_source_without_images_fails(call: Caller, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "error" in call("import", tmp_path / "empty")
    assert call.code == FAILED


def test_fractions_must_add_up(call: Caller, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        call("import", tmp_path, "--splits", "0.5,0.5,0.5")
    assert stopped.value.code == USAGE


def test_a_weights_file_that_is_none_leaves_no_run(call: Caller, tmp_path: Path) -> None:
    call("import", make_coco(tmp_path / "source", 4), "--name", "mine")
    before = call("jobs")
    broken = tmp_path / "broken.pt"
    broken.write_bytes(b"not a checkpoint")
    assert "broken.pt" in call("predict", "--weights", broken, "--dataset", "mine")["error"]
    assert call.code == FAILED
    assert call("jobs") == before


def test_options_are_listed_with_the_models_for_which_they_act(call: Caller) -> None:
    listed = {one["option"]: one["acts_for"] for one in call("train", "--options", "--task", "detection")["options"]}
    assert (listed["mosaic"], listed["clip"], listed["epochs"]) == ("YOLO", "R-CNN", "all models")
    model = "model=fasterrcnn_resnet50_fpn_v2"
    here = {one["option"] for one in call("train", "--options", "--task", "detection", "--set", model)["options"]}
    assert "mosaic" not in here and "clip" in here
    call("train", "x", "--task", "detection", "--set", model, "--set", "mosaic=0.5")
    assert call.code == USAGE
    assert "acts for YOLO; leave it out" in call.err
    call("train")
    assert call.code == USAGE
