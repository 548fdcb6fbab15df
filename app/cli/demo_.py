"""`demo`: the whole loop in the terminal, on the embedded street scenes."""

import argparse
from dataclasses import asdict

from app.cli.follow import follow
from app.cli.numbers import port
from app.cli.output import DONE, Console, figures, table
from app.cli.prepare import prepare
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.jobs import asking

HELP = "train on the sample dataset street, predict, evaluate, show the worst images"
DATASET, TASK, PRESET = "street", registry.TASKS[0], "fast"
SHORT = {"image_size": 320, "epochs": 10, "close_mosaic": 3}  # a few minutes on two cores instead of ten


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `demo` takes."""
    parser.add_argument("--port", type=port, default=8501, help="port of the app, for the address of the review page")


def run(args: argparse.Namespace, console: Console) -> int:
    """Prepare, train, predict, evaluate; print figures, worst images and the address of the review page."""
    workspace = Workspace.current()
    prepare(workspace, console, samples=True)
    config = registry.task(TASK).resolve(PRESET, SHORT)
    job = asking.submit(
        workspace,
        kind="train",
        name=f"{DATASET} {PRESET} (demo)",
        task=TASK,
        preset=PRESET,
        config=config.model_dump(mode="json"),
        view=ViewSpec(dataset=DATASET),
    )
    code = follow(workspace, job, console)
    if code == DONE:
        _tell(job.id, args.port, console)
    return code


def _tell(run: str, port: int, console: Console) -> None:
    from datasets.review.objects import Review

    look = Review.open(DATASET, run).at("test")
    report, worst = look.report(), [asdict(image) for image in look.worst(size=5).rows]
    address = f"http://127.0.0.1:{port}/review?run={run}&dataset={DATASET}&split=test"
    measured = figures(registry.task(TASK).figures, report)
    images = table([[w["path"], str(w["fp"]), str(w["fn"])] for w in worst], ["worst images", "fp", "fn"])
    text = f"{measured}\n\n{images}\n\nReview: `make run`, open the address that it prints, then {address}"
    console.result({"run": run, "review": address, "worst": worst, **report.plain()}, text)
