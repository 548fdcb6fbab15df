"""Names of the files of an export, and links among those of a source."""

from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.exchange.formats.common import files, tree
from datasets.exchange.formats.common.files import file_names
from datasets.records import ImageRecord
from tests.helpers import make_image

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


@pytest.mark.parametrize("scanned", [True, False])
def test_links_to_images_are_followed_whether_their_folder_was_listed_or_not(scanned: bool, tmp_path: Path) -> None:
    top = tmp_path.resolve()
    (top / "set").mkdir()
    make_image(top / "real.png")
    (top / "blob").write_bytes((top / "real.png").read_bytes())
    for name, target in {"a.png": "real.png", "b.png": "blob", "é.png": "real.png", ".c.png": "real.png"}.items():
        (top / "set" / name).symlink_to(top / target)
    make_image(top / "set/plain.png")
    with tree.scanning() if scanned else nullcontext():
        tree.listing(top / "set")
        found = {
            name: files.resolved(top / "set" / name) for name in ("a.png", "b.png", "é.png", ".c.png", "plain.png")
        }
    assert found == {
        "a.png": top / "real.png", "b.png": top / "set/b.png", "é.png": top / "real.png", ".c.png": top / "real.png",
        "plain.png": top / "set/plain.png",
    }  # fmt: skip
