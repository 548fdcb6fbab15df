"""What FiftyOne's Annotate tab offers for a label field, set through FiftyOne's own API, which checks it."""

from collections.abc import Mapping
from typing import Any

from datasets.errors import FieldError
from datasets.storage import collection, labels, vendor

_FIELDS = {"str": "StringField", "float": "FloatField", "bool": "BooleanField"}


def supported(kind: str, media: str = "image") -> bool:
    """Whether FiftyOne's App of the installed version annotates fields of this kind. Imports FiftyOne."""
    vendor.fiftyone()
    from fiftyone.core.annotation import constants

    known = {*constants.SUPPORTED_LABEL_TYPES, *constants.SUPPORTED_LABEL_TYPES_BY_MEDIA_TYPE.get(media, ())}
    return kind in {one.__name__.lower() for one in known}


def stored(document: Mapping[str, Any], field: str) -> Mapping[str, Any] | None:
    """What is set for a field, from the dataset's document; None where nothing is."""
    found = (document.get("label_schemas") or {}).get(field)
    return found if field in (document.get("active_label_schemas") or ()) else None


def declare(name: str, field: str, kind: str, wanted: Mapping[str, Any]) -> None:
    """Set the label schema of a field and show it in Annotate. Attributes that it names are declared where they lack.

    Raises FieldError, in FiftyOne's words, for a schema that it refuses.
    """
    fo, dataset = vendor.fiftyone(), collection.load(name)
    dataset.reload()
    path = labels.list_path(field, kind)
    known = dataset.get_field_schema(flat=True)
    for one in wanted.get("attributes") or ():
        place = f"{path}.{one['name']}"
        if place not in known:
            dataset.add_sample_field(place, getattr(fo, _FIELDS[one["type"]]))
    try:
        dataset.update_label_schema(field, dict(wanted))
    except (ValueError, ExceptionGroup) as refused:
        raise FieldError(
            f"expected a label schema of field {field!r} that FiftyOne takes, found that it refuses it: {refused}"
        ) from refused
    dataset.activate_label_schemas(field)
