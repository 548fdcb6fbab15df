"""Names of the files of an export."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.exchange.formats.common.files import file_names
from datasets.records import ImageRecord

LETTERS = st.text(st.sampled_from("aA\u00e4\u2603"), min_size=1, max_size=260)


def names(*paths: str) -> list[str]:
    return file_names([ImageRecord(Path(path)) for path in paths])


def test_a_name_is_kept_where_it_can_be() -> None:
    assert names("/a/x.jpg", "/b/x.jpg", "/c/X.png", "/d/x_2.jpg") == ["x.jpg", "x_2.jpg", "X_3.png", "x_2_2.jpg"]
    longest = "y" * 250
    assert names(f"/a/{longest}.jpg", f"/b/{longest}.jpg") == [f"{longest}.jpg", f"{longest[:-2]}_2.jpg"]


@settings(max_examples=50, deadline=None)
@given(st.lists(LETTERS, max_size=8))
def test_names_fit_the_disk_and_no_two_are_alike(stems: list[str]) -> None:
    made = names(*(f"/{number}/{stem}.jpeg" for number, stem in enumerate(stems)))
    assert all(len(name.encode()) <= 255 for name in made)
    assert len({Path(name).stem.casefold() for name in made}) == len(stems)
