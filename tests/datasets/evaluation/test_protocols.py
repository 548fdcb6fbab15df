"""Protocols: which scores what, and how evaluations of before they had names are read."""

from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pytest

from datasets import kinds
from datasets.errors import EvaluationError
from datasets.evaluation import protocols, stored
from datasets.evaluation.protocols import INSTANCES, MANY_CLASSES, OBJECTS, ONE_CLASS, PROTOCOLS, SEMANTIC, Protocol


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=list(PROTOCOLS))
def test_engine_and_board_of_every_protocol_exist(protocol: Protocol) -> None:
    assert find_spec(protocol.engine)
    assert find_spec(f"app.views.boards.{protocol.board}")
    assert protocol.kinds and all(kind.labels for kind in protocol.kinds)


def test_the_protocol_of_objects_follows_their_masks_and_no_other_does() -> None:
    assert protocols.chosen(kinds.DETECTIONS, masks=False) == OBJECTS
    assert protocols.chosen(kinds.DETECTIONS, masks=True) == INSTANCES
    for masks in (False, True):
        assert protocols.chosen(kinds.SEGMENTATION, masks=masks) == SEMANTIC


def test_of_several_names_those_that_score_the_kind_are_taken() -> None:
    names = ("one class", "many classes")
    assert protocols.scoring(kinds.CLASSIFICATIONS, names) == [MANY_CLASSES]
    assert protocols.scoring(kinds.CLASSIFICATION, names) == [ONE_CLASS]
    assert protocols.scoring(kinds.DETECTIONS, names) == []


def test_what_cannot_be_scored_is_told_with_what_can() -> None:
    with pytest.raises(EvaluationError, match=r"kind detections, .*segmentation, found polylines"):
        protocols.chosen(kinds.POLYLINES, masks=False)
    with pytest.raises(EvaluationError, match=r"one of objects, .*; found 'boxes'"):
        protocols.protocol("boxes")


BEFORE = [  # metadata of evaluations as they were stored before protocols had names
    ({}, "detections", OBJECTS),
    ({"kind": "detection", "reports": {"": {"metrics": {"map": 0.5}}}}, "detections", OBJECTS),
    ({"kind": "detection", "reports": {"": {"metrics": {"map": 0.5, "box_map": 0.6}}}}, "detections", INSTANCES),
    ({"kind": "multilabel", "label_kind": "classifications"}, "classifications", MANY_CLASSES),
    ({"kind": "classification", "label_kind": "classification"}, "classification", ONE_CLASS),
    ({"kind": "segmentation", "label_kind": "segmentation"}, "segmentation", SEMANTIC),
]  # fmt: skip


@pytest.mark.parametrize(("about", "kind", "protocol"), BEFORE)
def test_a_stored_evaluation_of_before_has_its_kind_and_protocol(
    about: dict[str, object], kind: str, protocol: Protocol, tmp_path: Path
) -> None:
    file = tmp_path / "r1.parquet"
    stored.write(pa.table({"sample_id": ["a", "b"]}), about, file)
    known = stored.read_about(file)
    assert (known["kind"], known["protocol"], known["samples"]) == (kind, protocol.name, 2)
    columns, _ = stored.read(file, kind)
    assert columns.num_rows == 2
    other = kinds.SEGMENTATION.name if protocol is not SEMANTIC else kinds.DETECTIONS.name
    with pytest.raises(EvaluationError, match=f"of kind {other} at .*, found one of kind {kind}"):
        stored.read(file, other)
