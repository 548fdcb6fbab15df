"""What to label next: an order of active learning over the samples without labels, stored as a field of numbers.

The field `label_next` counts from 1 and stands at the chosen samples alone, so the queue, Browse and FiftyOne can sort
and filter by it. What was chosen, and why, is kept in the info of the dataset.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datasets.errors import DatasetsError
from datasets.handover import embeddings
from datasets.labeling import orders, queue_states, spending
from datasets.labeling.orders import ORDERS, Order, Pool
from datasets.storage import collection, edits, schemas, store
from datasets.tables import PREDICTIONS, read_table
from datasets.viewspec import Filter, ViewSpec

Array = np.ndarray[Any, Any]
FIELD, INFO = "label_next", "active_learning"
OPEN = ("unlabeled", "draft", "returned")  # states in which a person would still label a sample
SEED = 0


@dataclass(frozen=True)
class Choice:
    """What was chosen: by the predictions of which run, in which order, `count` of `pool` unlabelled samples, when."""

    run: str
    order: str
    field: str
    count: int
    pool: int
    labelled: int
    made: str

    @property
    def moment(self) -> float:
        """When, in seconds since the epoch."""
        return datetime.fromisoformat(self.made).timestamp()


@dataclass(frozen=True)
class Tables:
    """The tables that an order is made from: predictions of the run and of a committee of others, and embeddings."""

    predictions: Path
    embeddings: Path | None = None
    committee: Sequence[Path] = ()


def choose(spec: ViewSpec, field: str, tables: Tables, order: str, count: int, *, run: str) -> Choice:
    """Store the order of the next `count` samples of a view to label, in place of the one before.

    Samples with labels in `field`, and those that are done, accepted or rejected in its queue, are left out.
    Raises DatasetsError for an unknown order, for one whose inputs are missing, and where everything is labelled.
    """
    chosen = order_of(order)
    ids = [str(one) for one in pq.read_table(tables.predictions, columns=["sample_id"])["sample_id"].to_pylist()]
    open_ = set(_unlabelled(spec.dataset, field, ids))
    left = [one for one in ids if one in open_]
    if not left:
        raise DatasetsError(
            f"expected samples without labels in field {field!r} to choose from, found none among {len(ids):,}; "
            "add images, or choose another view"
        )
    known = [one for one in ids if one not in open_]
    pool = _pool(chosen, tables, left, known)
    numbers = chosen.choose(pool, min(count, len(left)), np.random.default_rng(SEED))
    ranked = [left[number] for number in numbers.tolist()]
    _store(spec.dataset, ranked)
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    made = Choice(run, order, field, len(ranked), len(left), len(known), moment)
    store.set_info(spec.dataset, INFO, asdict(made))
    return made


def sees(order: str, dataset: str, field: str) -> bool:
    """Whether embeddings are of use: to the order, or to weigh the labels of a field, see `spending.py`."""
    return order_of(order).needs in ("embeddings", "both") or spending.can_weigh(edits.place(dataset, field))


def last(dataset: str) -> Choice | None:
    """What was chosen last; None before there was a choice."""
    found = store.info(dataset).get(INFO)
    return Choice(**found) if found else None


def view(dataset: str) -> ViewSpec:
    """The chosen samples, the first to label first."""
    return ViewSpec(dataset=dataset, filters=(Filter(field=FIELD, op="exists"),), sort=FIELD)


def order_of(name: str) -> Order:
    """The order of this name. Raises DatasetsError that lists the known ones."""
    if name not in ORDERS:
        raise DatasetsError(f"expected an order, one of {', '.join(ORDERS)}; found {name!r}")
    return ORDERS[name]


def _unlabelled(dataset: str, field: str, ids: Sequence[str]) -> list[str]:
    """Those of the samples that a person would still label."""
    states = queue_states.of(dataset, field)
    return [one for one in ids if states.state(one) in OPEN]


def _store(dataset: str, ranked: Sequence[str]) -> None:
    schemas.declare(dataset, {FIELD: "int"})
    collection.update_where(dataset, {FIELD: {"$ne": None}}, {"$unset": {FIELD: ""}})
    collection.update(dataset, ((one, {FIELD: number}) for number, one in enumerate(ranked, 1)))


def _pool(order: Order, tables: Tables, left: Sequence[str], known: Sequence[str]) -> Pool:
    nothing = np.zeros((0, 0))
    probabilities = committee = seen = labelled = nothing
    if order.needs in ("probabilities", "both", "nothing"):
        probabilities = _rows(_probabilities(tables.predictions), left)
    if order.needs == "committee":
        paths = [tables.predictions, *tables.committee]
        if len(paths) < 2:
            raise DatasetsError(
                "expected predictions of two models or more for a committee, found those of one; choose by another "
                "model first, or take another order"
            )
        committee = np.stack([_rows(_voted(path, left), left) for path in paths])
    if order.needs in ("embeddings", "both"):
        if tables.embeddings is None:
            raise DatasetsError(f"expected embeddings for the order {order.name}, found none; compute them first")
        vectors = embeddings.read(tables.embeddings)
        seen, labelled = _rows(vectors, left), _rows(vectors, [one for one in known if one in vectors])
    return Pool(probabilities, committee, seen, labelled)


def _probabilities(path: Path) -> dict[str, Array]:
    """(k,) of each sample: the softmax of its logits; without logits of the label whose confidence is nearest to 0.5.

    Raises DatasetsError for predictions without confidences.
    """
    table = read_table(path, PREDICTIONS)
    flat = pc.list_flatten(table["labels"].combine_chunks())
    if len(flat) and pc.struct_field(flat, "confidence").null_count == len(flat):
        raise DatasetsError("expected predictions with confidences, found masks without; choose core_set or random")
    return {
        key: _of_sample(found or [])
        for key, found in zip(table["sample_id"].to_pylist(), table["labels"].to_pylist(), strict=True)
    }


def _voted(path: Path, ids: Sequence[str]) -> dict[str, Array]:
    """Probabilities of a member of a committee. Raises DatasetsError unless it predicted all of the samples."""
    found = _probabilities(path)
    missing = sum(one not in found for one in ids)
    if missing:
        raise DatasetsError(
            f"expected every model of the committee to have predicted the {len(ids):,} samples, found {missing:,} that "
            f"{path.parent.name} has not; choose by that model again, or take another order"
        )
    return found


def _of_sample(labels: Sequence[Mapping[str, Any]]) -> Array:
    if labels and labels[0]["logits"]:
        raised = np.exp(np.asarray(labels[0]["logits"], dtype=np.float64) - max(labels[0]["logits"]))
        return np.asarray(raised / raised.sum())
    sure = np.array([one["confidence"] for one in labels if one["confidence"] is not None])
    return np.asarray(orders.of_objects([sure])[0])


def _rows(values: Mapping[str, Array], ids: Sequence[str]) -> Array:
    """Values of samples in this order; a sample without one (unreadable) gets the mean of all."""
    mean = np.mean(list(values.values()), axis=0) if values else np.zeros(1)
    return np.stack([values.get(one, mean) for one in ids]) if ids else np.zeros((0, len(mean)))
