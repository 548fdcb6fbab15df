"""Reads the command line, runs one verb, and turns known errors into one line and an exit code."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from app.cli.output import FAILED, INTERRUPTED, NOT_FOUND, STOPPED, USAGE, Console
from datasets import faults
from datasets.errors import Cancelled, DatasetNotFound, DatasetsError
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
    args = _parser().parse_args(argv)
    console = Console(as_json=args.json)
    try:
        settle(Workspace(args.home.resolve()) if args.home else None)
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
    """Print a known error or a fault of the environment in one line. Re-raises others."""
    found = error if isinstance(error, PipelineError) else faults.told(error)
    if found is None:
        raise error
    try:
        console.error(str(found))
    except OSError:  # the output itself may be on the full disk
        return FAILED
    return next(code for kind, code in EXIT_CODES if isinstance(found, kind))


def _parser() -> argparse.ArgumentParser:
    from pathlib import Path

    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    shared.add_argument("--home", type=Path, help="workspace folder (default: FOVEAL_HOME, else ~/.foveal)")
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
