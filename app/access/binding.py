"""What must be in place before others can reach the server: a password or the explicit wish for none, and warnings."""

import os
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path

from app.access import password, seal
from app.access.launch import LOOPBACK
from datasets import private
from datasets.errors import WorkspaceError
from datasets.workspace import Workspace

VARIABLE = "FOVEAL_PASSWORD"
WAYS = (
    f"start `python -m app serve --host ...` in a terminal to be asked for one, name a file of mode 0600 with "
    f"--password-file, or set {VARIABLE}; --insecure goes without"
)


def allowed(workspace: Workspace, host: str, *, encrypted: bool, insecure: bool) -> list[str]:
    """Warnings about serving on this host. Raises WorkspaceError where a password is needed and none is stored."""
    if host in LOOPBACK:
        return []
    kept = password.stored(workspace.home)
    if kept is None and not insecure:
        file = workspace.home / password.FILE
        raise WorkspaceError(file, f"a password, for {host} can be reached by other machines", "none", WAYS)
    return list(_warnings(host, encrypted, kept is not None))


def _warnings(host: str, encrypted: bool, has_password: bool) -> Iterator[str]:
    held = "the password or the address with its token" if has_password else "the address with its token alone"
    yield f"other machines can reach this server ({host}); {held} lets them read and change everything in it"
    if not encrypted:
        yield "what goes over the network can be read and changed there: give --tls-cert and --tls-key, or use a tunnel"


def keep_given(workspace: Workspace, file: Path | None = None) -> bool:
    """Store the hash of the password given by a file or the environment. Returns whether there was one."""
    given = _given(file)
    if given is not None:
        keep(workspace, given)
    return given is not None


def keep(workspace: Workspace, word: str) -> None:
    """Store the hash of a password; a changed password invalidates earlier cookies."""
    password.keep(workspace.home, word)
    seal.forget()


def _given(file: Path | None) -> str | None:
    """The password in a file of ours, else in the environment, from where it is removed; None when neither has one."""
    from_environment = os.environ.pop(VARIABLE, None)  # job processes do not need it
    if file is None:
        return from_environment or None
    content = private.read(file)
    if content is None:
        raise WorkspaceError(file, "a file with a password", "nothing", "write one there, of mode 0600")
    return content.decode("utf-8", "replace").rstrip("\r\n")


def can_ask() -> bool:
    """Whether there is a terminal to ask a person at."""
    return sys.stdin is not None and sys.stdin.isatty()


def unequal(home: Path) -> WorkspaceError:
    """The error for two typed passwords that differ."""
    return WorkspaceError(home / password.FILE, "the same password twice", "two different ones", "try again")


def certificate(file: Path | None, key: Path | None) -> tuple[Path, Path] | None:
    """Certificate and key to serve https with; None for neither. Raises WorkspaceError when they cannot be used."""
    if file is None and key is None:
        return None
    if file is None or key is None:
        given = file or key or Path()
        raise WorkspaceError(given, "--tls-cert and --tls-key", "one of them", "name the file of the other, too")
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(file, key, password=lambda: b"")
    except (OSError, ValueError) as error:
        raise WorkspaceError(file, f"a certificate (PEM) that fits the key {key}", str(error), "check both") from error
    return file, key
