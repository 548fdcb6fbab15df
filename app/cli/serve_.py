"""`serve`: the web app."""

import argparse

from app.cli.output import DONE, Console
from datasets.workspace import Workspace

HELP = "serve the app in the browser"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `serve` takes."""
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; the default is this machine alone")
    parser.add_argument("--samples", action="store_true", help="make the missing sample datasets while the app runs")


def run(args: argparse.Namespace, console: Console) -> int:
    """Start the database, serve until interrupted; sample datasets are made meanwhile."""
    from app import server
    from app.cli.prepare import prepare

    prepare(Workspace.current(), console)
    console.note(f"Foveal: http://{args.host}:{args.port}  (stop with Ctrl+C)")
    server.serve(host=args.host, port=args.port, samples=args.samples)
    return DONE
