"""Embeddings: what a trained model sees in each image, as one vector, for orders of active learning.

The package of each family has a module `features` whose `embedder(asked)` gives a model that makes a vector (d,) of an
image; they cross as a table, see `datasets/handover/embeddings.py`.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import torch

from datasets.handover import embeddings
from pipelines import devices, families
from pipelines.config import TaskConfig
from pipelines.job import Job
from pipelines.memory import guard
from pipelines.predicting import Asked, each, options, predicted
from pipelines.runs import checkpoints, manifests


def embed(config: type[TaskConfig], job: Job[Mapping[str, Any]]) -> None:
    """Write the vectors of all samples of a manifest to the table `job.out`. Raises what `predict` raises."""
    found = checkpoints.load(job.checkpoint)
    family = families.of_checkpoint(config.families, found.family)
    given = options(config, family.predicting, job.config)
    manifest = manifests.read(job.manifest, labels=False)
    ready = job.ready(given, devices.choose(given.device))
    rows, vectors = manifest.rows, dict[int, Any]()
    with guard(*(name for name in ("predict_batch",) if name in family.predicting)):
        model = import_module(f"{family.package}.features").embedder(Asked(ready, found, manifest, family))
        vectors |= each(predicted(ready, rows, model), [row.path for row in rows], ready)
    embeddings.write(job.out, [row.id for row in rows], [vectors[number] for number in range(len(rows))])


def watched(layer: torch.nn.Module) -> list[Any]:
    """A list to which each call of the layer adds what was given to it."""
    seen: list[Any] = []
    layer.register_forward_pre_hook(lambda _module, given: seen.append(given[0]))
    return seen
