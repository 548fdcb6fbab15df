"""Ingest, write, read and score a dataset beside FiftyOne's documented way, and mAP alone beside COCO's libraries."""

import contextlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets.evaluation import engines
from datasets.evaluation.objects import reading
from datasets.exchange import importing
from datasets.handover import predictions
from datasets.review import warm
from datasets.storage import collection, columns, schemas, store, vendor
from tests.benchmarks import peers
from tests.benchmarks.measure import ALONE, COMPARED, Bench
from tests.benchmarks.scene import predicted, preview, scene

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
SIZES = [*COMPARED, *ALONE]
TRUTH, FOUND = "ground_truth", "pred_r1"
MODEL = {"run": "r1", "classes": []}


@pytest.fixture(scope="module", autouse=True)
def warmed() -> None:
    """Compiled code is loaded and FiftyOne imported on both sides; what that costs once is not measured here."""
    warm.warm()
    vendor.fiftyone()


def fresh(name: str) -> None:
    if store.exists(name):
        store.delete(name)


def ours(n: int) -> str:
    """A dataset with labels and predictions."""
    name = f"ours {n}"
    if not store.exists(name):
        importing.ingest(preview(scene(n)), name, None)
        schemas.declare(name, {FOUND: "detections"})
    return name


def with_predictions(n: int, folder: Path) -> str:
    name = ours(n)
    if not predictions.info(name, FOUND).get("complete"):
        predictions.store(name, FOUND, predicted(scene(n), sample_ids(name), folder), MODEL)
    return name


def sample_ids(name: str) -> list[str]:
    return [str(found["_id"]) for found in collection.stream(name, projection={"_id": 1})]


@pytest.mark.parametrize("n", SIZES)
def test_ingest(bench: Bench, n: int) -> None:
    source = preview(scene(n))

    def mine() -> str:
        fresh("ingested")
        importing.ingest(source, "ingested", None)
        return "ingested"

    if n in ALONE:
        bench.alone("ingest", n, mine)
    else:
        bench.compare("ingest", n, mine, "fiftyone", lambda: peers.ingest(scene(n), "theirs"), peers.same_samples)
    fresh("ingested")


@pytest.mark.parametrize("n", SIZES)
def test_write_predictions(bench: Bench, n: int, tmp_path: Path) -> None:
    name = ours(n)
    path = predicted(scene(n), sample_ids(name), tmp_path)

    def mine() -> str:
        predictions.store(name, FOUND, path, MODEL)
        return name

    if n in ALONE:
        bench.alone("write_predictions", n, mine)
        return
    other = peers.copy(name, "theirs")
    for peer, write in (("fiftyone", peers.write_loop), ("fiftyone set_values", peers.write_values)):
        bench.compare("write_predictions", n, mine, peer, lambda write=write: write(scene(n), other, FOUND),
                      lambda a, b: peers.same_boxes(a, b, FOUND))  # fmt: skip


@pytest.mark.parametrize("n", SIZES)
def test_read_boxes(bench: Bench, n: int, tmp_path: Path) -> None:
    name = with_predictions(n, tmp_path)

    def mine() -> columns.Columns:
        return columns.read(name, columns.Wanted([f"{field}.detections" for field in (TRUTH, FOUND)]))

    if n in ALONE:
        bench.alone("read_boxes", n, mine)
    else:
        bench.compare("read_boxes", n, mine, "fiftyone", lambda: peers.read(name, TRUTH, FOUND), peers.same_columns, 3)


@pytest.mark.parametrize("n", SIZES)
def test_evaluate_detections(bench: Bench, n: int, tmp_path: Path) -> None:
    name = with_predictions(n, tmp_path)

    runs = (f"r{k}" for k in range(9))

    def mine() -> engines.Evaluation:
        return engines.evaluate(name, next(runs), FOUND, protocol="objects")  # a new key each time, as theirs

    if n in ALONE:
        bench.alone("evaluate_detections", n, mine)
        return
    other = peers.copy(name, "theirs")
    bench.compare("evaluate_detections", n, mine, "fiftyone", lambda: peers.evaluate(other, TRUTH, FOUND),
                  lambda a, b: peers.same_evaluation(a, name, b, other, (TRUTH, FOUND)))  # fmt: skip


@pytest.mark.parametrize("n", SIZES)
def test_map_alone(bench: Bench, n: int, tmp_path: Path) -> None:
    rows = reading.read_table(with_predictions(n, tmp_path), TRUTH, FOUND)
    rows = peers.in_pixels(rows)

    def mine() -> Any:
        return peers.our_stats(rows)

    if n in ALONE:
        bench.alone("map_alone", n, mine)
        return
    truth, found = peers.as_coco(rows)
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        for peer, call in (("faster-coco-eval", peers.faster_coco_eval), ("pycocotools", peers.pycocotools)):
            bench.compare("map_alone", n, mine, peer, lambda call=call: call(truth, found),
                          lambda a, b: bool(np.allclose(a, b, atol=1e-9, rtol=0)))  # fmt: skip


def test_cost_grows_with_the_data_alone(bench: Bench) -> None:
    """At 100,000 images an image costs at most 1.3 times what it costs at 5,000."""
    sizes = sorted(SIZES)
    if 5000 not in sizes or sizes[-1] < 100_000:
        pytest.skip("needs the sizes 5000 and 100000")
    per = {(row.operation, row.n): row.ours_cpu_s / row.n for row in bench.rows}
    grown = {op: per[op, 100_000] / per[op, 5000] for op, n in per if n == 100_000}
    print("\ncost per image at 100,000 over that at 5,000:", {op: round(value, 2) for op, value in grown.items()})
    grown.pop("map_alone", None)  # sorting alone, in memory, grows with the logarithm and with misses of the cache
    assert max(grown.values()) <= 1.3, grown
