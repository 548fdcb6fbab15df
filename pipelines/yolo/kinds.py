"""What a task of ours says about the task of Ultralytics that it uses. Imports no torch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """One of Ultralytics' tasks, in the hands of one of ours.

    `name` is Ultralytics' (detect, segment, classify), `task` ours; `figures` are the names of its validation figures,
    with ours; `preprocess(image_size)` says how an image becomes the model's input; `image_size` is the one of a file
    that names none.
    """

    name: str
    task: str
    label_kind: str
    figures: Mapping[str, str]
    preprocess: Callable[[int], dict[str, Any]]
    image_size: int = 640
