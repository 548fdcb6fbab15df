"""Embeddings: what a trained model sees in each image, as one vector, for orders of active learning.

The package of each family has a module `features` whose `embedder(asked)` gives a model that makes a vector (d,) of an
image. The table has one row for each sample: its id, and the vector, null where the image could not be read.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import pyarrow as pa
import torch

from datasets.tables import write_table
from pipelines import devices, families
from pipelines.config import TaskConfig
from pipelines.job import Job
from pipelines.memory import guard
from pipelines.predicting import Asked, each, options, predicted
from pipelines.runs import checkpoints, manifests

EMBEDDINGS = pa.schema([("sample_id", pa.string()), ("embedding", pa.list_(pa.float32()))])


def embed(config: type[TaskConfig], job: Job[Mapping[str, Any]]) -> None:
    """Write the vectors of all samples of a manifest to the table `job.out`. Raises what `predict` raises."""
    found = checkpoints.load(job.checkpoint)
    family = families.of_checkpoint(config.families, found.family)
    given = options(config, family.predicting, job.config)
    manifest = manifests.read(job.manifest, labels=False)
    ready = job.ready(given, devices.choose(given.device))
    vectors: dict[int, Any] = {}
    with guard(*(name for name in ("predict_batch",) if name in family.predicting)):
        model = import_module(f"{family.package}.features").embedder(Asked(ready, found, manifest, family))
        vectors |= each(predicted(ready, manifest.rows, model), [row.path for row in manifest.rows], ready)
    kept = [None if vectors[number] is None else vectors[number].tolist() for number in range(len(manifest.rows))]
    columns = {"sample_id": [row.id for row in manifest.rows], "embedding": kept}
    write_table(pa.table(columns, schema=EMBEDDINGS), job.out)


def watched(layer: torch.nn.Module) -> list[Any]:
    """A list to which each call of the layer adds what was given to it."""
    seen: list[Any] = []
    layer.register_forward_pre_hook(lambda _module, given: seen.append(given[0]))
    return seen
