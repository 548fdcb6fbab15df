"""Heat maps of an image, which regions support a class: Grad-CAM (Selvaraju et al. 2017), by Captum."""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.classification.config import Config
from pipelines.errors import CheckpointError, DataError
from pipelines.families import of_checkpoint
from pipelines.images import read_image
from pipelines.runs import checkpoints


def explain(checkpoint: Path, image: Path, class_name: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A map (h, w) in [0, 1] over the image as shown: high where the last feature map raises the logit of the class.

    The map is scaled so that its highest value is 1; it is 0 all over when nothing speaks for the class, and outside
    the middle part that the network sees. Raises CheckpointError for an unknown class or a network that has no map of
    features, DataError for an image that cannot be read.
    """
    found = checkpoints.load(checkpoint)
    if class_name not in found.classes:
        raise CheckpointError(
            f"{checkpoint}: expected a class of the model, one of {', '.join(found.classes[:20])}; found {class_name!r}"
        )
    pixels = read_image(str(image))
    if pixels is None:
        raise DataError(f"{image}: expected a readable image, found none")
    family = of_checkpoint(Config.families, found.family)
    explaining = import_module(f"{family.package}.explain")
    made: np.ndarray[Any, np.dtype[np.float32]] = explaining.explain(found, pixels, found.classes.index(class_name))
    return made
