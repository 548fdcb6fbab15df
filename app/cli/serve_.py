"""`serve`: the web app."""

import argparse
from getpass import getpass

from app.access import binding, launch, password
from app.cli import paths
from app.cli.numbers import port
from app.cli.output import DONE, NOT_FOUND, Console
from datasets.workspace import Workspace

HELP = "serve the app in the browser"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `serve` takes."""
    parser.add_argument("--port", type=port, default=8501)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; the default is this machine alone")
    parser.add_argument("--samples", action="store_true", help="make the missing sample datasets while the app runs")
    parser.add_argument("--address", action="store_true", help="print the address of the running server, and exit")
    parser.add_argument("--new-password", action="store_true", help="ask for a password, and store its hash")
    parser.add_argument(
        "--password-file", type=paths.given, metavar="FILE", help="read the password from a file (mode 0600)"
    )
    parser.add_argument("--insecure", action="store_true", help="with --host: no password, the address is enough")
    parser.add_argument("--tls-cert", type=paths.given, metavar="FILE", help="certificate (PEM), to serve https")
    parser.add_argument("--tls-key", type=paths.given, metavar="FILE", help="its private key (PEM)")


def run(args: argparse.Namespace, console: Console) -> int:
    """Start the database, serve until interrupted; sample datasets are made meanwhile."""
    workspace = Workspace.current()
    if args.address:
        return _tell(workspace, console)
    from app import server
    from app.cli.prepare import prepare

    tls = binding.certificate(args.tls_cert, args.tls_key)
    _password(workspace, args, console)
    binding.allowed(workspace, args.host, encrypted=bool(tls), insecure=args.insecure)  # before the slow preparation
    prepare(workspace, console)
    server.serve(host=args.host, port=args.port, insecure=args.insecure, tls=tls, samples=args.samples)
    return DONE


def _tell(workspace: Workspace, console: Console) -> int:
    found = launch.running(workspace.home)
    if not found:
        console.error(f"no server runs on {workspace.home}; start one with `python -m app serve`")
        return NOT_FOUND
    console.result({"addresses": found}, "\n".join(found))
    return DONE


def _password(workspace: Workspace, args: argparse.Namespace, console: Console) -> None:
    """Store the password given by file, environment or prompt; ask for one if it is needed and none is stored."""
    if binding.keep_given(workspace, args.password_file):
        return
    missing = args.host not in launch.LOOPBACK and not args.insecure and password.stored(workspace.home) is None
    if args.new_password or (missing and binding.can_ask()):
        console.note(f"A password for {workspace.home}: whoever knows it may open, change and train everything there.")
        word = getpass("Password: ")
        if getpass("Once more: ") != word:
            raise binding.unequal(workspace.home)
        binding.keep(workspace, word)
