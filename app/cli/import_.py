"""`import`: bring a folder or file of images and labels in."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli import paths
from app.cli.output import DONE, FAILED, Console
from app.cli.prepare import prepare
from datasets.errors import FormatError
from datasets.exchange.formats.names import NAMES
from datasets.exchange.grouping import grouped, reasons
from datasets.exchange.splitting import DEFAULT_SEED
from datasets.records import Finding, split_rank
from datasets.workspace import Workspace, is_text

if TYPE_CHECKING:
    from datasets.exchange.previews import Preview

HELP = "import images and labels; media stay where they are"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `import` takes."""
    parser.add_argument("path", type=paths.given, help="a folder, a file of labels or of images, or an archive of them")
    parser.add_argument("--name", help="name of the dataset (default: that of the folder)")
    parser.add_argument("--format", default="auto", choices=("auto", *NAMES), help="format of the source")
    parser.add_argument(
        "--classes",
        type=paths.given,
        metavar="FILE",
        help="names of the values or colours of semantic masks: a json, csv, yaml or text file with one class per line",
    )
    parser.add_argument(
        "--splits", type=_fractions, help="train,val,test as fractions, when the source names none: 0.7,0.15,0.15"
    )
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="random seed of the split")
    parser.add_argument(
        "--add", action="store_true", help="add to a dataset of this name that was made from another source"
    )
    parser.add_argument(
        "--allow-outside",
        action="store_true",
        help="follow names that refer outside the source's folder (absolute, or by `..`), as listed in the findings",
    )
    parser.add_argument("--all-findings", action="store_true", help="every finding on a line, not one for each kind")
    parser.add_argument(
        "--images",
        type=paths.given,
        metavar="DIR",
        action="append",
        default=[],
        help="a folder with the images of labels that lie far from them; may be given again",
    )
    parser.add_argument(
        "--merge-names", action="store_true", help="one class of names that differ in capitals or blanks alone"
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="show what would be imported; nothing is written, but that archives are unpacked into the workspace",
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """Preview, then ingest. Findings are printed in groups; errors of single images do not stop the import."""
    from datasets.exchange import apart, importing, sketches
    from datasets.exchange.formats.common.bounds import EVERYWHERE
    from datasets.exchange.formats.masks import classtable

    if not is_text(args.path.absolute()):
        raise FormatError(f"{args.path}: expected a path in UTF-8, found other bytes in it; rename the folder")
    if args.classes and not args.classes.is_file():
        raise FormatError(f"--classes: expected a file with names of classes, found none at {args.classes}; check it")
    classes = classtable.read(args.classes) if args.classes else None
    looking = console.progress(sketches.SEARCHING)
    allowed = EVERYWHERE if args.allow_outside else ()
    images = _folders(args.images)
    found = apart.preview(
        args.path, args.format, looking, told=lambda now: looking.begin(now.stage), classes=classes, allowed=allowed,
        images=images, merge_names=args.merge_names,
    )  # fmt: skip
    found = importing.with_splits(found, args.splits or importing.AUTO, args.seed)
    _tell(found.findings, args, console)
    if not found.records or args.dry_run:
        return _shown(found, console)
    prepare(Workspace.current(), console)
    name = args.name or found.title
    report = importing.ingest(found, name, None, args.seed, console.progress("importing"), add=args.add)
    _tell(report.findings[len(found.findings) :], args, console)  # those that only drawing the masks brought up
    values = {**_described(found), **asdict(report), **_findings(report.findings)}
    skipped = f", {report.skipped:,} were there already" if report.skipped else ""
    text = _in_words(found, report.splits, report.findings)
    console.result(values, f"{text}\n{report.dataset}: {report.added:,} samples added{skipped}")
    return DONE


def _shown(found: "Preview", console: Console) -> int:
    """What a source holds, and nothing more; an error where that is nothing to import."""
    error = {} if found.records else {"error": reasons(found.findings)}
    console.result({"preview": _described(found), **error}, _in_words(found, found.splits, found.findings))
    for text in error.values():
        console.note(f"error: {text}")
    return FAILED if error else DONE


def _tell(findings: Sequence[Finding], args: argparse.Namespace, console: Console) -> None:
    groups = grouped(findings)
    lines = [line for group in groups for line in (map(str, group.findings) if args.all_findings else group.lines())]
    for line in lines:
        console.note(line)
    if len(lines) < len(findings):
        console.note(f"{len(findings):,} findings of {len(groups)} kinds; --all-findings lists them")


def _described(found: "Preview") -> dict[str, Any]:
    return {
        "path": found.path,
        "format": found.format,
        "why": found.why,
        "score": found.score,
        "choices": [{"format": one.format, "why": one.why, "score": one.score} for one in found.choices],
        "count": found.count,
        "labels": found.labels,
        "masks": found.masks,
        "classes": found.class_counts,
        "splits": found.splits,
        **_findings(found.findings),
    }


def _findings(findings: Sequence[Finding]) -> dict[str, Any]:
    return {"findings": [asdict(one) for one in findings], "groups": [one.plain() for one in grouped(findings)]}


def _in_words(found: "Preview", splits: Mapping[str, int], findings: Sequence[Finding]) -> str:
    classes = ", ".join(f"{name} {count:,}" for name, count in found.class_counts.items())
    parts = ", ".join(f"{name or 'none'} {splits[name]:,}" for name in sorted(splits, key=split_rank))
    return "\n".join(
        (
            f"format   {found.format} ({found.why}; {found.score:.0%} sure)",
            *(f"or       {one.format} ({one.why}; {one.score:.0%}): --format {one.format}" for one in found.choices),
            f"samples  {found.count:,}",
            f"labels   {found.labels:,}{f', {found.masks:,} with a mask' if found.masks else ''}",
            f"classes  {classes or 'none'}",
            f"splits   {parts or 'none'}",
            f"findings {len(findings):,}",
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
