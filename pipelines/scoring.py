"""Score the predictions of a run by the protocol that its task declares."""

from typing import TYPE_CHECKING

from datasets.records import Progress, no_progress
from pipelines import registry
from pipelines.runs.run import Run

if TYPE_CHECKING:
    from datasets.evaluation.engines import Evaluation


def evaluate(
    source: Run, dataset: str, label_field: str, protocol: str = "", progress: Progress = no_progress
) -> "Evaluation":
    """Score what the model of this run predicted on a dataset, by its task's protocol unless another is named.

    Raises what `engines.evaluate` raises.
    """
    from datasets.evaluation import engines

    by = protocol or protocol_of(source.request.task, dataset, label_field)
    return engines.evaluate(dataset, source.id, source.field, label_field, protocol=by, progress=progress)


def protocol_of(task: str, dataset: str, label_field: str) -> str:
    """Name of the protocol by which a task is scored on a label field; "" where the labels must tell it.

    They must where none of the task's protocols scores their kind, or where masks should be compared and no label has
    one.
    """
    from datasets.evaluation import protocols
    from datasets.handover import learnable
    from datasets.kinds import kind
    from datasets.storage import store

    held = store.summary(dataset).label_fields.get(label_field)
    fitting = protocols.scoring(kind(held), registry.task(task).protocols) if held else []
    return next((one.name for one in fitting if not one.masks or learnable.has_masks(dataset, label_field)), "")
