"""Views in page addresses."""

import pytest
from pydantic import ValidationError

from app.address import pack, unpack
from datasets.viewspec import Filter, ViewSpec


def test_the_whole_dataset_needs_no_words() -> None:
    assert pack(ViewSpec(dataset="street")) == ""
    assert unpack("street", "") == ViewSpec(dataset="street")


@pytest.mark.parametrize(
    "spec",
    [
        ViewSpec(dataset="a, b", filters=(Filter(field="split", op="any_of", values=("val", "Größe")),)),
        ViewSpec(dataset="x", saved="mine", sort="filepath", descending=True),
        ViewSpec(dataset="x", ids=("0" * 24,), filters=(Filter(field="pred_r.score", op="at_most", values=(0.5,)),)),
    ],
)  # fmt: skip
def test_a_view_comes_back_as_it_went(spec: ViewSpec) -> None:
    assert unpack(spec.dataset, pack(spec)) == spec


@pytest.mark.parametrize("text", ["nonsense", '{"filters": 3}', '{"dataset": "other"', "{}}"])
def test_an_address_that_cannot_be_read_says_so(text: str) -> None:
    with pytest.raises(ValidationError):
        unpack("street", text)


def test_the_dataset_is_never_taken_from_the_view() -> None:
    assert unpack("street", '{"sort": "filepath"}').dataset == "street"
