"""Hostile files through every door: brought in, trained from, gone on from; here, in a job and in its children."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from datasets.workspace import Workspace, settle
from pipelines import registry
from pipelines.errors import CheckpointError, Stopped
from pipelines.jobs import launch, queue
from pipelines.runs import failures
from pipelines.runs.events import read_events
from pipelines.training.finished import MARK
from pipelines.yolo.model import load
from tests.pipelines.detection.conftest import Trial
from tests.pipelines.detection.conftest import trial as make_trial
from tests.pipelines.foreign.hostile import ATTACKS, Runs, evaluated, yolo

ROOT = Path(__file__).parents[3]
CODE = [name for name in ATTACKS if name.startswith("code")]
trial = make_trial


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_hostile_file_is_not_brought_in(attack: str, workspace: Workspace, tmp_path: Path) -> None:
    file = ATTACKS[attack](tmp_path / "evil.pt", tmp_path / "ran")
    with pytest.raises(CheckpointError, match=r"evil\.pt: expected"):
        registry.adopt(file, tmp_path / "made")
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_hostile_file_is_not_trained_from(attack: str, trial: Callable[..., Trial], tmp_path: Path) -> None:
    file = ATTACKS[attack](tmp_path / "evil.pt", tmp_path / "ran")
    with pytest.raises(CheckpointError, match=r"evil\.pt: expected"):
        trial(weights=str(file)).train()
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("attack", CODE[::2])
def test_nor_by_the_process_of_a_job(attack: str, trial: Callable[..., Trial], tmp_path: Path) -> None:
    """Whoever started it may have switched safe loading off in the environment."""
    file = ATTACKS[attack](tmp_path / "evil.pt", tmp_path / "ran")
    run = trial(weights=str(file)).run
    environment = {**os.environ, "ULTRALYTICS_SAFE_LOAD": "0", "TORCH_FORCE_WEIGHTS_ONLY_LOAD": "0"}
    command = [sys.executable, "-m", "pipelines.worker", str(run.folder), "train"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == failures.FAILED, done.stderr
    assert not (tmp_path / "ran").exists()
    (error,) = [event for event in read_events(run.events)[0] if event["kind"] == "error"]
    assert error["title"] == "The model cannot be used"
    assert "evil.pt: expected" in error["cause"]


def test_nor_by_a_person_who_brings_it_in(workspace: Workspace, tmp_path: Path) -> None:
    file = yolo(tmp_path / "evil.pt", activation=evaluated(tmp_path / "ran"))
    with pytest.raises(CheckpointError, match=r"none can read it: expected an activation of torch, such as nn\.SiLU"):
        queue.adopt(workspace, file)
    assert not (tmp_path / "ran").exists()
    assert not list(workspace.runs.glob("*"))


def test_a_genuine_file_is_trained_from_and_ultralytics_opens_only_what_was_written_here(
    trial: Callable[..., Trial], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ultralytics.engine import trainer
    from ultralytics.nn import tasks

    opened: list[Path] = []
    original = tasks.load_checkpoint

    def watched(weight: Any, *given: Any, **more: Any) -> Any:
        opened.append(Path(weight))
        return original(weight, *given, **more)

    monkeypatch.setattr(trainer, "load_checkpoint", watched)
    done = trial(weights=str(yolo(tmp_path / "mine.pt", activation="nn.LeakyReLU(0.1)")))
    done.train()
    assert done.epochs() == [1]
    kept, _ = load(done.run.checkpoint / "best.pt", "detect")
    assert {type(one) for one in kept.modules() if "activation" in type(one).__module__} == {torch.nn.LeakyReLU}
    assert opened
    assert all(path.is_relative_to(done.run.work) for path in opened)


def test_a_state_of_another_hand_does_not_steer_ultralytics(trial: Callable[..., Trial], tmp_path: Path) -> None:
    """Its arguments name a dataset with a program for downloading, and folders to write to; its code is not run."""
    from pipelines.yolo import files
    from pipelines.yolo import train as learning
    from pipelines.yolo.heads import DETECT

    done = trial(epochs=2)
    last = done.run.work / "yolo" / "weights" / "last.pt"
    last.parent.mkdir(parents=True)
    evil = tmp_path / "evil.yaml"
    download = f"__import__('os').mkdir({str(tmp_path / 'ran')!r})"
    evil.write_text(f"train: gone\nval: gone\nnames: [a, b]\ndownload: {download}\n")
    told = {"data": str(evil), "save_dir": str(tmp_path / "elsewhere"), "distill_model": str(evil), "nbs": 3}
    stopper = {"__class__": 1, "best_epoch": 2, "best_fitness": 0.0}
    model = files.read(yolo(tmp_path / "mine.pt"), "detect").model
    files.write(last, model, {"epoch": 0, "updates": 2, "train_args": told, "stopper": stopper}, as_ema=True)
    given = {"data": "ours.yaml", "save_dir": "here", "epochs": 2}
    assert learning.resumed(last, DETECT, given) == {"resume": str(last)}
    rest = files.read(last, "detect").rest
    assert rest["train_args"] == {**given, "nbs": 3}
    assert rest["stopper"] == {"best_epoch": 2, "best_fitness": 0.0}
    done.train()
    assert done.epochs() == [2]
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "elsewhere").exists()


def test_what_ultralytics_remembers_of_labels_is_not_believed(trial: Callable[..., Trial], tmp_path: Path) -> None:
    done = trial()
    done.train()
    caches = list((done.run.work / "data" / "labels").glob("*.cache"))
    assert caches
    for cache in caches:
        with cache.open("wb") as file:
            np.save(file, np.array({"evil": Runs(tmp_path / "ran")}, dtype=object), allow_pickle=True)
    shutil.rmtree(done.run.work / "yolo")
    (done.run.work / MARK).unlink()
    done.train()
    assert done.epochs() == [1, 1]
    assert not (tmp_path / "ran").exists()


def test_a_state_with_code_is_refused_with_a_note(trial: Callable[..., Trial], tmp_path: Path) -> None:
    done = trial(epochs=1)
    last = done.run.work / "yolo" / "weights" / "last.pt"
    last.parent.mkdir(parents=True)
    torch.save({"epoch": 0, "ema": Runs(tmp_path / "ran")}, last)
    done.stop.set()  # it is looked at before anything is learned
    with pytest.raises(Stopped):
        done.train()
    assert not (tmp_path / "ran").exists()
    (note,) = done.events("note")
    assert "training starts anew, as its state cannot be used" in note["text"]
    assert "mkdir" in note["text"]


@pytest.mark.parametrize("name", ["last.ckpt", "best.ckpt"])
def test_children_that_learn_together_do_not_run_a_state(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    states = folder / "work" / "states"
    states.mkdir(parents=True)
    torch.save({"epoch": 0, "state_dict": Runs(tmp_path / "ran")}, states / name)
    command = [sys.executable, str(ROOT / "tests/pipelines/training/two_processes.py"), str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert not (tmp_path / "ran").exists()
    if name == "last.ckpt":
        assert done.returncode
        assert "last.ckpt: expected a state of a training, found that it asks for" in done.stderr


def test_safe_loading_cannot_be_switched_off_from_outside(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("ULTRALYTICS_SAFE_LOAD", "0"), ("TORCH_FORCE_WEIGHTS_ONLY_LOAD", "no"),
                        ("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")):  # fmt: skip
        monkeypatch.setenv(name, value)
    settle(Workspace(home))
    assert "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD" not in os.environ
    for place in (os.environ, launch.environment(Workspace(home))):
        assert (place["ULTRALYTICS_SAFE_LOAD"], place["TORCH_FORCE_WEIGHTS_ONLY_LOAD"]) == ("true", "1")


def test_torch_itself_refuses_code_even_when_it_is_told_not_to(workspace: Workspace, tmp_path: Path) -> None:
    settle(workspace)
    torch.save({"a": Runs(tmp_path / "ran")}, tmp_path / "a.pt")
    with pytest.raises(Exception, match="Weights only load failed"):
        torch.load(tmp_path / "a.pt", weights_only=False)
    assert not (tmp_path / "ran").exists()
