"""`export`: write a dataset or view in a known format."""

import argparse
from dataclasses import asdict

from app.cli import paths
from app.cli.output import DONE, Console
from app.cli.prepare import prepare
from app.cli.views import view_of
from datasets.exchange.formats.names import WRITTEN
from datasets.workspace import Workspace

HELP = "export a dataset or a view of it"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `export` takes."""
    parser.add_argument("dataset")
    parser.add_argument("path", type=paths.given, help="a new or empty folder")
    parser.add_argument("--format", default="coco", choices=WRITTEN, help="format to write (default: coco)")
    parser.add_argument("--field", default="ground_truth", help="the label field, or a field of predictions")
    parser.add_argument("--view", help="a saved view")
    parser.add_argument("--split", help="only these splits, comma separated")
    parser.add_argument("--media", choices=("link", "copy", "none"), default="copy")
    parser.add_argument("--force", action="store_true", help="replace an earlier export in the folder")


def run(args: argparse.Namespace, console: Console) -> int:
    """Write the files."""
    from datasets.exchange import exporting

    prepare(Workspace.current(), console)
    report = exporting.export(
        view_of(args.dataset, args.view, args.split),
        args.path,
        args.format,
        label_field=args.field,
        media=args.media,
        force=args.force,
        progress=console.progress("exporting"),
    )
    for finding in report.findings:
        console.note(str(finding))
    text = f"{report.samples:,} samples with {report.labels:,} labels as {report.format} in {report.folder}"
    console.result(asdict(report), text)
    return DONE
