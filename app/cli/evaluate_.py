"""`evaluate`: score the predictions of a run."""

import argparse

from app.cli import numbers
from app.cli.output import DONE, Console, figures
from app.cli.prepare import prepare
from datasets.evaluation.protocols import PROTOCOLS
from datasets.evaluation.thresholds import IOU
from datasets.views import splits
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines.runs import reports
from pipelines.runs.run import Run

HELP = "score the predictions of a run against the labels"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `evaluate` takes."""
    parser.add_argument("dataset")
    parser.add_argument("--run", required=True, dest="run_id")
    parser.add_argument("--split", help="one split (default: all with predictions)")
    parser.add_argument("--field", default="ground_truth", help="the label field to score against")
    parser.add_argument(
        "--confidence", type=numbers.share, help="threshold for precision, recall and F1 (default: by kind of labels)"
    )
    parser.add_argument(
        "--protocol", default="", choices=tuple(PROTOCOLS), help="how to compare (default: by the run's task)"
    )
    parser.add_argument("--iou", type=numbers.overlap, default=IOU, help="IoU threshold for precision, recall and F1")


def run(args: argparse.Namespace, console: Console) -> int:
    """Score and print the figures."""
    from datasets.evaluation import engines
    from pipelines import scoring

    workspace = Workspace.current()
    prepare(workspace, console)
    found = Run.find(workspace, args.run_id)
    if args.split:
        splits.check(ViewSpec(dataset=args.dataset).of_splits(args.split))
    meter = console.progress("scoring")
    scoring.evaluate(found, args.dataset, args.field, args.protocol, meter).report(args.split)
    report = engines.look(args.dataset, found.id, args.split, confidence=args.confidence, iou=args.iou)
    console.result(report.plain(), figures(reports.figures_of(found), report))
    return DONE
