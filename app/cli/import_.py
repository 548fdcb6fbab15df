"""`import`: bring a folder or file of images and labels in."""

import argparse
from pathlib import Path

from app.cli.output import DONE, FAILED, Console
from app.cli.prepare import prepare
from datasets.workspace import Workspace

HELP = "import images and labels; media stay where they are"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `import` takes."""
    parser.add_argument("path", type=Path, help="a folder, a COCO json or a YOLO yaml")
    parser.add_argument("--name", help="name of the dataset (default: that of the folder)")
    parser.add_argument("--format", default="auto", help="auto, or one of the formats that an unknown name lists")
    parser.add_argument(
        "--splits", type=_fractions, help="train,val,test as fractions, when the source names none: 0.7,0.15,0.15"
    )
    parser.add_argument("--seed", type=int, default=51, help="of the split")
    parser.add_argument("--dry-run", action="store_true", help="show what would be imported, write nothing")


def run(args: argparse.Namespace, console: Console) -> int:
    """Preview, then ingest. Findings are told; errors of single images do not stop the rest."""
    from datasets import importing

    preview = importing.preview(args.path, args.format, progress=console.progress("looking at images"))
    for finding in preview.findings:
        console.note(str(finding))
    if args.dry_run:
        console.result({"preview": preview.as_dict()}, preview.text())
        return DONE
    prepare(Workspace.current(), console)
    name = args.name or args.path.resolve().stem
    report = importing.ingest(preview, name, splits=args.splits, seed=args.seed, progress=console.progress("importing"))
    console.result(report.as_dict(), report.text())
    return DONE if report.count else FAILED


def _fractions(text: str) -> tuple[float, float, float]:
    try:
        parts = tuple(float(part) for part in text.split(","))
    except ValueError:
        parts = ()
    if len(parts) != 3 or min(parts) < 0 or abs(sum(parts) - 1) > 1e-6:
        raise argparse.ArgumentTypeError(f"expected three fractions that add up to 1, as 0.7,0.15,0.15; found {text!r}")
    return (parts[0], parts[1], parts[2])
