"""The FiftyOne package, imported once and bound to this workspace's database."""

import sys
import warnings
from pathlib import Path
from typing import Any

from datasets.errors import DatabaseError
from datasets.redacting import redacted
from datasets.storage import database
from datasets.storage.layout import check_version


def fiftyone() -> Any:
    """The imported package, on this workspace's database (the first import takes seconds).

    Raises DatabaseError when it is bound to another database already, or its version is not tested.
    """
    check_version()
    uri = database.ensure()
    if "fiftyone" not in sys.modules:
        database.check()
    fo = _import_quietly()
    bound = fo.config.database_uri
    if bound != uri:
        raise DatabaseError(
            f"expected FiftyOne to use {redacted(uri)}, found it bound to {redacted(bound)} since its import; "
            "call datasets.storage.database.ensure() before fiftyone is imported, and use one workspace per process"
        )
    return fo


def download(zoo_name: str, folder: Path, **options: Any) -> None:
    """Download a data set of FiftyOne's zoo into `folder` and make a dataset of it; raises what its source raises."""
    fo = fiftyone()
    fo.config.dataset_zoo_dir = str(folder)
    from fiftyone import zoo

    zoo.load_zoo_dataset(zoo_name, **options)


def _import_quietly() -> Any:
    with warnings.catch_warnings():
        if "fiftyone" not in sys.modules:
            warnings.simplefilter("ignore")  # its dependencies emit deprecation warnings while they are imported
        import fiftyone
    return fiftyone
