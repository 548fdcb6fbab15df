"""What every task declares, for every kind of labels that it learns from."""

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from datasets import kinds
from datasets.evaluation import protocols
from pipelines import registry, worker
from pipelines.errors import CheckpointError, ConfigError
from pipelines.jobs import execution, steps
from pipelines.runs.run import JobKind, Run

TASKS = [registry.task(name) for name in registry.TASKS]
PAIRS = [(task, name) for task in TASKS for name in task.label_kinds]


@pytest.mark.parametrize("task", TASKS, ids=registry.TASKS)
def test_a_task_declares_what_it_takes_and_what_it_makes(task: registry.Task) -> None:
    assert task.input in get_args(registry.Input)
    assert task.output in get_args(registry.Output)


@pytest.mark.parametrize(("task", "name"), PAIRS, ids=[f"{task.name}-{name}" for task, name in PAIRS])
def test_one_protocol_of_a_task_scores_each_kind_of_its_labels(task: registry.Task, name: str) -> None:
    assert len(protocols.scoring(kinds.kind(name), task.protocols)) == 1


@pytest.mark.parametrize("task", TASKS, ids=registry.TASKS)
@pytest.mark.parametrize("name", kinds.KINDS)
def test_a_task_learns_from_and_is_scored_on_the_same_kinds(task: registry.Task, name: str) -> None:
    scored = bool(protocols.scoring(kinds.kind(name), task.protocols))
    assert scored == (name in task.label_kinds)
    assert not (scored and not kinds.kind(name).labels)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"input": "videos"}, "detection: expected INPUT to be one of labelled images, .*; found 'videos'"),
        ({"output": "boxes"}, "detection: expected OUTPUT to be one of labels, image, frames, samples; found 'boxes'"),
        ({"protocols": ("boxes",)}, "PROTOCOLS to be one of objects, .*; found 'boxes'"),
        ({"label_kinds": ("multilabel",)}, "LABEL_KINDS to be one of detections, .*; found 'multilabel'"),
        ({"protocols": ("one class",)}, r"scores detections, found \('one class',\); choose one of objects, instances"),
        ({"label_kinds": ("polylines",)}, "scores polylines, .*no protocol does"),
    ],
)
def test_a_declaration_that_stands_in_no_table_is_refused_with_those_that_do(
    changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        registry._check(replace(registry.task("detection"), **changes))


def test_every_kind_of_job_has_its_steps(workspace: Any) -> None:
    assert set(steps.STEPS) == set(get_args(JobKind))
    for kind, ours in steps.STEPS.items():
        run = Run.create(workspace, kind=kind, name="a", task="detection")
        assert execution.names(run) == [step.__name__ for step in ours]
        parts = {"train", "predict", "adopt", "make"} & set(execution.names(run))
        assert parts <= set(worker.PARTS)


def test_a_file_that_no_task_reads_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"^expected a weights file, found nothing at .*gone.pt; check the path$"):
        registry.adopt(tmp_path / "gone.pt", tmp_path / "out")
    (tmp_path / "notes.txt").touch()
    with pytest.raises(CheckpointError, match=r"expected a weights file \(.*\.pt.*\), found another ending$"):
        registry.adopt(tmp_path / "notes.txt", tmp_path / "out")
