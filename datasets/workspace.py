"""Where a workspace keeps everything on disk, and the environment that third-party libraries need."""

import os
from dataclasses import dataclass
from pathlib import Path

from datasets import private
from datasets.errors import WorkspaceError
from datasets.limits import most_pixels

ROOT = Path(__file__).parents[1]  # the checkout; processes that we start run in it


@dataclass(frozen=True)
class Workspace:
    """The folder FOVEAL_HOME (default `~/.foveal`) and the places inside it."""

    home: Path

    @classmethod
    def current(cls) -> "Workspace":
        """The workspace named by FOVEAL_HOME, else `~/.foveal`; not created yet."""
        return cls(Path(os.environ.get("FOVEAL_HOME") or "~/.foveal").expanduser().resolve())

    @property
    def database(self) -> Path:
        """Data folder, log and socket of mongod."""
        return self.home / "database"

    @property
    def mongod(self) -> Path:
        """Folder of mongod binaries that were fetched for this workspace: `mongod/<version>/mongod`."""
        return self.home / "mongod"

    @property
    def runs(self) -> Path:
        """Run folders, one for each run."""
        return self.home / "runs"

    @property
    def jobs(self) -> Path:
        """SQLite file of the job queue."""
        return self.home / "jobs.sqlite"

    @property
    def thumbnails(self) -> Path:
        """Cached thumbnails; may be deleted at any time."""
        return self.home / "thumbnails"

    @property
    def samples(self) -> Path:
        """Media of the embedded sample datasets."""
        return self.home / "samples"

    @property
    def masks(self) -> Path:
        """Masks of labels, as PNG files."""
        return self.home / "masks"

    @property
    def images(self) -> Path:
        """Images that models made, named by their content."""
        return self.home / "images"

    @property
    def uploads(self) -> Path:
        """Images that came by way of a browser, named by their own name and their content."""
        return self.home / "uploads"

    @property
    def unpacked(self) -> Path:
        """What packed sources hold, by the hash of their content: `unpacked/<hash>/<name>`. Media of datasets."""
        return self.home / "unpacked"

    @property
    def evaluations(self) -> Path:
        """Outcome tables: `evaluations/<dataset id>/<run>.parquet`."""
        return self.home / "evaluations"

    @property
    def weights(self) -> Path:
        """Where pretrained weights are looked for, and downloaded to once a person allows it."""
        return self.home / "weights"

    @property
    def tracking(self) -> Path:
        """SQLite file of MLflow."""
        return self.home / "mlflow.sqlite"

    @property
    def exports(self) -> Path:
        """Where exports go unless a folder is named."""
        return self.home / "exports"

    def create(self) -> "Workspace":
        """Make the home folder, or close an existing one, for its owner alone. Returns self. Raises WorkspaceError."""
        if not is_text(self.home):
            raise WorkspaceError(self.home, "a folder with a name in UTF-8", "other bytes in it", "name another")
        private.folder(self.home)
        return self


def is_text(path: Path) -> bool:
    """Whether the name of a file is valid UTF-8: no other can be kept in the database, in JSON or in parquet."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:  # a byte that is none stands in it as half a surrogate pair, see `os.fsdecode`
        return False
    return True


# No code in a weights file is run, whoever opens it: Ultralytics reads text that it would evaluate, torch refuses
# anything but tensors. The environment of the caller cannot switch it off.
SAFE = {"ULTRALYTICS_SAFE_LOAD": "true", "TORCH_FORCE_WEIGHTS_ONLY_LOAD": "1"}


def quiet_environment(workspace: Workspace) -> dict[str, str]:
    """Variables that keep third-party libraries inside the workspace and off the network.

    Set them before fiftyone, ultralytics or albumentations are imported, and hand them to child processes.
    """
    return SAFE | {
        "FOVEAL_HOME": str(workspace.home),
        "FIFTYONE_DATABASE_VALIDATION": "false",
        "FIFTYONE_DO_NOT_TRACK": "1",
        "FIFTYONE_CONFIG_PATH": str(workspace.home / "fiftyone" / "config.json"),
        "FIFTYONE_APP_CONFIG_PATH": str(workspace.home / "fiftyone" / "app_config.json"),
        "FIFTYONE_DATABASE_DIR": str(workspace.database),
        "FIFTYONE_DEFAULT_DATASET_DIR": str(workspace.home / "fiftyone" / "datasets"),
        "FIFTYONE_DATASET_ZOO_DIR": str(workspace.home / "fiftyone" / "zoo"),
        "FIFTYONE_MODEL_ZOO_DIR": str(workspace.home / "fiftyone" / "models"),
        "FIFTYONE_PLUGINS_DIR": str(workspace.home / "fiftyone" / "plugins"),
        "FIFTYONE_SHOW_PROGRESS_BARS": "false",
        "OPENCV_IO_MAX_IMAGE_PIXELS": str(most_pixels()),
        "YOLO_AUTOINSTALL": "false",
        "YOLO_OFFLINE": "true",
        "YOLO_CONFIG_DIR": str(workspace.home / "ultralytics"),
        "NO_ALBUMENTATIONS_UPDATE": "1",
        "MPLCONFIGDIR": str(workspace.home / "matplotlib"),
        "TORCH_HOME": str(workspace.home / "torch"),
        "HF_HOME": str(workspace.home / "huggingface"),
        "HF_HUB_OFFLINE": "1",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }


def settle(workspace: Workspace | None = None) -> Workspace:
    """Create the workspace and set its environment in this process. Call first in every entry point."""
    here = (workspace or Workspace.current()).create()
    os.environ.update(quiet_environment(here))
    for name in ("FIFTYONE_PRIVATE_DATABASE_PORT", "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"):
        os.environ.pop(name, None)
    return here
