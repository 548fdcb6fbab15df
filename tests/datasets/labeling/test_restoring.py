"""A label, an image and a view put back to a time, and the history that tells who changed what."""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from datasets.editing import journal, labels
from datasets.editing.operations import Operation
from datasets.errors import LabelsChanged, NotThere
from datasets.images import masks
from datasets.labeling import history, restoring
from datasets.labeling.restoring import Point
from datasets.storage import collection, edits, layout, store
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace

NAME = "rewound"
BOX = (0.1, 0.1, 0.2, 0.2)
IDS = [f"{number:024x}" for number in range(1, 4)]


@pytest.fixture(scope="module")
def dataset(server: Workspace) -> Iterator[None]:
    store.create(NAME, {"boxes": "detections"})
    yield
    store.delete(NAME)


@pytest.fixture
def samples(dataset: None) -> Iterator[list[str]]:
    found = collection.insert(NAME, [collection.sample_document(f"/nowhere/{n}.png") for n in range(3)])
    yield found
    collection.remove(NAME, found)


def change(sample: str, action: Any, label_id: str, who: str = "Anna", **values: Any) -> str:
    wanted = [Operation(f"op-{edits.new_id()}", action, label_id, values)]
    return str(labels.change(NAME, sample, "boxes", wanted, if_match=labels.ANY, who=who).entry)


def names(sample: str) -> list[str]:
    return [one.label for one in labels.read(NAME, sample, "boxes").labels]


def moment() -> datetime:
    """Now, apart from what was before and will be later."""
    time.sleep(0.003)
    found = layout.now()
    time.sleep(0.003)
    return found


@pytest.fixture
def told(samples: list[str]) -> list[str]:
    """The entries of the first sample: two labels added, one renamed, one deleted."""
    return [
        change(samples[0], "add", IDS[0], label="cat", box=BOX),
        change(samples[0], "add", IDS[1], label="dog", box=BOX),
        change(samples[0], "change", IDS[0], who="Boris", label="cow"),
        change(samples[0], "delete", IDS[1]),
    ]


def test_history_tells_who_changed_what(samples: list[str], told: list[str]) -> None:
    found = history.of_sample(NAME, samples[0], "boxes")
    assert [one.id for one in found] == told[::-1] and [one.number for one in found] == [4, 3, 2, 1]
    assert [one.who for one in found] == ["Anna", "Boris", "Anna", "Anna"]
    (renamed,) = found[1].changes
    assert renamed.before and renamed.after and (renamed.before.label, renamed.after.label) == ("cat", "cow")
    assert renamed.parts == ("label",) and renamed.after.box == BOX
    of_dog = history.of_sample(NAME, samples[0], "boxes", IDS[1])
    assert [(one.changes[0].action, one.changes[0].after) for one in of_dog[:1]] == [("delete", None)] and len(
        of_dog
    ) == 2
    assert [one.number for one in history.of_sample(NAME, samples[0], "boxes", most=2)] == [4, 3]
    assert history.of_sample(NAME, samples[0], "boxes", before=3) == found[2:]
    assert [one.id for one in history.of_dataset(NAME, "boxes", 2)] == told[:1:-1]


@pytest.mark.parametrize(("number", "was"), [(0, ["cat"]), (1, ["cat", "dog"]), (2, ["cow", "dog"]), (3, ["cow"])])
def test_an_image_goes_back_to_what_an_entry_left(
    samples: list[str], told: list[str], number: int, was: list[str]
) -> None:
    point = Point(after=told[number])
    shown = restoring.preview(NAME, samples[0], "boxes", point)
    assert [one.label for one in shown.labels] == was and names(samples[0]) == ["cow"]
    saved = restoring.restore(NAME, samples[0], "boxes", point, if_match=shown.etag, who="Cleo")
    assert names(samples[0]) == was and (saved.entry is not None) == shown.touches
    if saved.entry:
        assert history.of_sample(NAME, samples[0], "boxes")[0].who == "Cleo"
        journal.undo(NAME, saved.entry)
        assert names(samples[0]) == ["cow"]


def test_one_label_goes_back_alone(samples: list[str], told: list[str]) -> None:
    restoring.restore(NAME, samples[0], "boxes", Point(before=told[2]), [IDS[0]], if_match=labels.ANY)
    assert names(samples[0]) == ["cat"]
    restoring.restore(NAME, samples[0], "boxes", Point(before=told[3]), [IDS[1]], if_match=labels.ANY)
    assert names(samples[0]) == ["cat", "dog"]


def test_restoring_twice_is_restoring_once(samples: list[str], told: list[str]) -> None:
    for name in ("r-1", "r-1", "r-2"):
        saved = restoring.restore(NAME, samples[0], "boxes", Point(after=told[1]), if_match=labels.ANY, name=name)
        if name == "r-1" and saved.entry:
            assert history.of_sample(NAME, samples[0], "boxes")[0].changes
    assert names(samples[0]) == ["cat", "dog"]
    assert len(history.of_sample(NAME, samples[0], "boxes")) == 5


def test_a_stale_restore_gets_both_versions(samples: list[str], told: list[str]) -> None:
    with pytest.raises(LabelsChanged) as refused:
        restoring.restore(NAME, samples[0], "boxes", Point(after=told[0]), if_match="f" * 32)
    assert [one.label for one in refused.value.ours] == ["cat"] and [one.label for one in refused.value.stored] == [
        "cow"
    ]
    assert names(samples[0]) == ["cow"]


def test_an_unknown_entry_is_named(samples: list[str], told: list[str]) -> None:
    with pytest.raises(NotThere, match="expected an entry of this history"):
        restoring.preview(NAME, samples[0], "boxes", Point(after="0" * 24))


def test_a_view_goes_back_to_a_time_and_forth_again(samples: list[str], told: list[str]) -> None:
    change(samples[1], "add", IDS[2], label="ant", box=BOX)
    then = moment()
    change(samples[0], "change", IDS[0], label="pig")
    change(samples[1], "delete", IDS[2])
    change(samples[2], "add", IDS[2], label="bee", box=BOX)
    spec = ViewSpec(dataset=NAME)
    shown = list(restoring.preview_view(spec, "boxes", then))
    assert [(one.sample_id, one.added, one.changed, one.deleted) for one in shown] == [
        (samples[0], 0, 1, 0), (samples[1], 1, 0, 0), (samples[2], 0, 0, 1)
    ]  # fmt: skip
    seen = moment()
    change(samples[2], "change", IDS[2], label="wasp")  # after the preview: not to be lost
    lefts = []
    for _ in range(3):
        found = restoring.restore_view(spec, "boxes", then, name="r-view", seen=seen, most=1)
        lefts.append((found.done, found.left, [key for key, _ in found.skipped]))
    assert lefts[0][:2] == (1, 2) and lefts[1][0] == 1 and lefts[2] == (0, 0, [samples[2]])
    assert [names(one) for one in samples] == [["cow"], ["ant"], ["wasp"]]
    change(samples[1], "change", IDS[2], label="fly")
    undone = restoring.undo_view(NAME, "r-view")
    assert (undone.done, undone.left, [key for key, _ in undone.skipped]) == (1, 0, [samples[1]])
    assert [names(one) for one in samples] == [["pig"], ["fly"], ["wasp"]]
    assert restoring.undo_view(NAME, "r-view").done == 0


def test_a_whole_restore_tells_how_far_it_is(samples: list[str], told: list[str]) -> None:
    then, spec, steps = moment(), ViewSpec(dataset=NAME), list[tuple[int, int]]()
    for sample in samples:
        change(sample, "add", IDS[2], label="bee", box=BOX)
    found = restoring.restore_all(spec, "boxes", then, name="r-all", seen=moment(),
                                  progress=lambda done, total: steps.append((done, total)))  # fmt: skip
    assert (found.done, found.left, found.skipped, steps) == (3, 0, (), [(3, 3)])
    assert [names(one) for one in samples] == [["cow"], [], []]
    assert restoring.undo_all(NAME, "r-all").done == 3
    assert [names(one) for one in samples] == [["cow", "bee"], ["bee"], ["bee"]]


def test_a_view_is_restored_alone(samples: list[str], told: list[str]) -> None:
    then = moment()
    for sample in samples:
        change(sample, "add", IDS[2], label="bee", box=BOX)
    spec = ViewSpec(dataset=NAME, ids=(samples[1],))
    assert restoring.restore_view(spec, "boxes", then, name="r-part", seen=moment()).done == 1
    assert [names(one) for one in samples] == [["cow", "bee"], [], ["bee"]]


def test_a_mask_of_an_earlier_version_is_still_there(samples: list[str]) -> None:
    first, second = (masks.write(np.full((4, 4), value, np.uint8)) for value in (7, 9))
    added = change(samples[0], "add", IDS[0], label="cat", box=BOX, mask_path=first)
    entries = [added, change(samples[0], "change", IDS[0], mask_path=second), change(samples[0], "delete", IDS[0])]
    found = [history.mask(NAME, samples[0], "boxes", entry, IDS[0])[0, 0] for entry in entries]
    assert found == [7, 9, 9]
    with pytest.raises(NotThere, match="expected a label with a mask"):
        history.mask(NAME, samples[0], "boxes", added, IDS[1])
