"""`report.json`, of this version and of earlier ones, and the figures of a run."""

import json

from datasets.evaluation import figures
from datasets.evaluation.cards import Card, ObjectsCard, Report
from datasets.workspace import Workspace
from pipelines.runs import checkpoints, reports
from pipelines.runs.reports import RunReport
from pipelines.runs.run import Run


def made(workspace: Workspace, task: str = "detection") -> Run:
    return Run.create(workspace, kind="train", name="a", task=task, config={}, view=None)


def part(value: float, split: str) -> Report[Card]:
    return Report({"map": value}, {"cat": {"ap": value}}, ObjectsCard(protocol="COCO", split=split))


def test_test_stands_for_the_run_and_all_splits_are_kept(workspace: Workspace) -> None:
    run = made(workspace)
    report = RunReport.of({"": part(0.3, "all"), "val": part(0.4, "val"), "test": part(0.5, "test")})
    reports.write(run, report)
    stored = json.loads(run.report.read_text())
    assert set(stored) == {"split", "metrics", "per_class", "card", "splits"}
    assert (stored["split"], stored["metrics"], set(stored["splits"])) == ("test", {"map": 0.5}, {"", "val", "test"})
    found = reports.read(run)
    assert found == report
    assert found and list(found.shown) == ["test", "val", "all"]


def test_a_report_of_one_part_is_read(workspace: Workspace) -> None:
    run = made(workspace)
    assert reports.read(run) is None
    run.report.write_text('{"metrics": {"map": 0.25, "map_small": null}}')
    found = reports.read(run)
    assert found and found.headline.metrics["map"] == 0.25 and list(found.shown) == ["all"]
    run.report.write_text("{")
    assert reports.read(run) is None


def test_figures_are_those_of_the_labels_that_a_run_was_made_for(workspace: Workspace) -> None:
    assert reports.figures_of(made(workspace)) == figures.OBJECTS
    assert reports.figures_of(made(workspace, "instances")) == figures.MASKS
    run = made(workspace, "classification")
    assert reports.figures_of(run) == figures.merged([figures.ONE_CLASS, figures.MANY_CLASSES])
    weights = run.folder / "w.pt"
    weights.write_bytes(b"w")
    checkpoints.save(
        run.checkpoint, weights, task="classification", family="network", config={}, classes=["a"], preprocess={},
        metrics={}, kind="classifications",
    )  # fmt: skip
    assert reports.figures_of(run) == figures.MANY_CLASSES
