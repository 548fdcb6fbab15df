"""`restore`: turn a backup into a workspace again."""

import argparse
from dataclasses import asdict

from app.cli import paths
from app.cli.output import DONE, Console
from app.cli.prepare import fetch
from datasets.storage import database, mongod
from datasets.workspace import Workspace, settle

HELP = "fill an empty workspace from the file of a backup"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `restore` takes."""
    parser.add_argument("file", type=paths.given, metavar="FILE")
    parser.add_argument(
        "--into", type=paths.given, metavar="HOME", help="an empty folder (default: the workspace, if empty)"
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """Check the file, fill the home, print what it holds now."""
    from pipelines.backup import restoring

    workspace = settle(Workspace(args.into.expanduser().resolve())) if args.into else Workspace.current()
    if database.status(workspace).ours and mongod.find_mongod(workspace) is None:
        fetch(workspace, console)
    found = restoring.restore(args.file, workspace, console.progress("restore"))
    held = f"{found.datasets} datasets with {found.samples:,} samples, {found.runs:,} runs"
    lines = [f"{found.home}: {held}, as of {found.made}"]
    if found.missing:
        where = "put them back, or tell their new place with `python -m app datasets --relocate`"
        lines.append(f"The media of {found.missing:,} samples are not where they were: {where}")
    lines.append(f"Open it: FOVEAL_HOME={found.home} python -m app serve")
    console.result(asdict(found), "\n".join(lines))
    return DONE
