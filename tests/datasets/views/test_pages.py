"""Rows of the grid and of one sample."""

import math

import pytest

from datasets.errors import ViewError
from datasets.records import Label
from datasets.storage import collection, connection, labels, store
from datasets.views import legends, pages
from datasets.viewspec import Filter, ViewSpec
from datasets.workspace import Workspace
from tests import commands

ALL = ViewSpec(dataset="pets")
CAT = Label("cat", (0.0, 0.0, 0.5, 0.5), 0.25, "0123456789abcdef01234567", attributes={"index": 2})
DOG = Label("dog", (0.5, 0.0, 0.5, 0.5), 0.75, "0123456789abcdef01234568")


@pytest.fixture
def pets(database: Workspace) -> list[str]:
    """Seven samples; the first has two labels, the score of sample i is i, that of the last is no number."""
    store.create("pets", {"pred": "detections", "scene": "classification"}, (), {"score": "float"})
    first = collection.sample_document(
        "/a.png",
        collection.image_metadata(64, 48, 10, "image/png", 3),
        split="val",
        tags=["odd", "red"],
        score=0.0,
        pred=labels.to_document("detections", [CAT, DOG]),
    )
    rest = [collection.sample_document(f"/{i}.png", score=float(i) if i < 6 else math.nan) for i in range(1, 7)]
    return collection.insert("pets", [first, *rest])


def test_pages_hold_every_sample_once_in_order(pets: list[str]) -> None:
    several = [pages.page(ALL, number, 3) for number in (1, 2, 3, 4)]
    assert [len(one.rows) for one in several] == [3, 3, 1, 0]
    assert [row.id for one in several for row in one.rows] == pets
    assert {one.total for one in several} == {7}


def test_a_row_holds_plain_values_and_labels(pets: list[str]) -> None:
    row = pages.sample("pets", pets[0])
    assert (row.path, row.width, row.height, row.split, row.tags) == ("/a.png", 64, 48, "val", ("odd", "red"))
    assert row.labels == {"pred": (CAT, DOG), "scene": ()}
    assert row.values["score"] == 0.0
    assert isinstance(row.values["created_at"], str)
    bare = pages.sample("pets", pets[1])
    assert pages.sample("pets", pets[6]).values["score"] is None
    assert (bare.width, bare.split, bare.tags, bare.labels["pred"]) == (None, None, (), ())


def test_binary_parts_of_labels_stay_in_the_database(pets: list[str]) -> None:
    collection.update("pets", [(pets[0], {"pred.detections.0.mask": b"pixels"})])
    assert "mask" not in pages.sample("pets", pets[0]).labels["pred"][0].attributes


def test_classes_are_counted_in_a_view(pets: list[str]) -> None:
    assert pages.class_counts(ALL, "pred") == {"cat": 1, "dog": 1}
    assert pages.class_counts(ALL.of_splits("train"), "pred") == {}
    with pytest.raises(ViewError, match="expected a label field, found 'score', which is float"):
        pages.class_counts(ALL, "score")


def test_different_values_of_simple_fields_lists_and_labels(pets: list[str]) -> None:
    assert pages.distinct(ALL, "split") == ["val"]
    assert pages.distinct(ALL, "tags") == ["odd", "red"]
    assert pages.distinct(ALL, "pred.label") == ["cat", "dog"]
    assert pages.distinct(ALL, "filepath", most=2) == ["/1.png", "/2.png"]


def test_ranges_leave_out_what_is_no_number(pets: list[str]) -> None:
    assert pages.number_range(ALL, "score") == (0.0, 5.0)
    assert pages.number_range(ALL, "pred.confidence") == (0.25, 0.75)
    assert pages.number_range(ALL.of_splits("test"), "score") is None
    with pytest.raises(ViewError, match="expected a numeric field, found 'split'"):
        pages.number_range(ALL, "split")


def test_a_filtered_page_counts_what_it_shows(pets: list[str]) -> None:
    spec = ALL.narrowed(Filter(field="score", op="at_least", values=(3,)))
    assert pages.count(spec) == pages.page(spec, 1, 2).total == 3


def test_wrong_numbers_and_ids_are_errors(pets: list[str]) -> None:
    with pytest.raises(ViewError, match="from 1, found 0 and 3"):
        pages.page(ALL, 0, 3)
    with pytest.raises(ViewError, match="it may be deleted"):
        pages.sample("pets", "0" * 24)


@pytest.mark.parametrize(
    "spec", [ALL, ALL.of_splits("val"), ALL.narrowed(Filter(field="score", op="at_least", values=(1,)))]
)
def test_a_page_of_the_grid_takes_three_commands(pets: list[str], spec: ViewSpec) -> None:
    store.summary("pets")
    pages.page(spec)  # its samples are counted once for each state of the dataset
    with commands.heard() as asked:
        assert pages.nearest(spec, 9, 3).rows
    assert len(asked) <= 3, asked


def around_the_grid() -> None:
    """What the page Browse asks for beside the rows."""
    about = store.summary("pets", patience=1.0)
    assert store.names() == ["pets"] and pages.count(ALL) == about.count == 7
    assert legends.legend(ALL, "pred", 1.0) == {"cat": 1, "dog": 1}
    assert legends.coloured_classes("pets", 1.0) == ["cat", "dog"] and not legends.whole_masks(about)
    assert [one.name for one in store.schema("pets")][-2:] == ["pred", "scene"]


def test_what_browse_shows_around_the_grid_takes_two_commands(pets: list[str]) -> None:
    around_the_grid()
    with commands.heard() as asked, connection.moment():
        around_the_grid()
    assert asked == ["aggregate samples", "find datasets"]
