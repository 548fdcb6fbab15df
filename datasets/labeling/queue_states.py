"""The state of every sample of a label field: records of the queue and, for samples without one, whether labels exist.

Kept in memory and renewed by what changed since, so that a step of the queue costs little on a large dataset. It only
proposes: leases and states are decided by the database (`storage.queue_records`).
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from datasets.storage import edits, labels, queue_records
from datasets.storage.edits import Place
from datasets.storage.queue_records import Key, Lease, Record, State

MOST = 24  # fields whose states are kept
_kept: OrderedDict[tuple[Any, ...], "States"] = OrderedDict()
_lock = threading.Lock()


@dataclass
class States:
    """The states of one field. A sample with labels that nobody touched here is done: its labels were imported."""

    place: Place
    records: dict[str, Record] = field(default_factory=dict)
    labelled: set[str] = field(default_factory=set)
    now: datetime = datetime.min
    _read: datetime | None = None  # when it was read last, by the clock of the database
    _renewing: threading.Lock = field(default_factory=threading.Lock)

    def renew(self) -> "States":
        """Read what changed since the last time."""
        with self._renewing:
            place, now, since = self.place, queue_records.now(), self._read
            path = labels.list_path(place.stored, place.kind)
            for key, has in queue_records.labelled(place.samples, path, place.many, since):
                (self.labelled.add if has else self.labelled.discard)(key)
            for one in queue_records.changed(place.dataset_id, place.field, since):
                self.records[one.sample_id] = one
            self._read = self.now = now
        return self

    def state(self, sample_id: str) -> State:
        """The state of a sample."""
        known = self.records.get(sample_id)
        if known is not None:
            return known.state
        return "done" if sample_id in self.labelled else "unlabeled"

    def holder(self, sample_id: str) -> Lease | None:
        """The lease on a sample that is still valid."""
        known = self.records.get(sample_id)
        return known.lease if known and known.lease and known.lease.until > self.now else None


def of(dataset: str, field_name: str) -> States:
    """The states of a label field as they are now. Raises DatasetNotFound, and NotThere without such a field."""
    place = edits.place(dataset, field_name)
    key = (place.samples, place.dataset_id, place.field, place.kind)
    with _lock:
        found = _kept.setdefault(key, States(place))
        _kept.move_to_end(key)
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return found.renew()


def has_labels(place: Place, sample_id: str) -> bool:
    """Whether a sample has labels now. Raises NotThere without such a sample."""
    return bool(edits.read(place, sample_id).items)


def key_of(place: Place, sample_id: str) -> Key:
    """The key of the record of a sample."""
    return Key(place.dataset_id, place.field, sample_id)
