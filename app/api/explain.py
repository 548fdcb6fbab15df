"""`/api/explain`: heat maps of what in an image speaks for a class to a run's model; computed on request, then cached.

One map is computed at a time, since a model fills the memory; torch is imported into this process only then.
"""

import hashlib
import threading
from pathlib import Path
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from app.api.asked import image_path
from app.api.images import CHECKED
from app.api.problems import RequestError
from datasets.workspace import Workspace

SIDE = 512  # pixels of the longer side; a map is much coarser than its image
LOW, HIGH = (255, 214, 10), (214, 20, 40)  # yellow where little speaks for the class, red where most does
_one = threading.Lock()


async def heat(request: Request) -> Response:
    """A PNG to overlay on the image, transparent where nothing speaks for class `label` to the model of run `run`.

    A single transparent pixel says that nothing in the image does.
    """
    dataset, sample = request.path_params["dataset"], request.path_params["id"]
    run, label = (request.query_params.get(name, "") for name in ("run", "label"))
    file = await to_thread.run_sync(_file, (dataset, sample), run, label)
    return FileResponse(file, media_type="image/png", headers=CHECKED)


def _file(sample: tuple[str, str], run_id: str, label: str) -> Path:
    """The heat map on disk. Raises RunNotFound, CheckpointError, DataError, RequestError when the model makes none."""
    from pipelines import registry
    from pipelines.runs import checkpoints
    from pipelines.runs.run import Run

    home = Workspace.current()
    image, run = image_path(*sample), Run.find(home, run_id)
    target = _target(home, image, checkpoints.load(run.checkpoint).sha256, label)
    with _one:
        if target.exists():
            return target
        explain = registry.explainer(run.request.task)
        if explain is None:
            expected = "a task whose models tell what they look at"
            raise RequestError(404, "no map of heat", expected, run.request.task, "choose the run of another task")
        _write(painted(explain(run.checkpoint, image, label)), target)
    return target


def painted(heat: Any) -> Any:
    """A map (h, w) in [0, 1] as RGBA (h, w, 4) uint8 of at most SIDE pixels; one transparent pixel for an empty map."""
    import cv2
    import numpy as np

    if not heat.any():
        return np.zeros((1, 1, 4), np.uint8)
    height, width = heat.shape
    scale = min(1.0, SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(heat, size, interpolation=cv2.INTER_AREA)
    share = np.clip(small, 0, 1)[..., None]
    colour = np.array(LOW) * (1 - share) + np.array(HIGH) * share
    return np.dstack([colour, 255 * share]).round().astype(np.uint8)


def _target(home: Workspace, image: Path, model: str, label: str) -> Path:
    try:
        status = image.stat()
    except OSError as error:
        raise RequestError(
            404, "no image to explain", "an image file", str(error.strerror), "check the file"
        ) from error
    identity = f"{image}\0{status.st_mtime_ns}\0{status.st_size}\0{model}\0{label}".encode(errors="surrogateescape")
    return home.thumbnails / "heat" / f"{hashlib.blake2b(identity, digest_size=12).hexdigest()}.png"


def _write(picture: Any, target: Path) -> None:
    from PIL import Image

    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    Image.fromarray(picture, "RGBA").save(part, "PNG", compress_level=1)
    part.replace(target)
