"""How the key points of a dataset are joined by lines, for whatever draws them."""

from collections.abc import Mapping

from datasets import kinds
from datasets.skeleton import Edges
from datasets.storage import handle, skeletons


def edges(dataset: str) -> Mapping[str, Edges]:
    """Pairs of positions of points by field, for every field of key points; none where no skeleton is declared."""
    found = handle.of(dataset, any_version=True)
    posed = [one.name for one in found.fields if one.label_kind and kinds.kind(one.label_kind).posed]
    known = {name: skeletons.of(found.document, name) for name in posed}
    return {name: one.edges if one else () for name, one in known.items()}
