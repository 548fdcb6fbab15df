"""View specs find the samples they describe, and FiftyOne's App shows the same."""

from typing import Any

import pytest

from datasets.editing import tags
from datasets.errors import ViewError
from datasets.records import Label
from datasets.storage import collection, handle, labels, layout, store, vendor
from datasets.views import paging, resolve, saved
from datasets.viewspec import Filter, ViewSpec
from datasets.workspace import Workspace

BOX = (0.0, 0.0, 0.5, 0.5)
DOG = ("dog", 0.9)
ALL = ViewSpec(dataset="pets")


def objects(*pairs: tuple[str, float]) -> dict[str, Any] | None:
    return labels.to_document("detections", [Label(name, BOX, confidence) for name, confidence in pairs])


@pytest.fixture
def pets(database: Workspace) -> list[str]:
    """Four samples: a, b, c.d, d+; sample 3 has an empty list of labels, sample 4 none at all."""
    store.create("pets", {"pred": "detections", "scene": "classification"}, (), {"score": "float", "seen": "bool"})
    indoor = labels.to_document("classification", [Label("indoor", confidence=0.5)])
    size = collection.image_metadata(64, 48, None, None, None)
    return collection.insert("pets", [
        collection.sample_document("/in/a.png", size, split="train", score=3.0, pred=objects(("cat", 0.2), DOG)),
        collection.sample_document("/in/b.png", split="train", score=1.0, pred=objects(("cat", 0.8)), scene=indoor),
        collection.sample_document("/in/c.d.png", split="test", tags=["odd"], score=2.0, seen=True, pred=objects()),
        collection.sample_document("/in/d+.png"),
    ])  # fmt: skip


def places(pets: list[str], spec: ViewSpec) -> list[int]:
    return [pets.index(one) + 1 for one in resolve.ids(spec)]


@pytest.mark.parametrize(
    ("field", "op", "values", "expected"),
    [
        ("split", "any_of", ("train",), [1, 2]),
        ("split", "any_of", ("train", ""), [1, 2, 4]),
        ("split", "none_of", ("train",), [3, 4]),
        ("split", "missing", (), [4]),
        ("tags", "any_of", ("odd",), [3]),
        ("tags", "missing", (), [1, 2, 4]),
        ("score", "at_least", (2,), [1, 3]),
        ("score", "at_most", (1.0,), [2]),
        ("seen", "any_of", (True,), [3]),
        ("metadata.width", "at_least", (64,), [1]),
        ("filepath", "contains", ("C.D",), [3]),
        ("filepath", "contains", ("d+",), [4]),
        ("filepath", "contains", (".*",), []),
        ("pred.label", "any_of", ("dog",), [1]),
        ("pred.label", "contains", ("ca",), [1, 2]),
        ("pred.confidence", "at_least", (0.85,), [1]),
        ("pred", "exists", (), [1, 2]),
        ("pred", "missing", (), [3, 4]),
        ("pred", "count_at_least", ("cat", 1), [1, 2]),
        ("pred", "count_at_least", ("", 2), [1]),
        ("pred", "count_at_least", ("", 0), [1, 2, 3, 4]),
        ("pred", "count_at_least", ("cat", 1, 0.5), [2]),
        ("pred", "count_at_most", ("cat", 0), [3, 4]),
        ("pred", "count_at_most", ("", 1), [2, 3, 4]),
        ("pred", "count_at_most", ("", 1, 0.5), [1, 2, 3, 4]),
        ("pred", "count_at_least", ("$cat", 1), []),
        ("scene.label", "any_of", ("indoor",), [2]),
        ("scene.confidence", "at_most", (0.4,), []),
        ("scene", "exists", (), [2]),
    ],
)
def test_a_filter_finds_its_samples(
    pets: list[str], field: str, op: Any, values: tuple[Any, ...], expected: list[int]
) -> None:
    spec = ALL.narrowed(Filter(field=field, op=op, values=values))
    assert places(pets, spec) == expected
    slug = resolve.fiftyone_view(spec)[1]
    shown = collection.load("pets").load_saved_view(saved.find("pets", slug or "").name)
    assert shown.values("id") == resolve.ids(spec)


def test_conditions_on_one_label_field_hold_for_one_and_the_same_label(pets: list[str]) -> None:
    sure = Filter(field="pred.confidence", op="at_least", values=(0.5,))
    cat = Filter(field="pred.label", op="any_of", values=("cat",))
    assert places(pets, ALL.narrowed(sure, cat)) == [2]


def test_samples_without_a_value_sort_first_and_the_order_is_total(pets: list[str]) -> None:
    assert places(pets, ALL.model_copy(update={"sort": "score"})) == [4, 2, 3, 1]
    assert places(pets, ALL.model_copy(update={"sort": "score", "descending": True})) == [1, 3, 2, 4]
    assert places(pets, ALL.model_copy(update={"descending": True})) == [4, 3, 2, 1]
    assert places(pets, ALL.model_copy(update={"sort": "pred.confidence", "descending": True}))[:2] == [1, 2]


def test_given_ids_narrow_a_view(pets: list[str]) -> None:
    assert places(pets, ALL.model_copy(update={"ids": (pets[2], pets[0])}).of_splits("train")) == [1]


def test_a_view_follows_changes_of_the_dataset(pets: list[str]) -> None:
    hot = ALL.narrowed(Filter(field="tags", op="any_of", values=("hot",)))
    assert paging.count(hot) == 0
    tags.add("pets", [pets[0]], "hot")
    assert places(pets, hot) == [1]
    collection.remove("pets", [pets[0]])
    assert paging.count(hot) == 0
    assert paging.count(ALL) == 3


def test_a_saved_view_of_ours_is_one_of_fiftyones(pets: list[str]) -> None:
    spec = ALL.of_splits("train").model_copy(update={"sort": "score"})
    resolve.save_view("Train only", spec)
    theirs = collection.load("pets").load_saved_view("Train only")
    assert theirs.values("id") == resolve.ids(spec) == resolve.ids(ViewSpec(dataset="pets", saved="Train only"))
    assert resolve.fiftyone_view(ViewSpec(dataset="pets", saved="Train only")) == ("pets", "train-only")
    resolve.delete_view("pets", "train-only")
    assert resolve.list_views("pets") == []
    assert collection.load("pets").list_saved_views() == []


def test_a_view_made_by_fiftyone_opens_here_and_can_be_narrowed(pets: list[str]) -> None:
    fo = vendor.fiftyone()
    theirs = collection.load("pets")
    view = theirs.filter_labels("pred", fo.ViewField("label") == "cat").sort_by("score").limit(5)
    theirs.save_view("cats", view)
    opened = ViewSpec(dataset="pets", saved="cats")
    assert [one.name for one in resolve.list_views("pets")] == ["cats"]
    assert places(pets, opened) == [2, 1]
    assert places(pets, opened.model_copy(update={"sort": "filepath"})) == [1, 2]
    narrowed = opened.narrowed(Filter(field="score", op="at_least", values=(2,)))
    assert places(pets, narrowed) == [1]
    assert resolve.match_of(narrowed, handle.of(narrowed.dataset)) == {"_id": {"$in": layout.object_ids([pets[0]])}}
    name, slug = resolve.fiftyone_view(narrowed)
    shown = collection.load(name).load_saved_view(saved.find(name, slug or "").name)
    assert shown.values("id") == [pets[0]]


def test_patches_count_as_their_sample(pets: list[str]) -> None:
    theirs = collection.load("pets")
    theirs.save_view("patches", theirs.to_patches("pred"))
    assert places(pets, ViewSpec(dataset="pets", saved="patches")) == [1, 2]
    assert store.names() == ["pets"]


def test_saving_again_replaces_a_view_and_near_names_are_refused(pets: list[str]) -> None:
    resolve.save_view("mine", ALL.of_splits("train"))
    resolve.save_view("mine", ALL.of_splits("test"))
    assert places(pets, ViewSpec(dataset="pets", saved="mine")) == [3]
    with pytest.raises(ViewError, match="found 'Mine', too near to 'mine'"):
        resolve.save_view("Mine", ALL)
    with pytest.raises(ViewError, match="at least one letter or digit"):
        resolve.save_view("犬", ALL)


def test_few_scratch_views_are_kept_and_none_is_listed(pets: list[str]) -> None:
    assert resolve.fiftyone_view(ALL) == ("pets", None)
    for score in range(12):
        resolve.fiftyone_view(ALL.narrowed(Filter(field="score", op="at_least", values=(score,))))
    assert resolve.list_views("pets") == []
    assert len(collection.load("pets").list_saved_views()) == 8


@pytest.mark.parametrize(
    ("field", "op", "values", "message"),
    [
        ("nope", "exists", (), r"found 'nope'; fields: .*split.*pred, pred\.label"),
        ("pred.nope", "exists", (), r"found 'pred\.nope'"),
        ("pred", "any_of", ("cat",), r"name an attribute, such as pred\.label"),
        ("split", "at_least", (3,), "expected a numeric field and a number for at_least, found 'split'"),
        ("score", "at_least", ("3",), "found 'score' and '3'"),
        ("score", "contains", ("3",), "expected a text field for contains"),
        ("split", "any_of", (), "expected at least one value for any_of"),
        ("pred", "count_at_least", ("cat",), r"a number and perhaps a confidence .* found \('cat',\)"),
        ("pred", "count_at_most", ("cat", "3"), "expected a class, a number"),
        ("scene", "count_at_least", ("indoor", 1), "expected a field with any number of labels"),
        ("score", "count_at_least", ("cat", 1), "expected a field with any number of labels"),
    ],
)
def test_a_filter_that_cannot_be_read_says_why(
    pets: list[str], field: str, op: Any, values: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(ViewError, match=message):
        resolve.ids(ALL.narrowed(Filter(field=field, op=op, values=values)))


def test_an_unknown_saved_view_and_an_unsortable_field_are_errors(pets: list[str]) -> None:
    resolve.save_view("mine", ALL)
    with pytest.raises(ViewError, match="found 'yours'; saved views: mine"):
        resolve.ids(ViewSpec(dataset="pets", saved="yours"))
    with pytest.raises(ViewError, match="to sort by, found 'pred'"):
        resolve.ids(ALL.model_copy(update={"sort": "pred"}))
