"""New splits for a dataset that is there: what is planned, what is written, what is left alone."""

import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from bson import ObjectId

from datasets.errors import FieldError, SplitError
from datasets.exchange import resplitting
from datasets.exchange.splitting import Item, filled
from datasets.records import SEQUENCE, Label
from datasets.storage import collection, documents, queue_records, store
from datasets.storage.labels import to_document
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from tests.helpers import make_image

SPEC = ViewSpec(dataset="few")
HALF = (0.5, 0.5, 0.0)


def fill(folder: Path, names: str, splits: str = "", **more: object) -> list[str]:
    """One image per letter: the class of its label, - for none on it, ? for never labelled; t and v are splits."""
    store.create("few", {"ground_truth": "detections"}, fields={SEQUENCE: "string"})
    made = []
    for number, name in enumerate(names):
        path = make_image(folder / f"{number:03}.png", seed=number)
        document = to_document("detections", [] if name == "-" else [Label(name, (0.1, 0.1, 0.3, 0.3))])
        where = {"t": "train", "v": "val", "x": "test"}.get(splits[number : number + 1])
        truth = None if name == "?" else document
        made.append(collection.sample_document(str(path), split=where, ground_truth=truth))
    return collection.insert("few", made)


def splits() -> dict[str, str]:
    return {str(one["_id"]): one.get("split") or "" for one in collection.stream("few")}


def counts(found: Mapping[str, str]) -> Counter[str]:
    return Counter(found.values())


def test_labelled_samples_are_split_by_class_and_the_others_left_alone(database: Workspace, tmp_path: Path) -> None:
    ids = fill(tmp_path, "aaaabbbb??")
    made = resplitting.plan(SPEC, "ground_truth", HALF)
    assert (made.counts, made.unlabelled, made.stratified) == ({"train": 4, "val": 4}, 2, True)
    assert made.classes == {"a": {"train": 2, "val": 2}, "b": {"train": 2, "val": 2}}
    assert counts(splits()) == {"": 10}, "a plan writes nothing"
    assert resplitting.apply(made) == 8
    assert [splits()[one] for one in ids[8:]] == ["", ""]
    assert counts(splits()) == {"train": 4, "val": 4, "": 2}


def test_the_seed_decides_and_a_plan_again_moves_nothing(database: Workspace, tmp_path: Path) -> None:
    fill(tmp_path, "ab" * 10)
    first = resplitting.plan(SPEC, "ground_truth", HALF, 1)
    assert first == resplitting.plan(SPEC, "ground_truth", HALF, 1)
    assert first.moves != resplitting.plan(SPEC, "ground_truth", HALF, 2).moves
    resplitting.apply(first)
    assert resplitting.plan(SPEC, "ground_truth", HALF, 1).moves == {}


def test_kept_samples_stay_and_the_new_ones_fill_what_is_missing(database: Workspace, tmp_path: Path) -> None:
    ids = fill(tmp_path, "a" * 10, "tttttt")
    made = resplitting.plan(SPEC, "ground_truth", HALF, keep=True)
    assert set(made.moves) == set(ids[6:]) and set(made.moves.values()) == {"val"}
    assert made.counts == {"train": 6, "val": 4}


def test_test_is_kept_even_without_a_share(database: Workspace, tmp_path: Path) -> None:
    ids = fill(tmp_path, "aaaaaa", "xx")
    assert not set(resplitting.plan(SPEC, "ground_truth", HALF, keep=True).moves) & set(ids[:2])
    assert set(ids[:2]) <= set(resplitting.plan(SPEC, "ground_truth", HALF).moves)


@pytest.mark.parametrize("number", [2, 3, 10])
def test_a_few_samples_fill_train_and_val(database: Workspace, tmp_path: Path, number: int) -> None:
    fill(tmp_path, "a" * number)
    found = resplitting.plan(SPEC, "ground_truth", (0.9, 0.1, 0.0)).counts
    assert found["train"] >= 1 and found["val"] >= 1 and sum(found.values()) == number


def test_copies_and_frames_of_a_sequence_stay_together(database: Workspace, tmp_path: Path) -> None:
    ids = fill(tmp_path, "a" * 12)
    paths = [Path(one["filepath"]) for one in collection.stream("few")]
    shutil.copyfile(paths[0], paths[1])
    collection.update("few", [(one, {SEQUENCE: "film"}) for one in ids[6:10]])
    for seed in range(5):
        made = resplitting.plan(SPEC, "ground_truth", HALF, seed)
        assert made.moves[ids[0]] == made.moves[ids[1]]
        assert len({made.moves[one] for one in ids[6:10]}) == 1


def test_a_part_of_a_dataset_is_split_alone(database: Workspace, tmp_path: Path) -> None:
    ids = fill(tmp_path, "a" * 8, "tttttttt")
    resplitting.apply(resplitting.plan(SPEC.model_copy(update={"ids": tuple(ids[:4])}), "ground_truth", HALF))
    assert counts({one: splits()[one] for one in ids[:4]}) == {"train": 2, "val": 2}
    assert {splits()[one] for one in ids[4:]} == {"train"}


def test_what_lacks_is_told(database: Workspace, tmp_path: Path) -> None:
    fill(tmp_path, "a?", "tv")
    assert resplitting.lacking(SPEC, "ground_truth") == ["val"]


def test_a_sample_that_was_called_done_is_labelled(database: Workspace, tmp_path: Path) -> None:
    ids = fill(tmp_path, "a??")
    key = queue_records.Key(documents.of("few")["_id"], "ground_truth", ids[1])
    assert isinstance(key.dataset_id, ObjectId)
    queue_records.ensure(key, "done")
    made = resplitting.plan(SPEC, "ground_truth", HALF)
    assert set(made.moves) == set(ids[:2]) and made.unlabelled == 1


def test_nothing_labelled_bad_shares_and_an_unknown_field_are_refused(database: Workspace, tmp_path: Path) -> None:
    fill(tmp_path, "??")
    with pytest.raises(SplitError, match="found none on the 2 samples here; label some"):
        resplitting.plan(SPEC, "ground_truth", HALF)
    with pytest.raises(FieldError, match="no label field 'boxes'"):
        resplitting.plan(SPEC, "boxes", HALF)
    collection.update("few", [(one, {"ground_truth": to_document("detections", [])}) for one in splits()])
    with pytest.raises(SplitError, match="add up to 1"):
        resplitting.plan(SPEC, "ground_truth", (0.5, 0.1, 0.0))


def test_samples_are_moved_by_hand(database: Workspace, tmp_path: Path) -> None:
    ids = fill(tmp_path, "aaa", "ttt")
    assert resplitting.move("few", ids[:2], " extra ") == 2
    assert resplitting.move("few", ids[2:], None) == 1
    assert list(splits().values()) == ["extra", "extra", ""]
    assert store.summary("few").splits == {"extra": 2, "": 1}
    with pytest.raises(SplitError, match="the name of a split"):
        resplitting.move("few", ids, " ")


def test_what_is_given_to_an_empty_split_is_least_missed() -> None:
    items = [Item("1", ("rare",)), Item("2", ("often",)), Item("3", ("often",)), Item("4", (), fixed="train")]
    assert filled(items, ["train"] * 4) in (["train", "val", "train", "train"], ["train", "train", "val", "train"])
    assert filled(items[:1], ["train"]) == ["train"], "the last one is not given away"
    assert filled(items[:2], ["test", "test"])[:2].count("test") == 0
