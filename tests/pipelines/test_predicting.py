import threading
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.errors import ClassMismatch
from datasets.records import Finding
from datasets.tables import PREDICTIONS, read_table
from pipelines import predicting
from pipelines.detection.config import Config
from pipelines.errors import ConfigError, Stopped
from pipelines.job import Job
from pipelines.predicting import Model
from pipelines.runs import results
from pipelines.runs.events import EventWriter, read_events
from pipelines.runs.manifests import Row
from pipelines.runs.run import Run
from tests.helpers import make_image

PATHS = ["a.png", "b.png", "c.png"]


def job(folder: Path, config: Any = None) -> Job[Any]:
    run = Run(folder)
    events = EventWriter(run.events)
    return Job(run, run.checkpoint, run.manifest, config, run.predictions, events, threading.Event())


class Brightness:
    """Says of every image how bright it is."""

    def writing(self) -> Any:
        return nullcontext()

    def keep(self, row: Row, result: float) -> tuple[str, float]:
        return row.id, result

    def table(self, ids: Sequence[str], kept: Sequence[tuple[str, float] | None]) -> pa.Table:
        found = [one for one in kept if one]
        confidences = np.array([value for _, value in found])
        return results.table(
            ids, [one is not None for one in kept], [name for name, _ in found], confidences=confidences
        )

    def findings(self) -> Sequence[Finding]:
        return ()


def rows(folder: Path, count: int) -> list[Row]:
    paths = [make_image(folder / f"{number}.png", seed=number) for number in range(count)]
    return [Row(f"s{number}", str(path), "val", 64, 48, ()) for number, path in enumerate(paths)]


def infer(items: Sequence[tuple[int, float]]) -> list[float]:
    return [brightness for _, brightness in items]


@pytest.mark.parametrize("batches", [None, [[4, 1], [0, 3], [2]]])
def test_a_table_has_the_order_of_the_manifest_whatever_goes_together(
    batches: list[list[int]] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predicting, "GROUP", 2)
    known = rows(tmp_path, 5)
    Path(known[3].path).write_bytes(b"no image")
    asked = job(tmp_path, Config(predict_batch=2))
    model = Model(lambda number, image: (number, float(image.mean() / 255)), infer, batches)
    predicting.run(asked, known, model, Brightness())
    found = read_table(asked.out, PREDICTIONS).to_pylist()
    assert [one["sample_id"] for one in found] == [row.id for row in known]
    assert [[label["label"] for label in one["labels"]] for one in found] == [["s0"], ["s1"], ["s2"], [], ["s4"]]
    assert pq.ParquetFile(asked.out).num_row_groups == 3


def test_a_batch_without_a_readable_image_asks_no_model(tmp_path: Path) -> None:
    known = rows(tmp_path, 1)
    Path(known[0].path).write_bytes(b"no image")
    asked = job(tmp_path, Config())
    predicting.run(asked, known, Model(lambda *_: pytest.fail("no item"), lambda _: pytest.fail("asked")), Brightness())
    assert read_table(asked.out, PREDICTIONS)["labels"].to_pylist() == [[]]


def test_unreadable_images_are_findings_and_all_count_as_done(tmp_path: Path) -> None:
    batches = [[(1, "b"), (0, None)], [(2, "c")]]
    assert list(predicting.each(batches, PATHS, job(tmp_path))) == [(1, "b"), (0, None), (2, "c")]
    written, _ = read_events(tmp_path / "events.jsonl")
    assert [event["where"] for event in written if event["kind"] == "finding"] == ["a.png"]
    assert written[-1]["kind"] == "progress" and (written[-1]["done"], written[-1]["total"]) == (3, 3)


def test_a_stop_ends_it_between_two_batches_and_leaves_no_table(tmp_path: Path) -> None:
    asked = job(tmp_path, Config(predict_batch=1))

    def stopping(items: Sequence[float]) -> Sequence[float]:
        asked.stop.set()
        return items

    with pytest.raises(Stopped):
        predicting.run(asked, rows(tmp_path, 2), Model(lambda _, image: image.mean(), stopping), Brightness())
    assert not list(tmp_path.glob("predictions*"))


def test_options_are_those_of_prediction_alone() -> None:
    found = predicting.options(Config, ("confidence",), {"confidence": 0.3, "epochs": 7, "of_another_version": 1})
    assert (found.confidence, found.epochs) == (0.3, Config().epochs)
    with pytest.raises(ConfigError, match="confidence"):
        predicting.options(Config, ("confidence",), {"confidence": 3})


def test_a_dataset_without_labels_fits_any_model() -> None:
    predicting.compare_classes(["cat"], [])
    predicting.compare_classes(["cat", "dog"], ["dog", "bird"])
    with pytest.raises(ClassMismatch):
        predicting.compare_classes(["cat"], ["bird"])
