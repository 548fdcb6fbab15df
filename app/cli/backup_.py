"""`backup`: the whole workspace as one file, while the app is used."""

import argparse
from dataclasses import asdict

from app.cli import paths
from app.cli.output import DONE, Console
from app.cli.prepare import prepare
from datasets.workspace import Workspace

HELP = "save database, masks, evaluations, runs and job queue into one file, while the app runs"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `backup` takes."""
    parser.add_argument("file", type=paths.given, metavar="FILE", help="a new tar file; it appears once it is complete")


def run(args: argparse.Namespace, console: Console) -> int:
    """Save, then say what is in it and what is not."""
    from pipelines.backup import saving

    workspace = Workspace.current()
    prepare(workspace, console)
    saved = saving.save(workspace, args.file, console.progress("backup"))
    held = f"{saved.samples:,} samples, {saved.runs:,} runs, {saved.files:,} files"
    lines = [f"{saved.path}: {saved.size / 2**20:,.1f} MB, {held}"]
    if saved.outside:
        lines.append(
            f"Not in it: the media of {saved.outside:,} samples, which lie outside {workspace.home}; save them yourself"
        )
    lines.append("Not in it either: weights, thumbnails, exports and the key of open sessions (`secret`)")
    if not saved.consistent:
        lines.append("The database was written to meanwhile, and is not ours to hold: its parts may differ by seconds")
    console.result(asdict(saved), "\n".join(lines))
    return DONE
