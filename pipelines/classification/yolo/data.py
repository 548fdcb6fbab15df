"""A classification dataset as the folders that Ultralytics reads: one for each class, with links to its images."""

from pathlib import Path

from pipelines.classification.data import Dataset
from pipelines.yolo.data import is_same, link, write_description


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
        for rank, sample in enumerate(dataset.split(split)):
            link(sample, rank, folder / split / name(sample.classes[0]))
    write_description(description, content)
    return folder


def name(number: int) -> str:
    """The folder of a class."""
    return f"{number:05d}"
