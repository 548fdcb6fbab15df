"""The catalog of public datasets: complete entries, and a plain word when there is no network."""

import urllib.request
from urllib.parse import urlsplit

import pytest

from datasets.errors import DatasetExists, DatasetsError
from datasets.exchange import catalog
from datasets.storage import store
from datasets.workspace import Workspace


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every way out leads to a closed port of this machine."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(urllib.request, "_opener", None)  # it would keep these for the rest of the process


def test_names_are_unique_and_known() -> None:
    names = [entry.name for entry in catalog.entries()]
    assert len(names) == len(set(names)) >= 15
    assert {"coco-2017", "voc-2012", "open-images-v7-1000", "cifar10", "mnist", "fashion-mnist", "bdd100k"} <= set(
        names
    )


@pytest.mark.parametrize("entry", catalog.entries(), ids=lambda entry: entry.name)
def test_an_entry_says_everything_that_is_shown_before_a_download(entry: catalog.CatalogEntry) -> None:
    assert entry.title and entry.task and entry.licence
    assert entry.images > 0 and entry.megabytes > 0
    assert entry.size.startswith("about ")
    assert urlsplit(entry.home).scheme in {"http", "https"} and urlsplit(entry.home).hostname
    assert bool(entry.zoo) == bool(entry.host) == (entry.how == "zoo")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(DatasetsError, match="coco-2017"):
        catalog.entry("cocoo")


def test_without_network_the_host_is_named_and_nothing_is_written(offline: None, database: Workspace) -> None:
    with pytest.raises(DatasetsError, match=r"images\.cocodataset\.org .* nothing was written"):
        catalog.download("coco-2017-val", database)
    assert store.names(hidden=True) == []
    assert not (database.home / "fiftyone" / "zoo").exists()


def test_what_must_be_fetched_by_hand_names_its_home_page(offline: None, database: Workspace) -> None:
    with pytest.raises(DatasetsError, match=r"bdd-data\.berkeley\.edu .* import the folder"):
        catalog.download("bdd100k", database)


def test_a_dataset_that_is_there_is_not_fetched_again(offline: None, database: Workspace) -> None:
    store.create("mnist")
    with pytest.raises(DatasetExists):
        catalog.download("mnist", database)
