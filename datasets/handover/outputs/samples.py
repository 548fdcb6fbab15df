"""Output `samples`: new samples, tagged, with the run, the seed and the numbers that each was made with.

They join the dataset that the job worked on, or the one that `into` names, which is made if it is missing. Ids are
chosen once and kept in the table, so that writing again makes no second sample.
"""

import json
from collections.abc import Iterator
from typing import Any

from datasets.fieldnames import run_of
from datasets.handover.outputs import labels as of_samples
from datasets.handover.outputs import predicted
from datasets.handover.outputs.base import Given, Written, adopt_images, check_images, refused, rewritten
from datasets.images.probe import probe_one
from datasets.records import Finding, Progress
from datasets.storage import collection, layout, schemas, store

TAG = "generated"
FIELDS = {"run": "string", "job": "string", "seed": "int", "latent": "vector", "params": "dict"}


def check(given: Given) -> list[Finding]:
    """Raises DatasetsError for rows without an image, or whose numbers are no JSON object."""
    check_images(given, needed=True)
    for text in given.column("params"):
        try:
            known = json.loads(text or "{}")
        except ValueError:
            known = None
        if not isinstance(known, dict):
            raise refused(given, "params as a JSON object", f"{text!r}", "predict again")
    if len(given.labels):
        of_samples.check_labels(given)
    return []


def declare(given: Given) -> None:
    """Make the dataset if it is missing, and add what the samples need to its schema."""
    target = into(given)
    if not store.exists(target):
        store.create(target)
        store.set_info(target, "source", f"made by run {given.info.get('run', '')}")
    schemas.declare(target, {**FIELDS, **({given.field: given.kind} if len(given.labels) else {})})


def write(given: Given, progress: Progress) -> Written:
    """Move the images into the workspace and insert the samples, in place of those that this job made before."""
    target = into(given)
    kept = adopt_images(given)
    kept = rewritten(kept, sample_id=[key or layout.new_id() for key in kept.column("sample_id")])
    job = given.info.get("job") or given.info.get("run")
    before = collection.stream(target, {"job": job, "tags": TAG}, {"_id": 1})
    gone = {str(one["_id"]) for one in before} - set(kept.column("sample_id"))
    if gone:
        collection.remove(target, sorted(gone))
    collection.insert(target, _documents(kept, job), len(kept.table), progress)
    return Written(len(kept.table))


def remove(dataset: str, field: str) -> None:
    """Delete the samples that the run of this field made; their images stay in the workspace."""
    run = run_of(field)
    made = [str(one["_id"]) for one in collection.stream(dataset, {"run": run, "tags": TAG}, {"_id": 1})]
    if made:
        collection.remove(dataset, made)
    schemas.undeclare(dataset, [field])


def into(given: Given) -> str:
    """The dataset that the samples go to."""
    return str(given.info.get("into") or given.dataset)


def _documents(given: Given, job: object) -> Iterator[dict[str, Any]]:
    made = predicted.changes(given.table, given.field, given.kind) if len(given.labels) else None
    columns = ("sample_id", "image_path", "seed", "latent", "params")
    for key, path, seed, latent, params in zip(*map(given.column, columns), strict=True):
        seen = probe_one(path)
        yield collection.sample_document(
            path,
            collection.image_metadata(seen.width, seen.height, seen.bytes, seen.mime, seen.bands),
            _id=layout.object_id(key),
            tags=[TAG],
            run=given.info.get("run"),
            job=job,
            seed=seed,
            latent=layout.vector(latent),
            params=json.loads(params or "{}"),
            **(next(made)[1] if made else {}),
        )
