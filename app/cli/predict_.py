"""`predict`: run a trained model, or any weights file, on a dataset."""

import argparse

from app.cli import paths
from app.cli.follow import follow
from app.cli.output import DONE, USAGE, Console
from app.cli.prepare import prepare
from app.cli.train_ import changes
from app.cli.views import view_of
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.jobs import asking, queue
from pipelines.runs.run import Run

HELP = "predict a dataset with the model of a run or with a weights file; predictions land in the field pred_<run>"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `predict` takes."""
    parser.add_argument("run", nargs="?", metavar="RUN", help="the run whose checkpoint is used")
    parser.add_argument(
        "--weights", type=paths.given, help="a weights file from elsewhere; it becomes a run; no code in it is executed"
    )
    parser.add_argument(
        "--task",
        default="",
        help=f"the task of the weights file, one of {', '.join(registry.TASKS)} (default: detected)",
    )
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--view", help="a saved view")
    parser.add_argument("--split", help="only these splits, comma separated (default: all)")
    parser.add_argument("--field", default="ground_truth", help="the label field to score against")
    parser.add_argument(
        "--set", action="append", default=[], metavar="OPTION=VALUE", help="change one option; repeatable"
    )
    parser.add_argument("--wait", action="store_true", help="show progress until the job ends")


def run(args: argparse.Namespace, console: Console) -> int:
    """Submit the job and print the id of the run whose predictions it makes."""
    if bool(args.run) == bool(args.weights):
        console.error("expected either the id of a run or --weights FILE")
        return USAGE
    workspace = Workspace.current()
    prepare(workspace, console)
    view = view_of(args.dataset, args.view, args.split)
    source = Run.find(workspace, args.run) if args.run else asking.adopt(workspace, args.weights, args.task, view)
    request = source.request
    job = asking.submit(
        workspace,
        kind="predict",
        name=f"{request.name} on {args.dataset}",
        task=request.task,
        changes=changes(args.set),
        view=view,
        label_field=args.field,
        source=source.id,
        splits=(),
    )
    code = follow(workspace, job, console) if args.wait else DONE
    state = queue.job(workspace, job.id).state
    console.result({"run": source.id, "job": job.id, "state": state, "field": source.field}, source.id)
    return code
