"""Saved views as FiftyOne knows them, written without importing it (`storage/view_documents`).

A view is a list of stages. Those that we write (`Match`, `Select`, `SortBy` by a field) are read back as plain MongoDB;
any other stage, made in FiftyOne's App or by code, is resolved by FiftyOne itself.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from datasets.errors import ViewError
from datasets.storage import collection, layout, view_documents
from datasets.storage.handle import Named

SCRATCH = "Foveal scratch "  # views made only to show something in FiftyOne's App
_STAGES = "fiftyone.core.stages."
_SCRATCH_KEPT = 8

Document = dict[str, Any]


@dataclass(frozen=True)
class SavedView:
    """A saved view of a dataset; `slug` names it in the address of FiftyOne's App."""

    name: str
    slug: str
    created: datetime | None
    modified: datetime | None
    stages: tuple[Mapping[str, Any], ...]

    @property
    def version(self) -> tuple[str, datetime | None]:
        """Changes when the view does."""
        return self.slug, self.modified


def stored_views(dataset: Named, *, scratch: bool = False) -> list[SavedView]:
    """The saved views of a dataset, oldest first. Raises DatasetNotFound."""
    return [made for made in map(_view, view_documents.stored(dataset)) if scratch or not made.name.startswith(SCRATCH)]


def find(dataset: Named, name: str) -> SavedView:
    """A saved view by name or slug. Raises ViewError that lists the existing views."""
    known = stored_views(dataset, scratch=True)
    for made in known:
        if name in (made.name, made.slug):
            return made
    owner = dataset if isinstance(dataset, str) else dataset.name
    listed = ", ".join(made.name for made in known if not made.name.startswith(SCRATCH)) or "none yet"
    raise ViewError(f"expected a saved view of dataset {owner!r}, found {name!r}; saved views: {listed}")


def write(dataset: Named, name: str, stages: Sequence[Mapping[str, Any]]) -> SavedView:
    """Save stages under a name; the view that had the name is replaced. Raises ViewError for a name that is refused."""
    slug = slug_of(name)
    known = stored_views(dataset, scratch=True)
    clash = next((made.name for made in known if made.slug == slug and made.name != name), None)
    if clash is not None:
        raise ViewError(f"expected a name unlike those of other saved views, found {name!r}, too near to {clash!r}")
    view_documents.write(dataset, name, slug, stages)
    return find(dataset, name)


def remove(dataset: Named, name: str) -> None:
    """Delete a saved view. Raises ViewError when there is none of this name."""
    view_documents.remove(dataset, find(dataset, name).slug)


def tidy(dataset: str) -> None:
    """Keep only the few newest scratch views."""
    scratch = [made for made in stored_views(dataset, scratch=True) if made.name.startswith(SCRATCH)]
    scratch.sort(key=lambda made: made.modified or datetime.min)
    for made in scratch[:-_SCRATCH_KEPT]:
        remove(dataset, made.name)


def slug_of(name: str) -> str:
    """The name in an address, as FiftyOne makes it (`fiftyone.core.utils.to_slug`). Raises ViewError when empty."""
    slug = re.sub(r"-+", "-", re.sub(r"[^A-Za-z0-9-]", "", re.sub(r"[\s+_.-]", "-", name))).strip("-").lower()
    if not slug:
        raise ViewError(f"expected a name with at least one letter or digit (A-Z, 0-9), found {name!r}")
    return slug


def match_stage(condition: Mapping[str, Any]) -> Document:
    """Samples that satisfy a MongoDB condition."""
    return _stage("Match", filter=dict(condition))


def select_stage(ids: Sequence[str]) -> Document:
    """These samples, in the order of the dataset."""
    return _stage("Select", sample_ids=list(ids), ordered=False)


def sort_stage(path: str, descending: bool) -> Document:
    """Order by a field."""
    return _stage("SortBy", field_or_expr=path, reverse=descending, create_index=False)


def plain(view: SavedView) -> tuple[list[Document], list[tuple[str, int]]] | None:
    """The view as MongoDB conditions and sort, or None when only FiftyOne can resolve it."""
    conditions: list[Document] = []
    sort: list[tuple[str, int]] = []
    for stage in view.stages:
        name = str(stage.get("_cls", "")).removeprefix(_STAGES)
        values = dict(stage.get("kwargs") or ())
        if name == "Match" and isinstance(values.get("filter"), dict):
            conditions.append(values["filter"])
        elif name == "Select" and not values.get("ordered"):
            conditions.append({"_id": {"$in": layout.object_ids(values["sample_ids"])}})
        elif name == "SortBy" and isinstance(values.get("field_or_expr"), str) and not sort:
            path = values["field_or_expr"]
            sort = [("_id" if path == "id" else path, -1 if values.get("reverse") else 1)]
        else:
            return None
    return conditions, sort


def resolved_ids(dataset: str, view: SavedView) -> list[str]:
    """Ids of the samples of any saved view in its order, resolved by FiftyOne; patches count as their sample."""
    found = collection.load(dataset).load_saved_view(view.name)
    field = "sample_id" if found.has_field("sample_id") else "id"
    return list(dict.fromkeys(str(key) for key in found.values(field)))


def _stage(name: str, **values: Any) -> Document:
    return {"_cls": f"{_STAGES}{name}", "kwargs": [[key, value] for key, value in values.items()]}


def _view(raw: Mapping[str, Any]) -> SavedView:
    return SavedView(raw["name"], raw["slug"], raw.get("created_at"), raw.get("last_modified_at"), raw["stages"])
