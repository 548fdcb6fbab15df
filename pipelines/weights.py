"""Pretrained weights: what exists, where it lies on this machine, and how to fetch it when a person allowed that.

Who offers weights of a model is told by each task's `config.offer`; nothing here knows a model.
"""

import os
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from datasets.records import Finding
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.config import Offer
from pipelines.errors import WeightsMissing
from pipelines.registry import Task
from pipelines.runs.checkpoints import sha256
from pipelines.runs.events import EventWriter
from pipelines.runs.run import weights_folders

CHUNK = 1 << 20


class Starting(Protocol):
    """The options that decide what learning starts from."""

    @property
    def model(self) -> str:
        """The network."""

    @property
    def weights(self) -> str:
        """auto, pretrained, none, or the name or path of a file."""

    @property
    def allow_download(self) -> bool:
        """Whether missing weights may be fetched."""


@dataclass(frozen=True)
class Weights:
    """One pretrained file: its task, model and name, who offers it, and where it lies here (None: nowhere)."""

    task: str
    model: str
    file: str
    url: str
    path: Path | None


def folders(workspace: Workspace | None = None) -> list[Path]:
    """Where weights are looked for: `<home>/weights`, then the folders in FOVEAL_WEIGHTS (separated as in PATH)."""
    home = workspace or Workspace.current()
    return [home.weights, *map(Path, weights_folders())]


def known(workspace: Workspace | None = None) -> list[Weights]:
    """The pretrained weights of every model that a task suggests, with the file found for it on this machine."""
    return [
        Weights(task.name, model, offer.file, offer.url, look(offer, workspace))
        for task in map(registry.task, registry.TASKS)
        for model in task.models
        if (offer := task.offer(model))
    ]


def look(offer: Offer, workspace: Workspace | None = None) -> Path | None:
    """Where the weights of an offer lie here: by the name of its file, else by its further names; None for nowhere."""
    places = folders(workspace)
    for pattern in (offer.file, *offer.names):
        for folder in places:
            for path in sorted(folder.glob(pattern)):
                if path.is_file() and path.suffix != ".part":
                    return path
    return None


def find(name: str, offer: Offer | None = None, workspace: Workspace | None = None) -> Path:
    """The weights file of this model, file name or path; `offer` is that of the model, else what the tasks know.

    Raises WeightsMissing that names file, folders and address.
    """
    given = Path(name).expanduser()
    if given.is_absolute() or os.sep in name:
        if given.is_file():
            return given
        raise WeightsMissing(f"expected a weights file, found nothing at {given}; check the path")
    places = folders(workspace)
    for folder in places:
        if (folder / name).is_file():
            return folder / name
    offer = offer or _offered(name)
    found = look(offer, workspace) if offer else None
    if found is not None:
        return found
    file = offer.file if offer else name
    action = f"put the file into {places[0]}"
    if offer and offer.url:
        action += f" (from {offer.url}), or allow the download with allow_download=true"
    where = ", ".join(str(place) for place in places)
    raise WeightsMissing(f"expected the weights file {file} in {where}, found none; {action}")


def download(
    offer: Offer,
    workspace: Workspace | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Path:
    """Fetch the weights of an offer into `<home>/weights`. Call only when a person allowed it.

    `progress(done, total)` counts bytes. Raises WeightsMissing when the address cannot be reached, or the file there is
    another.
    """
    target = folders(workspace)[0] / offer.file
    if not offer.url:
        raise WeightsMissing(
            f"expected an address for {offer.file}, found none for {offer.model!r}; put the file into {target.parent}"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    try:
        _fetch(offer.url, part, progress)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise WeightsMissing(
            f"expected to fetch {offer.file} from {offer.url}, found {error}; put the file into {target.parent} by hand"
        ) from error
    if not sha256(part).startswith(offer.sha256):
        part.unlink()
        raise WeightsMissing(
            f"{offer.url}: expected a file whose SHA-256 begins with {offer.sha256}, found another; try again"
        )
    part.replace(target)
    return target


def start(config: Starting, offer: Offer | None, events: EventWriter) -> Path | None:
    """The file that learning starts from, None for from scratch; `offer` is that of `config.model`.

    By the option `weights`: `auto` takes pretrained weights when they are here, else it starts from scratch with a
    finding; `pretrained` needs them; `none` is from scratch; anything else names a file. Fetches only when allowed.
    Raises WeightsMissing.
    """
    if config.weights == "none" or (config.weights == "auto" and offer is None):
        return None
    name = config.model if config.weights in ("auto", "pretrained") else config.weights
    offer = offer if name == config.model else _offered(name)
    try:
        return find(name, offer)
    except WeightsMissing as missing:
        if config.allow_download and offer:
            return download(offer, progress=lambda done, total: events.beat("progress", done=done, total=total))
        if config.weights != "auto" or offer is None:
            raise
        finding = Finding(
            "warning", "from_scratch", str(folders()[0]), f"pretrained weights {offer.file}",
            "none: learning starts from scratch",
            f"{str(missing).partition('; ')[2]}; a model that starts from scratch needs many more images and epochs",
        )  # fmt: skip
        events.write("finding", **asdict(finding))
        return None


def check(task: Task, options: Mapping[str, Any], workspace: Workspace | None = None) -> None:
    """Raise WeightsMissing where a training with these options will not find the weights that it asks for."""
    asked, model = str(options.get("weights", "auto")), str(options.get("model", "auto"))
    if asked in ("auto", "none") or model == "auto":
        return
    name = model if asked == "pretrained" else asked
    offer = task.offer(model) if name == model else _offered(name)
    if not (offer and offer.url and options.get("allow_download")):
        find(name, offer, workspace)


def _offered(name: str) -> Offer | None:
    """What the tasks know of a model or of a file by its name."""
    offers = [
        (model, offer)
        for task in map(registry.task, registry.TASKS)
        for model in task.models
        if (offer := task.offer(model))
    ]
    return next((offer for model, offer in offers if name in (model, offer.file)), None)


def _fetch(url: str, target: Path, progress: Callable[[int, int], None]) -> None:
    with urllib.request.urlopen(url, timeout=30) as source, target.open("wb") as file:  # noqa: S310 - constant https
        total, done = int(source.headers.get("Content-Length") or 0), 0
        while chunk := source.read(CHUNK):
            file.write(chunk)
            done += len(chunk)
            progress(done, total)
    if total and done != total:
        raise OSError(f"{done} of {total} bytes")
