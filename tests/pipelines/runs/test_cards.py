import yaml

from datasets.evaluation.cards import ObjectsCard, Report
from datasets.viewspec import Filter, ViewSpec
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.runs import cards
from pipelines.runs.reports import RunReport
from pipelines.runs.run import Run

CARD = ObjectsCard(protocol="COCO", max_detections={"map": 100})
REPORT = RunReport.of({"val": Report({"map": 0.30001, "tp": 3, "map_small": None}, {}, CARD)})


def made(workspace: Workspace, **changes: object) -> Run:
    config = registry.task("detection").resolve("fast", changes).model_dump(mode="json")
    view = ViewSpec(dataset="two words", filters=(Filter(field="tags", op="any_of", values=("a",)),))
    return Run.create(workspace, kind="train", name="Größe", task="detection", preset="fast", config=config, view=view)


def test_the_front_matter_is_yaml_that_names_the_run(workspace: Workspace) -> None:
    run = made(workspace)
    head = yaml.safe_load(cards.render(run).split("---\n")[1])
    assert (head["run"], head["task"], head["dataset"], head["kind"]) == (run.id, "detection", "two words", "train")


def test_only_options_that_differ_from_the_preset_are_listed(workspace: Workspace) -> None:
    run = made(workspace, epochs=3)
    assert cards.changed(run.request) == {"epochs": 3}
    text = cards.render(run, REPORT)
    assert "| `epochs` | `3` |" in text
    assert "`batch`" not in text


def test_figures_come_with_how_they_were_measured(workspace: Workspace) -> None:
    text = cards.render(made(workspace), REPORT)
    assert "| mAP | 0.3000 | higher |" in text
    assert "| Hits | 3 | higher |" in text
    assert "- max detections: {'map': 100}" in text
    assert "mAP small" not in text


def test_the_command_that_makes_it_again_is_quoted_for_a_shell(workspace: Workspace) -> None:
    text = cards.render(made(workspace, weights="none"))
    assert "python -m app train 'two words' --task detection --preset fast --set weights=" in text
