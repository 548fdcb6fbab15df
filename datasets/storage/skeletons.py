"""The skeletons of a dataset's key points, where FiftyOne keeps them, and the sigmas that it has no place for."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from datasets.skeleton import Skeleton
from datasets.storage import documents

_SIGMAS = "info.foveal.sigmas"


def of(document: Mapping[str, Any], field: str) -> Skeleton | None:
    """The skeleton of a field in a dataset's document: its own, else the dataset's; None where neither is declared."""
    found = (document.get("skeletons") or {}).get(field) or document.get("default_skeleton")
    if not found:
        return None
    names = tuple(str(name) for name in found.get("labels") or ())
    edges = tuple(_pairs(found.get("edges") or ()))
    sigmas = (((document.get("info") or {}).get("foveal") or {}).get("sigmas") or {}).get(field) or ()
    fitting = all(0 <= end < len(names) for edge in edges for end in edge) or not names
    return Skeleton(names, edges if fitting else (), tuple(sigmas) if len(sigmas) == len(names) else ())


def stored(skeleton: Skeleton) -> dict[str, Any]:
    """Names and edges as FiftyOne stores them."""
    edges = [list(edge) for edge in skeleton.edges]
    return {"_cls": "KeypointSkeleton", "labels": list(skeleton.points) or None, "edges": edges}


def declare(dataset: str, field: str, skeleton: Skeleton | None) -> None:
    """Store the skeleton of a field, so that FiftyOne draws it too; None removes it. Raises DatasetNotFound."""
    if skeleton is None:
        documents.unset(dataset, f"skeletons.{field}")
        documents.unset(dataset, f"{_SIGMAS}.{field}")
        return
    sigmas = {f"{_SIGMAS}.{field}": list(skeleton.sigmas)} if skeleton.sigmas else {}
    documents.update(dataset, {f"skeletons.{field}": stored(skeleton), **sigmas})


def _pairs(chains: Sequence[Sequence[int]]) -> Iterator[tuple[int, int]]:
    """FiftyOne's edges are chains of any length."""
    for chain in chains:
        yield from pairwise(int(end) for end in chain)
