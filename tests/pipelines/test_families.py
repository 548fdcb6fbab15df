import threading
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest

from pipelines import families, registry
from pipelines.config import TaskConfig, option
from pipelines.errors import CheckpointError, ConfigError
from pipelines.families import Family
from pipelines.job import Job
from pipelines.runs.events import EventWriter, read_events
from pipelines.runs.run import Run
from pipelines.training import start

PREDICTING = frozenset({"device"})


class Tiny(TaskConfig):
    families: ClassVar[tuple[Family, ...]] = (
        Family("left", "Left", "nowhere", r"left\d", PREDICTING, inert=frozenset({"mosaic"})),
        Family("right", "Right", "nowhere", r"right\d", PREDICTING, absent={"optimizer": ("fast",)}),
    )
    model: str = option("right1", "the network")
    mosaic: float = option(1.0, "four images in one")
    optimizer: Literal["slow", "fast"] = option("slow", "how it learns")


def test_a_model_has_the_first_family_that_its_whole_name_matches() -> None:
    assert [families.of_model(Tiny.families, name) for name in ("left1", "right2", "left")] == [*Tiny.families, None]
    assert families.of_checkpoint(Tiny.families, "left") is Tiny.families[0]
    with pytest.raises(CheckpointError, match="one of left, right; found 'middle'"):
        families.of_checkpoint(Tiny.families, "middle")


def test_options_act_for_the_models_of_some_families() -> None:
    assert "mosaic" not in Tiny.acting("left1")
    assert "mosaic" in Tiny.acting("right1")
    assert families.titles(Tiny.families, "mosaic") == ("Right",)
    assert families.titles(Tiny.families, "optimizer") == ()


def test_what_was_given_must_act_and_what_a_preset_says_is_left_out() -> None:
    assert Tiny.merged({"mosaic": 0.5, "model": "right1"}, {"model": "left1"}) == {"model": "left1"}
    assert Tiny.merged({"mosaic": 0.5}, {"optimizer": "slow"}) == {"mosaic": 0.5, "optimizer": "slow"}
    with pytest.raises(
        ConfigError, match=r"'mosaic': .* acts for left1 \(Left\), found one that acts for Right; .*seed"
    ):
        Tiny.merged({}, {"model": "left1", "mosaic": 1.0})
    with pytest.raises(ConfigError, match=r"'optimizer': expected a choice that right1 \(Right\) has, found 'fast'"):
        Tiny.merged({}, {"optimizer": "fast"})


def stored(folder: Path, **options: Any) -> tuple[Tiny, list[str]]:
    folder.mkdir()
    run = Run(folder)
    job = Job(run, run.checkpoint, run.manifest, options, run.predictions, EventWriter(run.events), threading.Event())
    found = start.stored(Tiny, job)
    return found, [event["text"] for event in read_events(run.events)[0] if event["kind"] == "note"]


def test_options_that_an_earlier_run_stored_are_read(tmp_path: Path) -> None:
    found, notes = stored(tmp_path / "usual", **Tiny(model="left1", seed=7).model_dump())
    assert (found, notes) == (Tiny(model="left1", seed=7), [])
    found, notes = stored(tmp_path / "idle", model="left1", mosaic=0.25, gone=3)
    assert found == Tiny(model="left1")
    assert notes == ["options that do not act for this model are ignored: mosaic=0.25, gone=3"]
    with pytest.raises(ConfigError, match="optimizer"):
        stored(tmp_path / "wrong", optimizer="none")


@pytest.mark.parametrize(
    ("task", "model", "hidden"),
    [
        ("detection", "yolo11s", {"clip", "ema", "channels_last", "find_learning_rate", "processes"}),
        ("detection", "fasterrcnn_resnet50_fpn_v2", {"nominal_batch", "mosaic", "close_mosaic", "mixup"}),
        ("instances", "maskrcnn_resnet50_fpn_v2", {"nominal_batch", "mosaic", "close_mosaic", "mixup", "mask_ratio"}),
        ("classification", "resnet18", set()),
        ("segmentation", "tu-convnext_tiny", set()),
    ],
)
def test_the_table(task: str, model: str, hidden: set[str]) -> None:
    config = registry.task(task).config
    assert set(config.model_fields) - set(config.acting(model)) == hidden
    for name in registry.task(task).models:
        assert families.of_model(config.families, name)


def test_another_model_takes_a_preset_without_the_options_that_it_lacks() -> None:
    task = registry.task("detection")
    found = task.resolve("fast", {"model": "fasterrcnn_resnet50_fpn_v2"}).model_dump()
    assert (found["epochs"], found["close_mosaic"]) == (14, task.config.defaults()["close_mosaic"])
    assert registry.task("classification").resolve("accurate", {"model": "yolo11n-cls"}).model_dump()["mixup"] == 0
