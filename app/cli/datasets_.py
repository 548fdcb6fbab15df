"""`datasets`: list, rename, delete, relocate; the catalog of public datasets."""

import argparse
from dataclasses import asdict
from pathlib import Path

from app.cli.output import DONE, Console, table
from app.cli.prepare import prepare
from datasets.workspace import Workspace

HELP = "list the datasets of this workspace"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `datasets` takes."""
    parser.add_argument("--delete", metavar="NAME", help="delete a dataset; its media stay")
    parser.add_argument("--rename", nargs=2, metavar=("NAME", "NEW"))
    parser.add_argument(
        "--relocate", nargs=3, metavar=("NAME", "OLD", "NEW"), help="its media were moved to another folder"
    )
    parser.add_argument("--catalog", action="store_true", help="public datasets that can be downloaded")
    parser.add_argument("--download", metavar="NAME", help="download a dataset of the catalog")


def run(args: argparse.Namespace, console: Console) -> int:
    """List, or do the one thing asked for, then list."""
    from datasets.exchange import catalog
    from datasets.storage import store

    if args.catalog:
        entries = catalog.entries()
        told = [{**asdict(e), "kinds": [one.name for one in e.kinds], "task": e.task} for e in entries]
        rows = [[e.name, e.task, e.size, e.licence] for e in entries]
        console.result({"catalog": told}, table(rows, ["name", "task", "size", "licence"]))
        return DONE
    prepare(Workspace.current(), console)
    if args.download:
        catalog.download(args.download, Workspace.current(), progress=console.progress("downloading"))
    if args.delete:
        store.delete(args.delete)
    if args.rename:
        store.rename(*args.rename)
    if args.relocate:
        _relocate(console, *args.relocate)
    found = store.list_datasets()
    rows = [
        [d.name, f"{d.count:,}", ", ".join(f"{k} {v:,}" for k, v in d.splits.items()), _some(d.classes)] for d in found
    ]
    text = table(rows, ["name", "samples", "splits", "classes"]) if rows else "no datasets yet; `import` brings one in"
    console.result({"datasets": [asdict(d) for d in found]}, text)
    return DONE


def _relocate(console: Console, name: str, old: str, new: str) -> None:
    from datasets.storage import relocating

    done = relocating.relocate(name, Path(old), Path(new), console.progress("relocating"))
    left = f"; {done.left:,} stay as they were, for nothing lies at their new place" if done.left else ""
    console.note(f"{done.changed:,} samples of {name} have their media below {new} now{left}")


def _some(names: tuple[str, ...], most: int = 6) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
