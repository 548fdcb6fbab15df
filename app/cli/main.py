"""Reads the command line, runs one verb, and turns every error into one line and an exit code."""

import argparse
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from io import TextIOWrapper

from app.cli import paths
from app.cli.output import FAILED, INTERRUPTED, NOT_FOUND, STOPPED, USAGE, Console
from datasets import faults
from datasets.errors import Cancelled, DatasetNotFound, DatasetsError
from datasets.redacting import redacted
from datasets.workspace import Workspace, settle
from pipelines.errors import ConfigError, PipelineError, RunNotFound, UnknownPreset, UnknownTask

VERBS = (
    "serve",
    "import",
    "export",
    "datasets",
    "train",
    "predict",
    "evaluate",
    "jobs",
    "backup",
    "restore",
    "doctor",
    "demo",
)

TRACES = "errors.log"  # in the home: traces of errors that nobody foresaw
EXIT_CODES: tuple[tuple[type[Exception], int], ...] = (
    (DatasetNotFound, NOT_FOUND),
    (RunNotFound, NOT_FOUND),
    (Cancelled, STOPPED),
    (ConfigError, USAGE),
    (UnknownTask, USAGE),
    (UnknownPreset, USAGE),
    (DatasetsError, FAILED),
    (PipelineError, FAILED),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb. Returns the exit code; `app/cli/output.py` says what the codes mean."""
    _write_anything()
    args = _parser().parse_args(argv)
    console = Console(as_json=args.json)
    try:
        settle(Workspace(args.home.expanduser().resolve()) if args.home else None)
        return int(args.handler(args, console))
    except KeyboardInterrupt:
        console.note("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return FAILED
    except Exception as error:
        return _failed(error, console)


def _failed(error: Exception, console: Console) -> int:
    """Print an error in one line; the trace of one that nobody foresaw goes into a file of the workspace."""
    found = error if isinstance(error, PipelineError) else faults.told(error)
    try:
        console.error(str(found) if found else _unforeseen(error))
    except OSError:  # the output itself may be on the full disk
        return FAILED
    return next((code for kind, code in EXIT_CODES if isinstance(found, kind)), FAILED)


def _unforeseen(error: Exception) -> str:
    text = redacted("".join(traceback.format_exception(error)))
    log = Workspace.current().home / TRACES
    try:
        with log.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{datetime.now(UTC).isoformat('T', 'seconds')}\n{text}\n")
    except OSError:  # nowhere to keep it: then it is shown
        return f"something unexpected went wrong\n{text}"
    said = f"{type(error).__name__}: {faults.short(error)}"
    return f"expected the command to work, found a fault of Foveal's own ({said}); report it with the end of {log}"


def _write_anything() -> None:
    """A name that the encoding of the terminal lacks is written with escapes, not an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    shared.add_argument("--home", type=paths.given, help="workspace folder (default: FOVEAL_HOME, else ~/.foveal)")
    parser = argparse.ArgumentParser(
        prog="python -m app", description="Foveal: curate, label, train and review image datasets in one loop."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name in VERBS:
        module = import_module(f"app.cli.{name}_")
        verb = verbs.add_parser(name, parents=[shared], help=module.HELP, description=module.HELP)
        module.arguments(verb)
        verb.set_defaults(handler=module.run)
    return parser
