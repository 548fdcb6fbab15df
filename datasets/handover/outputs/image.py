"""Output `image`: an image for each sample. The field of the run holds its path; FiftyOne's App shows it as media."""

from datasets.handover.outputs.base import Given, Written, adopt_images, check_images, check_once, check_samples
from datasets.kinds import IMAGE
from datasets.records import Finding, Progress
from datasets.storage import collection, schemas


def check(given: Given) -> list[Finding]:
    """Raises DatasetsError for images that cannot be read, and for samples that the dataset lacks."""
    check_once(given, "sample_id")
    check_images(given, needed=False)
    check_samples(given)
    return []


def declare(given: Given) -> None:
    """Add the field to the schema, as media. Raises FieldError when it holds something else."""
    schemas.declare(given.dataset, {given.field: IMAGE.name})


def write(given: Given, progress: Progress) -> Written:
    """Move the images into the workspace, and store their paths in the field; rows without an image clear it."""
    kept = adopt_images(given)
    rows = zip(kept.column("sample_id"), kept.column("image_path"), strict=True)
    changes = ((sample, {given.field: path}) for sample, path in rows)
    collection.update(given.dataset, changes, len(kept.table), progress)
    return Written(len(kept.table))


def remove(dataset: str, field: str) -> None:
    """Take the field away; the images stay in the workspace, where other fields may refer to them."""
    schemas.undeclare(dataset, [field])
