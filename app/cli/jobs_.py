"""`jobs`: the queue, one job, its log; cancel, resume, delete."""

import argparse
import time
from dataclasses import asdict

from app.cli.follow import follow
from app.cli.output import DONE, USAGE, Console, duration, table
from datasets.workspace import Workspace
from pipelines.jobs import queue
from pipelines.jobs.ledger import Job
from pipelines.runs.run import Run

HELP = "list jobs; show, cancel, resume or delete one"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `jobs` takes."""
    parser.add_argument("run", nargs="?", metavar="RUN")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--log", action="store_true", help="print the whole log")
    action.add_argument("--cancel", action="store_true", help="stop it; the best checkpoint is kept")
    action.add_argument("--resume", action="store_true", help="continue from the last checkpoint, on the same data")
    action.add_argument("--delete", action="store_true", help="delete an ended job and its run folder")
    parser.add_argument("--wait", action="store_true", help="show progress until the job ends")


def run(args: argparse.Namespace, console: Console) -> int:
    """List, or act on one job."""
    workspace = Workspace.current()
    if not args.run:
        if args.log or args.cancel or args.resume or args.delete or args.wait:
            console.error("expected the id of a run; `jobs` without options lists them")
            return USAGE
        found = queue.jobs(workspace)
        rows = [[j.run, j.state, j.kind, j.name, _age(j.created), _took(j)] for j in found]
        header = ["run", "state", "kind", "name", "asked for", "took"]
        console.result({"jobs": [asdict(j) for j in found]}, table(rows, header) if rows else "no jobs yet")
        return DONE
    return _one(args, Run.find(workspace, args.run), workspace, console)


def _one(args: argparse.Namespace, run: Run, workspace: Workspace, console: Console) -> int:
    if args.log:
        text = run.log.read_text(encoding="utf-8", errors="replace") if run.log.exists() else ""
        console.result({"run": run.id, "log": text}, text)
        return DONE
    if args.delete:
        queue.delete(workspace, run.id)
        console.result({"run": run.id, "state": "deleted"}, f"{run.id} deleted")
        return DONE
    offset = run.events.stat().st_size if args.resume and run.events.exists() else 0
    if args.cancel:
        queue.cancel(workspace, run.id)
    if args.resume:
        queue.resume(workspace, run.id)
    code = follow(workspace, run, console, offset) if args.wait else DONE
    job = queue.job(workspace, run.id)
    console.result({"job": asdict(job)}, f"{job.run}  {job.state}  {job.kind}  {job.name}")
    return code


def _age(created: float) -> str:
    return f"{duration(max(0.0, time.time() - created))} ago"


def _took(job: Job) -> str:
    if not job.started:
        return "-"
    return duration(max(0.0, (job.ended or time.time()) - job.started))
