"""`import`: bring a folder or file of images and labels in."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.output import DONE, Console
from app.cli.prepare import prepare
from datasets.errors import FormatError
from datasets.exchange.formats.names import NAMES
from datasets.records import SPLITS
from datasets.workspace import Workspace

if TYPE_CHECKING:
    from datasets.exchange import importing

HELP = "import images and labels; media stay where they are"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `import` takes."""
    parser.add_argument("path", type=Path, help="a folder, a COCO json, a YOLO yaml or a csv of labels")
    parser.add_argument("--name", help="name of the dataset (default: that of the folder)")
    parser.add_argument("--format", default="auto", choices=("auto", *NAMES), help="format of the source")
    parser.add_argument(
        "--classes",
        type=Path,
        metavar="FILE",
        help="names of the values or colours of semantic masks: a json, csv, yaml or text file with one class per line",
    )
    parser.add_argument(
        "--splits", type=_fractions, help="train,val,test as fractions, when the source names none: 0.7,0.15,0.15"
    )
    parser.add_argument("--seed", type=int, default=51, help="random seed of the split")
    parser.add_argument(
        "--add", action="store_true", help="add to a dataset of this name that was made from another source"
    )
    parser.add_argument(
        "--allow-outside",
        action="store_true",
        help="follow names that refer outside the source's folder (absolute, or by `..`), as listed in the findings",
    )
    parser.add_argument(
        "--images",
        type=Path,
        metavar="DIR",
        action="append",
        default=[],
        help="a folder with the images of labels that lie far from them; may be given again",
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would be imported, write nothing")


def run(args: argparse.Namespace, console: Console) -> int:
    """Preview, then ingest. Findings are printed; errors of single images do not stop the import."""
    from datasets.exchange import apart, importing
    from datasets.exchange.formats.common.bounds import EVERYWHERE
    from datasets.exchange.formats.masks import classtable

    classes = classtable.read(args.classes) if args.classes else None
    looking = console.progress("looking at images")
    allowed = EVERYWHERE if args.allow_outside else ()
    images = _folders(args.images)
    found = apart.preview(args.path, args.format, progress=looking, classes=classes, allowed=allowed, images=images)
    for finding in found.findings:
        console.note(str(finding))
    if args.dry_run:
        found = importing.with_splits(found, args.splits or importing.AUTO, args.seed)
        console.result({"preview": _described(found)}, _in_words(found))
        return DONE
    prepare(Workspace.current(), console)
    name = args.name or args.path.resolve().stem
    report = importing.ingest(
        found, name, args.splits or importing.AUTO, args.seed, console.progress("importing"), add=args.add
    )
    for finding in report.findings[len(found.findings) :]:  # findings that only drawing the masks brought up
        console.note(str(finding))
    values = {**_described(found), **asdict(report), "findings": [asdict(one) for one in report.findings]}
    skipped = f", {report.skipped:,} were there already" if report.skipped else ""
    console.result(values, f"{_in_words(found)}\n{report.dataset}: {report.added:,} samples added{skipped}")
    return DONE


def _described(found: "importing.Preview") -> dict[str, Any]:
    return {
        "path": found.path,
        "format": found.format,
        "count": found.count,
        "labels": found.labels,
        "masks": found.masks,
        "classes": found.class_counts,
        "splits": found.splits,
        "findings": [asdict(one) for one in found.findings],
    }


def _in_words(found: "importing.Preview") -> str:
    classes = ", ".join(f"{name} {count:,}" for name, count in found.class_counts.items())
    order = [*SPLITS, *(name for name in found.splits if name not in SPLITS)]
    splits = ", ".join(f"{name or 'none'} {found.splits[name]:,}" for name in order if name in found.splits)
    return "\n".join(
        (
            f"format   {found.format} ({found.why})",
            f"samples  {found.count:,}",
            f"labels   {found.labels:,}{f', {found.masks:,} with a mask' if found.masks else ''}",
            f"classes  {classes or 'none'}",
            f"splits   {splits}",
            f"findings {len(found.findings)}",
        )
    )


def _folders(given: Sequence[Path]) -> tuple[Path, ...]:
    """Folders as absolute paths. Raises FormatError for one that is not there."""
    found = tuple(one.expanduser().absolute() for one in given)
    for one in found:
        if not one.is_dir():
            raise FormatError(f"--images: expected a folder, found none at {one}; check the path")
    return found


def _fractions(text: str) -> tuple[float, float, float]:
    try:
        parts = tuple(float(part) for part in text.split(","))
    except ValueError:
        parts = ()
    if len(parts) != 3 or min(parts) < 0 or abs(sum(parts) - 1) > 1e-6:
        raise argparse.ArgumentTypeError(f"expected three fractions that add up to 1, as 0.7,0.15,0.15; found {text!r}")
    return (parts[0], parts[1], parts[2])
