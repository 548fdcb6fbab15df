"""One class per image, as Ultralytics reads it: folders, one for each class, with links to its images."""

from pathlib import Path
from typing import Any

from pipelines.classification.config import Config
from pipelines.classification.data import Dataset, for_training
from pipelines.errors import ConfigError
from pipelines.job import Job
from pipelines.yolo.data import is_same, place, write_description
from pipelines.yolo.heads import CLASSIFY
from pipelines.yolo.lesson import Lesson

BATCH = 32


def classes(job: Job[Config]) -> Lesson:
    """The classes of a manifest. Raises DataError, and ConfigError for labels of several classes per image."""
    dataset, asked = for_training(job.manifest), job.config
    if dataset.many:
        raise ConfigError(
            f"option 'model': expected a network for many classes per image, found {asked.model}, which gives one; "
            "choose another model, such as resnet18"
        )
    sizes = {"batch": asked.batch or BATCH, "image_size": asked.image_size or CLASSIFY.image_size}
    config = asked.model_copy(update=sizes)
    splits = {name: dataset.split(name) for name in ("train", "val")}
    source = prepare(dataset, job.run.work / "data")
    return Lesson(dataset.classes, splits, source, config, arguments(config), last_layer=config.learn == "head")


def arguments(config: Config) -> dict[str, Any]:
    """Options of classification as Ultralytics' arguments; those that are empty keep its defaults."""
    given: dict[str, Any] = {"imgsz": config.image_size, "lr0": config.rate, "dropout": config.dropout}
    if config.crop is not None:
        given["scale"] = 1 - config.crop
    if config.mirror is not None:
        given["fliplr"] = config.mirror
    return given


def prepare(dataset: Dataset, folder: Path) -> Path:
    """Fill `folder` with `<split>/<class>/<link>`; returns it. A folder of the same revision is used again.

    Folders are named by the number of their class, because Ultralytics sorts them and a class may have any name. A
    class without images has an empty one: the model learns all classes of the dataset, in their order.
    """
    description = folder / "data.yaml"
    content = {"names": list(dataset.classes), "revision": dataset.revision}
    if is_same(description, content):
        return folder
    for split in ("train", "val"):
        for number in range(len(dataset.classes)):
            (folder / split / name(number)).mkdir(parents=True, exist_ok=True)
        samples = dataset.split(split)
        place(samples, [folder / split / name(sample.classes[0]) for sample in samples])
    write_description(description, content)
    return folder


def name(number: int) -> str:
    """The folder of a class."""
    return f"{number:05d}"
