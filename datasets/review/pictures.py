"""How large the images of samples are, for galleries of whole images."""

from collections.abc import Sequence

from datasets.storage import collection

UNKNOWN = (4, 3)


def sizes(dataset: str, sample_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Width and height as shown, in pixels, of these samples; for missing or unreadable ones only an aspect ratio."""
    parts = {"metadata.width": 1, "metadata.height": 1}
    found = dict.fromkeys(sample_ids, UNKNOWN)
    for document in collection.by_ids(dataset, list(found), parts):
        size = document.get("metadata") or {}
        found[str(document["_id"])] = (size.get("width") or UNKNOWN[0], size.get("height") or UNKNOWN[1])
    return found
