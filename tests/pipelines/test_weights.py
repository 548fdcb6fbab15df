from dataclasses import dataclass
from pathlib import Path

import pytest

from datasets.workspace import Workspace
from pipelines import weights
from pipelines.config import Offer
from pipelines.errors import WeightsMissing
from pipelines.runs.events import EventWriter, read_events

pytestmark = pytest.mark.usefixtures("workspace")


def test_weights_are_found_in_the_workspace_by_model_or_file_name(workspace: Workspace) -> None:
    workspace.weights.mkdir()
    file = workspace.weights / "yolov8n.pt"
    file.write_bytes(b"x")
    assert weights.find("yolov8n", workspace=workspace) == file
    assert weights.find("yolov8n.pt", workspace=workspace) == file
    assert weights.find(str(file), workspace=workspace) == file


def test_further_folders_come_from_the_environment(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "more" / "yolo11n.pt"
    file.parent.mkdir()
    file.write_bytes(b"x")
    monkeypatch.setenv("FOVEAL_WEIGHTS", f"{tmp_path / 'none'}:{file.parent}")
    assert weights.find("yolo11n", workspace=workspace) == file


def test_further_names_count_as_the_weights_of_a_model(workspace: Workspace) -> None:
    offer = Offer("tiny", "tiny.safetensors", "https://example.org/tiny.safetensors", names=("tiny_*",))
    assert weights.look(offer, workspace) is None
    workspace.weights.mkdir()
    other = workspace.weights / "tiny_fp16.pth"
    other.write_bytes(b"x")
    assert weights.find("tiny", offer, workspace) == other
    own = workspace.weights / "tiny.safetensors"
    own.write_bytes(b"x")
    assert weights.find("tiny", offer, workspace) == own


def test_missing_weights_name_file_folder_and_address(workspace: Workspace) -> None:
    with pytest.raises(WeightsMissing) as caught:
        weights.find("yolov8n", workspace=workspace)
    words = str(caught.value)
    assert "yolov8n.pt" in words
    assert str(workspace.weights) in words
    assert "https://github.com/ultralytics/assets/releases/download/v8.4.0/yolov8n.pt" in words
    assert "allow_download" in words


def test_a_path_that_is_not_there_is_named(workspace: Workspace) -> None:
    with pytest.raises(WeightsMissing, match=r"nothing at /nowhere/w\.pt"):
        weights.find("/nowhere/w.pt", workspace=workspace)


def test_known_says_what_is_here(workspace: Workspace) -> None:
    workspace.weights.mkdir()
    (workspace.weights / "yolov8n.pt").write_bytes(b"x")
    here = {found.model for found in weights.known(workspace) if found.path}
    assert here == {"yolov8n"}
    assert all(found.url.startswith("https://") for found in weights.known(workspace))


def test_a_failed_download_leaves_nothing(workspace: Workspace, tmp_path: Path) -> None:
    absent = Offer("yolov8n", "yolov8n.pt", (tmp_path / "absent").as_uri())
    with pytest.raises(WeightsMissing, match=r"expected to fetch yolov8n\.pt"):
        weights.download(absent, workspace)
    assert list(workspace.weights.iterdir()) == []


def test_a_download_lands_in_the_workspace(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "yolov8n.pt").write_bytes(b"abc")
    offer = Offer("yolov8n", "yolov8n.pt", (tmp_path / "yolov8n.pt").as_uri())
    seen: list[tuple[int, int]] = []
    file = weights.download(offer, workspace, lambda done, total: seen.append((done, total)))
    assert file == workspace.weights / "yolov8n.pt"
    assert file.read_bytes() == b"abc"
    assert seen == [(3, 3)]


def test_a_download_with_the_wrong_content_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "a.pth").write_bytes(b"abc")
    offer = Offer("a", "a.pth", (tmp_path / "a.pth").as_uri(), sha256="dd69338a")
    with pytest.raises(WeightsMissing, match="SHA-256"):
        weights.download(offer, workspace)
    assert list(workspace.weights.iterdir()) == []


def test_file_names_are_those_of_torchvision_and_ultralytics() -> None:
    from torchvision.models import detection
    from ultralytics.utils.downloads import GITHUB_ASSETS_NAMES

    urls = {
        detection.FasterRCNN_ResNet50_FPN_V2_Weights.COCO_V1.url,
        detection.FasterRCNN_MobileNet_V3_Large_320_FPN_Weights.COCO_V1.url,
    }
    for found in weights.known():
        if found.task != "detection":
            continue
        assert found.url in urls or found.file in GITHUB_ASSETS_NAMES


@dataclass(frozen=True)
class Options:
    model: str = "tiny"
    weights: str = "auto"
    allow_download: bool = False


def test_start_follows_the_option(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "source.pth").write_bytes(b"abc")
    offer = Offer("tiny", "tiny.pth", (tmp_path / "source.pth").as_uri())
    events = EventWriter(tmp_path / "events.jsonl")
    assert weights.start(Options(weights="none"), offer, events) is None
    assert weights.start(Options(), None, events) is None
    assert read_events(tmp_path / "events.jsonl")[0] == []
    assert weights.start(Options(), offer, events) is None
    (finding,) = read_events(tmp_path / "events.jsonl")[0]
    assert (finding["code"], finding["expected"]) == ("from_scratch", "pretrained weights tiny.pth")
    with pytest.raises(WeightsMissing, match=r"tiny\.pth"):
        weights.start(Options(weights="pretrained"), offer, events)
    fetched = workspace.weights / "tiny.pth"
    assert weights.start(Options(allow_download=True), offer, events) == fetched
    assert weights.start(Options(), offer, events) == fetched
    assert weights.start(Options(weights=str(tmp_path / "source.pth")), offer, events) == tmp_path / "source.pth"
