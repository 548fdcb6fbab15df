"""What a screen shows about a dataset: its label fields in order, and the classes that get colours."""

from collections.abc import Mapping

from datasets.fieldnames import is_prediction
from datasets.kinds import kind
from datasets.storage import handle, store
from datasets.storage.store import DatasetSummary
from datasets.views import pages
from datasets.viewspec import ViewSpec


def label_fields(about: DatasetSummary) -> list[str]:
    """Label fields: `ground_truth` first, then other labels, then predictions."""
    return sorted(about.label_fields, key=lambda name: (is_prediction(name), name != "ground_truth", name))


def main_classes(about: DatasetSummary) -> dict[str, int]:
    """Labels by class in the first label field: the main classes of the dataset."""
    named = [name for name in label_fields(about) if name in about.class_counts and not is_prediction(name)]
    return dict(about.class_counts[named[0]]) if named else {}


def whole_masks(about: DatasetSummary) -> set[str]:
    """Label fields whose masks cover whole images, and so everything drawn below them."""
    return {field for field, name in about.label_fields.items() if kind(name).whole_mask}


def legend(spec: ViewSpec, field: str, patience: float | None = None) -> Mapping[str, int | None]:
    """The classes of a label field with the number of their labels in a view, most frequent first.

    Without numbers where masks cover whole images, and until they are counted (`pages.class_counts`).
    """
    dataset = handle.of(spec.dataset)
    about = store.summary(dataset, patience=patience)
    if kind(about.label_fields[field]).whole_mask:
        return dict.fromkeys(dataset.targets(field).values())
    uncounted = dict.fromkeys(about.class_counts.get(field, ()))
    return pages.class_counts(spec, field, patience=patience, meanwhile=uncounted, dataset=dataset)


def coloured_classes(dataset: str, patience: float | None = None) -> list[str]:
    """The classes of a dataset that get colours: those of its labels and those named in its semantic masks."""
    found = handle.of(dataset, any_version=True)
    about = store.summary(found, patience=patience)
    masks = [name for field in whole_masks(about) for name in found.targets(field).values()]
    return list(dict.fromkeys([*about.classes, *masks]))
