"""`doctor`: is everything there that Foveal needs?"""

import argparse
from dataclasses import asdict

from app import doctor
from app.cli.output import DONE, FAILED, Console
from datasets.workspace import Workspace

HELP = "check database, disk, GPU, torch, weights and network use; --fix mends what can be mended"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `doctor` takes."""
    parser.add_argument("--fix", action="store_true", help="fetch a MongoDB server, remove half-done imports")


def run(args: argparse.Namespace, console: Console) -> int:
    """Print one line per check; exit with an error when one of them is an error."""
    workspace = Workspace.current()
    if args.fix:
        for done in doctor.fix(workspace):
            console.note(done)
    checks = doctor.examine(workspace)
    marks = {"ok": "ok     ", "warning": "warning", "error": "ERROR  "}
    lines = [
        f"{marks[c.state]}  {c.name}: {c.found}" + (f"\n         -> {c.action}" if c.action else "") for c in checks
    ]
    bad = any(check.state == "error" for check in checks)
    console.result({"ok": not bad, "checks": [asdict(c) for c in checks]}, "\n".join(lines))
    return FAILED if bad else DONE
