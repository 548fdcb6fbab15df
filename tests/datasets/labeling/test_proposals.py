"""Proposals that become labels: which, once, beside what others do meanwhile."""

from collections.abc import Iterator

import pytest

from datasets import kinds
from datasets.editing import journal, labels
from datasets.editing.operations import Operation
from datasets.errors import Cancelled, FieldError
from datasets.labeling import accepting, proposals, queue
from datasets.labeling.proposals import Wanted
from datasets.labeling.queue import Person
from datasets.records import Label
from datasets.storage import collection, edits, queue_records, store
from datasets.storage.labels import to_document
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace

NAME = "proposed"
SPEC = ViewSpec(dataset=NAME)
ANNA = Person("Anna", "a:1")
WANTED = Wanted("pred_r1", threshold=0.5)
LEFT, RIGHT, NEAR = (0.1, 0.1, 0.3, 0.3), (0.6, 0.1, 0.3, 0.3), (0.12, 0.1, 0.3, 0.3)


@pytest.fixture(scope="module")
def dataset(server: Workspace) -> Iterator[None]:
    fields = {"boxes": "detections", "pred_r1": "detections", "kind": "classification", "pred_r2": "classification"}
    store.create(NAME, fields)
    yield
    store.delete(NAME)


@pytest.fixture
def samples(dataset: None) -> Iterator[list[str]]:
    """Three samples with a sure cat and an unsure dog each; the first has a label near the cat, one of them a class."""
    made = [collection.sample_document(f"/nowhere/{number}.png") for number in range(3)]
    for one in made:
        one["pred_r1"] = to_document("detections", [Label("cat", LEFT, 0.9), Label("dog", RIGHT, 0.3)])
        one["pred_r2"] = to_document("classification", [Label("cat", confidence=0.8)])
    made[0]["boxes"] = to_document("detections", [Label("cat", NEAR)])
    made[0]["kind"] = to_document("classification", [Label("dog")])
    ids = collection.insert(NAME, made)
    yield ids
    collection.remove(NAME, ids)
    queue_records.forget(edits.dataset_id(NAME))


def held(sample: str, field: str = "boxes") -> list[Label]:
    return list(labels.read(NAME, sample, field).labels)


def test_what_is_sure_and_not_there_is_taken(samples: list[str]) -> None:
    before = accepting.preview(SPEC, "boxes", WANTED)
    assert (before.samples, before.fates["taken"], before.fates["weak"], before.fates["covered"]) == (2, 2, 3, 1)
    assert [len(held(one)) for one in samples] == [1, 0, 0]
    made = accepting.accept(SPEC, "boxes", WANTED, ANNA, request="r-1")
    assert made == before
    (cat,) = held(samples[1])
    assert (cat.label, cat.box, cat.confidence, dict(cat.attributes)) == ("cat", LEFT, None, {"from_run": "r1"})
    assert [one.state for one in queue.page(SPEC, "boxes").rows] == ["done", "draft", "draft"]


def test_nothing_is_taken_twice(samples: list[str]) -> None:
    wanted = Wanted("pred_r1", threshold=0.5, overlap=None)
    accepting.accept(SPEC, "boxes", wanted, ANNA, request="r-1")
    again = accepting.accept(SPEC, "boxes", wanted, ANNA, request="r-2")
    assert (again.taken, again.fates["taken before"]) == (0, 3)
    assert [len(held(one)) for one in samples] == [2, 1, 1]


def test_a_request_that_is_sent_again_brings_nothing_back(samples: list[str]) -> None:
    accepting.accept(SPEC, "boxes", WANTED, ANNA, request="r-1")
    (cat,) = held(samples[1])
    labels.change(NAME, samples[1], "boxes", [Operation("gone-1", "delete", str(cat.id))], if_match=labels.ANY)
    again = accepting.accept(SPEC, "boxes", WANTED, ANNA, request="r-1")
    assert (again.taken, held(samples[1])) == (0, [])
    assert accepting.accept(SPEC, "boxes", WANTED, ANNA, request="r-2").taken == 1  # asked for anew


def test_it_is_journalled_and_taken_back(samples: list[str]) -> None:
    accepting.accept(SPEC, "boxes", WANTED, ANNA, request="r-1")
    (entry,) = journal.history(NAME, samples[1], "boxes")
    assert (entry.who, len(entry.changes)) == ("Anna", 1)
    journal.undo(NAME, entry.id)
    assert held(samples[1]) == []
    assert accepting.accept(SPEC, "boxes", WANTED, ANNA, request="r-2").taken == 1


def test_a_field_that_holds_one_label_keeps_it(samples: list[str]) -> None:
    made = accepting.accept(SPEC, "kind", Wanted("pred_r2"), ANNA, request="r-1")
    assert (made.taken, made.fates["no room"]) == (2, 1)
    assert [held(one, "kind")[0].label for one in samples] == ["dog", "cat", "cat"]


def test_what_changes_meanwhile_is_looked_at_again(samples: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody draws the same cat after the labels were read, and before the proposal is saved."""
    change, drawn = labels.change, list[str]()

    def slow(dataset: str, sample: str, field: str, wanted: list[Operation], **options: str) -> object:
        if sample == samples[1] and not drawn:
            drawn.append(sample)
            other = Operation("other-1", "add", values={"label": "cat", "box": list(NEAR)})
            change(dataset, sample, field, [other], if_match=labels.ANY)
        return change(dataset, sample, field, wanted, **options)

    monkeypatch.setattr(accepting.labels, "change", slow)
    made = accepting.accept(SPEC, "boxes", WANTED, ANNA, request="r-1")
    assert (made.taken, made.fates["covered"]) == (1, 2)
    assert [one.box for one in held(samples[1])] == [NEAR]


def test_fields_that_do_not_fit_are_refused(samples: list[str]) -> None:
    with pytest.raises(FieldError, match="expected proposals in another field of the kind"):
        accepting.preview(SPEC, "boxes", Wanted("pred_r2"))
    with pytest.raises(FieldError, match="another field"):
        accepting.preview(SPEC, "boxes", Wanted("boxes"))
    with pytest.raises(FieldError, match="from 0 to 1"):
        Wanted("pred_r1", threshold=2)


def test_it_stops_when_asked(samples: list[str]) -> None:
    def stop(done: int, total: int) -> None:
        if done == 2:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        accepting.accept(SPEC, "boxes", WANTED, ANNA, request="r-1", progress=stop)
    assert [len(held(one)) for one in samples] == [1, 1, 0]


def test_classes_and_shapes_decide() -> None:
    line = Label("road", points=(((0.0, 0.0), (0.5, 0.5)),), confidence=0.9, id="1" * 24)
    same = Label("road", points=(((0.0, 0.02), (0.5, 0.5)),), id="2" * 24)
    kind = kinds.kind("polylines")
    assert proposals.fates([line], [same], Wanted("x"), kind, "lines") == ["covered"]
    assert proposals.fates([line], [], Wanted("x", classes=("river",)), kind, "lines") == ["other class"]
    tags = [Label("sun", confidence=0.9, id="3" * 24), Label("rain", confidence=0.9, id="4" * 24)]
    many = kinds.kind("classifications")
    assert proposals.fates(tags, [Label("sun")], Wanted("x"), many, "weather") == ["covered", "taken"]
    one = kinds.kind("classification")
    assert proposals.fates(tags, [], Wanted("x"), one, "weather") == ["taken", "no room"]
    mask = Label("", mask_path="/nowhere/mask.png", id="5" * 24)
    whole = kinds.kind("segmentation")
    assert proposals.fates([mask], [], Wanted("x", classes=("road",)), whole, "mask") == ["taken"]
    assert proposals.values(mask, "pred_r9") == {"mask_path": "/nowhere/mask.png", "attributes": {"from_run": "r9"}}
