import json
from pathlib import Path

import pytest

from pipelines.errors import CheckpointError
from pipelines.runs import checkpoints


def _save(folder: Path, content: bytes = b"weights") -> checkpoints.Checkpoint:
    file = folder / "w.pt"
    file.write_bytes(content)
    return checkpoints.save(
        folder / "checkpoint", file, task="detection", family="yolo", config={"epochs": 2}, classes=["a", "b"],
        preprocess={"image_size": 64}, metrics={"map": 0.5},
    )  # fmt: skip


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    saved = _save(tmp_path)
    found = checkpoints.load(tmp_path / "checkpoint")
    assert found == saved
    assert found.classes == ("a", "b")
    assert found.weights.read_bytes() == b"weights"
    assert found.sha256 == checkpoints.sha256(tmp_path / "w.pt")
    assert "torch" in found.versions


def test_a_checkpoint_from_before_kinds_predicts_boxes(tmp_path: Path) -> None:
    _save(tmp_path)
    file = tmp_path / "checkpoint" / "config.json"
    older = json.loads(file.read_text())
    del older["kind"]
    file.write_text(json.dumps(older))
    assert checkpoints.load(tmp_path / "checkpoint").kind == "detections"


def test_saving_again_replaces_the_whole_folder(tmp_path: Path) -> None:
    first = _save(tmp_path)
    assert _save(tmp_path, b"other").sha256 != first.sha256
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["checkpoint"]


@pytest.mark.parametrize("name", [*checkpoints.FILES, "w.pt"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    _save(tmp_path)
    (tmp_path / "checkpoint" / name).unlink()
    with pytest.raises(CheckpointError, match=name):
        checkpoints.load(tmp_path / "checkpoint")


def test_weights_that_were_changed_afterwards_are_not_used(tmp_path: Path) -> None:
    saved = _save(tmp_path)
    assert checkpoints.verified(saved) is saved
    saved.weights.write_bytes(b"of others")
    with pytest.raises(CheckpointError, match=r"w\.pt: expected the weights as they were written, found others"):
        checkpoints.verified(saved)


def test_weights_lie_in_the_folder_whatever_it_says(tmp_path: Path) -> None:
    _save(tmp_path)
    file = tmp_path / "checkpoint" / "versions.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "weights": str(tmp_path / "elsewhere" / "w.pt")}))
    assert checkpoints.load(tmp_path / "checkpoint").weights == tmp_path / "checkpoint" / "w.pt"


def test_deep_json_is_an_error(tmp_path: Path) -> None:
    _save(tmp_path)
    (tmp_path / "checkpoint" / "config.json").write_text("[" * 100_000)
    with pytest.raises(CheckpointError, match=r"expected a readable config\.json"):
        checkpoints.load(tmp_path / "checkpoint")
