from typing import Any

import pytest

from datasets.editing import journal, verdicts
from datasets.errors import DatasetsError, FieldError
from datasets.records import Label
from datasets.storage import collection, connection, labels, layout, store
from datasets.views import resolve
from datasets.workspace import Workspace

NAME = "judged"


@pytest.fixture
def sample(database: Workspace) -> str:
    """A sample with one labelled cat and one predicted dog."""
    store.create(NAME, {"ground_truth": "detections", "pred_r1": "detections"}, ["cat", "dog"])
    document = collection.sample_document(
        "/nowhere/1.jpg",
        ground_truth=labels.to_document("detections", [Label("cat", (0.1, 0.1, 0.2, 0.2))]),
        pred_r1=labels.to_document("detections", [Label("dog", (0.5, 0.5, 0.2, 0.2), 0.9)]),
    )
    return collection.insert(NAME, [document, collection.sample_document("/nowhere/2.jpg")])[0]


def items(sample: str, field: str = "ground_truth") -> list[dict[str, Any]]:
    document = next(collection.by_ids(NAME, [sample]))
    return list((document.get(field) or {}).get("detections") or ())


def label_id(sample: str, field: str = "ground_truth") -> str:
    return str(items(sample, field)[0]["_id"])


def sample_tags(sample: str) -> list[str]:
    return list(next(collection.by_ids(NAME, [sample]))["tags"])


def test_relabel_changes_the_class_and_keeps_the_earlier(sample: str) -> None:
    key = label_id(sample)
    given = verdicts.give(NAME, sample, "ground_truth", key, "relabel", label="dog", run="r1")
    assert items(sample)[0]["label"] == "dog"
    assert (given.before, given.label, given.run) == ("cat", "dog", "r1")
    second = verdicts.give(NAME, sample, "ground_truth", key, "relabel", label="cow")
    with pytest.raises(DatasetsError, match="cow"):
        verdicts.undo(NAME, given.id)
    verdicts.undo(NAME, second.id)
    assert items(sample)[0]["label"] == "dog"
    verdicts.undo(NAME, given.id)
    assert items(sample)[0]["label"] == "cat"
    assert [one.before for one in verdicts.given(NAME, undone=True)] == ["dog", "cat"]
    assert verdicts.given(NAME) == []


def test_a_label_to_be_drawn_anew_is_tagged_and_found(sample: str) -> None:
    given = verdicts.give(NAME, sample, "ground_truth", None, "wrong")
    assert sample_tags(sample) == ["wrong label", "verdict:wrong"]
    assert resolve.ids(verdicts.view(NAME, "wrong")) == [sample] == resolve.ids(verdicts.view(NAME))
    verdicts.undo(NAME, given.id)
    assert sample_tags(sample) == []


def test_a_relabelled_prediction_becomes_ground_truth_once(sample: str) -> None:
    key = label_id(sample, "pred_r1")
    given = verdicts.give(NAME, sample, "pred_r1", key, "relabel")
    again = verdicts.give(NAME, sample, "pred_r1", key, "relabel", label="cow")
    assert [one["label"] for one in items(sample)] == ["cat", "cow"]
    assert items(sample)[1]["bounding_box"] == [0.5, 0.5, 0.2, 0.2]
    assert "confidence" not in items(sample)[1]
    assert given.added == again.added == str(items(sample)[1]["_id"])
    assert [one["label"] for one in items(sample, "pred_r1")] == ["dog"]
    verdicts.undo(NAME, again.id)
    assert [one["label"] for one in items(sample)] == ["cat", "dog"]
    verdicts.undo(NAME, given.id)
    assert [one["label"] for one in items(sample)] == ["cat"]


def test_a_prediction_is_added_where_there_was_no_label_at_all(sample: str) -> None:
    collection.update(NAME, [(sample, {"ground_truth": None})])
    verdicts.give(NAME, sample, "pred_r1", label_id(sample, "pred_r1"), "relabel", label="dog")
    loaded = collection.load(NAME)[sample]
    assert [one.label for one in loaded.ground_truth.detections] == ["dog"]


def test_confirm_and_ignore_tag_labels_and_samples(sample: str) -> None:
    key = label_id(sample)
    first = verdicts.give(NAME, sample, "ground_truth", key, "confirm")
    second = verdicts.give(NAME, sample, "ground_truth", None, "ignore")
    assert items(sample)[0]["tags"] == ["confirmed"]
    assert set(sample_tags(sample)) == {"verdict:confirm", "ignored", "verdict:ignore"}
    assert verdicts.undo(NAME, first.id).undone is not None
    verdicts.undo(NAME, second.id)
    assert items(sample)[0]["tags"] == []
    assert sample_tags(sample) == []


def test_verdicts_are_a_view(sample: str) -> None:
    assert resolve.ids(verdicts.view(NAME)) == []
    verdicts.give(NAME, sample, "ground_truth", label_id(sample), "confirm")
    assert resolve.ids(verdicts.view(NAME)) == resolve.ids(verdicts.view(NAME, "confirm")) == [sample]
    assert resolve.ids(verdicts.view(NAME, "relabel", "ignore")) == []


def test_a_verdict_that_a_crash_cut_off_is_finished(sample: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(verdicts, "_apply", crash)
        with pytest.raises(KeyboardInterrupt):
            verdicts.give(NAME, sample, "ground_truth", label_id(sample), "relabel", label="dog")
    assert items(sample)[0]["label"] == "cat"
    assert verdicts.finish(NAME) == 1
    assert items(sample)[0]["label"] == "dog"
    assert verdicts.finish(NAME) == 0


def test_a_relabel_is_taken_back_by_its_entry_in_the_journal(sample: str) -> None:
    given = verdicts.give(NAME, sample, "ground_truth", label_id(sample), "relabel", label="dog")
    verdicts.undo(NAME, given.id)
    back, made = journal.history(NAME, sample, "ground_truth")
    assert made.operations == (f"verdict:{given.id}",) and back.undoes == made.id


def test_verdicts_of_before_the_journal_are_read_and_taken_back(sample: str) -> None:
    first = verdicts.give(NAME, sample, "ground_truth", label_id(sample), "relabel", label="dog")
    second = verdicts.give(NAME, sample, "pred_r1", label_id(sample, "pred_r1"), "relabel")
    stored = connection.db()["foveal_verdicts"]
    stored.update_many({"_id": {"$in": layout.object_ids([first.id, second.id])}}, {"$unset": {"entry": ""}})
    assert [one.id for one in verdicts.given(NAME)] == [second.id, first.id]
    for one in (second, first):
        verdicts.undo(NAME, one.id)
    assert [one["label"] for one in items(sample)] == ["cat"]


def test_a_cut_off_verdict_whose_label_went_holds_up_no_other(sample: str, monkeypatch: pytest.MonkeyPatch) -> None:
    key = label_id(sample)
    with monkeypatch.context() as patch:
        patch.setattr(verdicts, "_apply", lambda *_: None)
        verdicts.give(NAME, sample, "ground_truth", key, "relabel", label="dog")
    collection.update(NAME, [(sample, {"ground_truth": None})])
    verdicts.give(NAME, sample, "ground_truth", None, "ignore")
    assert items(sample) == [] and "ignored" in sample_tags(sample)


def test_what_is_not_there_or_not_said_is_an_error(sample: str) -> None:
    with pytest.raises(FieldError, match="f" * 24):
        verdicts.give(NAME, sample, "ground_truth", "f" * 24, "confirm")
    with pytest.raises(FieldError, match="sample"):
        verdicts.give(NAME, "f" * 24, "ground_truth", None, "ignore")
    with pytest.raises(DatasetsError, match="new class"):
        verdicts.give(NAME, sample, "ground_truth", label_id(sample), "relabel")
    with pytest.raises(DatasetsError, match="relabel, confirm, wrong, ignore"):
        verdicts.give(NAME, sample, "ground_truth", None, "burn")  # type: ignore[arg-type]
    with pytest.raises(DatasetsError, match="verdict"):
        verdicts.undo(NAME, "f" * 24)
    assert verdicts.given(NAME) == []


@pytest.fixture
def whole(database: Workspace) -> str:
    """A sample with one class (cat, predicted dog) and some classes (indoor, predicted night) of the whole image."""
    kinds = {"one": "classification", "some": "classifications"}
    store.create(NAME, {**kinds, **{f"pred_{name}": kind for name, kind in kinds.items()}}, ["cat", "dog"])
    found = {"one": "cat", "pred_one": "dog", "some": "indoor", "pred_some": "night"}
    made = {name: labels.to_document(kinds[name.removeprefix("pred_")], [Label(one)]) for name, one in found.items()}
    ids = collection.insert(
        NAME, [collection.sample_document("/nowhere/1.jpg", **made), collection.sample_document("/nowhere/2.jpg")]
    )
    return ids[0]


def classes(sample: str, field: str) -> list[tuple[str, str]]:
    """Class and id of every label of a field."""
    found = labels.items(next(collection.by_ids(NAME, [sample])).get(field))
    return [(one["label"], str(one["_id"])) for one in found]


def test_the_class_of_an_image_is_changed_confirmed_and_given_back(whole: str) -> None:
    ((_, key),) = classes(whole, "one")
    given = verdicts.give(NAME, whole, "one", key, "relabel", label="dog", label_field="one")
    confirmed = verdicts.give(NAME, whole, "one", key, "confirm", label_field="one")
    assert classes(whole, "one") == [("dog", key)]
    assert next(collection.by_ids(NAME, [whole]))["one"]["tags"] == ["confirmed"]
    verdicts.undo(NAME, confirmed.id)
    verdicts.undo(NAME, given.id)
    assert classes(whole, "one") == [("cat", key)]
    assert next(collection.by_ids(NAME, [whole]))["one"]["tags"] == []


def test_a_predicted_class_is_added_where_there_is_room(whole: str) -> None:
    ((_, key),) = classes(whole, "pred_some")
    given = verdicts.give(NAME, whole, "pred_some", key, "relabel", label_field="some")
    assert [name for name, _ in classes(whole, "some")] == ["indoor", "night"]
    verdicts.undo(NAME, given.id)
    assert [name for name, _ in classes(whole, "some")] == ["indoor"]
    ((_, key),) = classes(whole, "pred_one")
    with pytest.raises(FieldError, match="found 'cat'; relabel that one"):
        verdicts.give(NAME, whole, "pred_one", key, "relabel", label_field="one")
    collection.update(NAME, [(whole, {"one": None})])
    given = verdicts.give(NAME, whole, "pred_one", key, "relabel", label_field="one")
    assert [name for name, _ in classes(whole, "one")] == ["dog"]
    again = verdicts.give(NAME, whole, "pred_one", key, "relabel", label="cat", label_field="one")
    assert [name for name, _ in classes(whole, "one")] == ["cat"]
    verdicts.undo(NAME, again.id)
    verdicts.undo(NAME, given.id)
    assert classes(whole, "one") == []


def test_the_journal_names_who_decided_and_who_took_it_back(sample: str) -> None:
    given = verdicts.give(NAME, sample, "ground_truth", label_id(sample), "relabel", label="dog", who="Anna")
    verdicts.undo(NAME, given.id, who="Ben")
    assert [one.who for one in journal.history(NAME, sample, "ground_truth")] == ["Ben", "Anna"]
