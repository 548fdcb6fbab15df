"""The protocols of evaluation: one frozen table of the ways in which predictions are compared with labels.

A task names its protocols; engine and board follow from them. The functions say which protocol scores a kind of
labels, and which one made an evaluation that was stored before protocols had names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from datasets import kinds
from datasets.errors import EvaluationError
from datasets.evaluation import figures
from datasets.evaluation.figures import Figure
from datasets.kinds import Kind


@dataclass(frozen=True)
class Protocol:
    """One way of comparing.

    `title`: what is compared, in words. `kinds`: of the label fields that it scores. `engine`: the module that does,
    with `read(asked, progress) -> Scoring` and `look(path, split, confidence, iou) -> report`. `board`: the module of
    `app.views.boards` that shows it. `figures`: every one that its reports hold, the one to rank by first. `masks`:
    objects are compared by their masks, else by their boxes.
    """

    name: str
    title: str
    kinds: tuple[Kind, ...]
    engine: str
    board: str
    figures: tuple[Figure, ...]
    masks: bool = False


OBJECTS = Protocol(
    "objects", "boxes of objects", (kinds.DETECTIONS,), "datasets.evaluation.objects.engine", "objects", figures.OBJECTS
)
INSTANCES = Protocol(
    "instances",
    "masks of objects",
    (kinds.DETECTIONS,),
    "datasets.evaluation.objects.engine",
    "objects",
    figures.MASKS,
    masks=True,
)
POSES = Protocol(
    "key points", "key points of objects", (kinds.KEYPOINTS,), "datasets.evaluation.keypoints.engine", "objects",
    figures.KEYPOINTS,
)  # fmt: skip
ONE_CLASS = Protocol(
    "one class",
    "one class per image",
    (kinds.CLASSIFICATION,),
    "datasets.evaluation.classification.engine",
    "classes",
    figures.ONE_CLASS,
)
MANY_CLASSES = Protocol(
    "many classes", "any number of classes per image", (kinds.CLASSIFICATIONS,),
    "datasets.evaluation.multilabel.engine", "multilabel", figures.MANY_CLASSES,
)  # fmt: skip
SEMANTIC = Protocol(
    "semantic masks", "masks of whole images", (kinds.SEGMENTATION,), "datasets.evaluation.segmentation.engine",
    "segments", figures.SEMANTIC,
)  # fmt: skip

PROTOCOLS = MappingProxyType({one.name: one for one in (OBJECTS, INSTANCES, POSES, ONE_CLASS, MANY_CLASSES, SEMANTIC)})
# The kinds named in evaluations that were stored before every room used the names of the table.
_RENAMED: Mapping[str, str] = {"detection": kinds.DETECTIONS.name, "multilabel": kinds.CLASSIFICATIONS.name}


def protocol(name: str) -> Protocol:
    """The protocol of this name. Raises EvaluationError that lists the known ones."""
    found = PROTOCOLS.get(name)
    if found is None:
        raise EvaluationError(f"expected a protocol, one of {', '.join(PROTOCOLS)}; found {name!r}")
    return found


def scoring(kind: Kind, names: Sequence[str] = tuple(PROTOCOLS)) -> list[Protocol]:
    """The protocols, of these names alone, that score labels of a kind. Raises EvaluationError for unknown names."""
    return [one for one in map(protocol, names) if kind in one.kinds]


def chosen(kind: Kind, *, masks: bool) -> Protocol:
    """The protocol for labels of a kind when nobody names one; `masks`: whether both sides have masks of objects.

    Raises EvaluationError for labels that no protocol scores.
    """
    found = scoring(kind)
    if not found:
        known = dict.fromkeys(one.name for protocol in PROTOCOLS.values() for one in protocol.kinds)
        raise EvaluationError(f"expected labels of kind {', '.join(known)}, found {kind.name}")
    return next((one for one in found if one.masks == masks), found[0])


def told(about: Mapping[str, Any]) -> dict[str, Any]:
    """What is known about a stored evaluation, of any age, with its `kind` and `protocol` by their present names."""
    kind = about.get("kind", kinds.DETECTIONS.name)
    kind = _RENAMED.get(kind, kind)
    metrics = about.get("reports", {}).get("", {}).get("metrics", {})
    return {"protocol": chosen(kinds.kind(kind), masks="box_map" in metrics).name, **about, "kind": kind}
