"""Label Studio's short export (JSON-MIN): one flat object for each task, turned into a task as the whole export has it.

`{"image": "/data/upload/1/a.jpg", "id": 1, "label": [{"x", "y", ..., "rectanglelabels": ["car"]}], "scene": "day"}`: a
list of places for each control of the interface, or a word for a choice (https://labelstud.io/guide/export).
"""

from typing import Any

_TYPES = ("rectanglelabels", "polygonlabels", "brushlabels", "keypointlabels", "ellipselabels", "labels")
_SIZE = ("original_width", "original_height", "image_rotation")
_ABOUT = {"id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement"}


def looks_short(head: str) -> bool:
    """Whether a list in json begins like the short export."""
    return '"original_width"' in head and any(f'"{one}"' in head for one in _TYPES) and '"result"' not in head


def whole(task: object) -> object:
    """A task of the short export as one of the whole export: `data`, and one annotation with its results."""
    if not isinstance(task, dict) or "data" in task:
        return task
    results: list[dict[str, Any]] = []
    data: dict[str, Any] = {}
    for key, value in task.items():
        places = _places(value)
        if places:
            results += [_result(key, one) for one in places]
        elif key in _ABOUT:
            continue
        elif isinstance(value, str | int | float):
            data[key] = value
    annotation = {"result": results, "completed_by": task.get("annotator")}
    return {"id": task.get("id"), "data": data, "annotations": [annotation]}


def _places(value: object) -> list[dict[str, Any]]:
    found = value if isinstance(value, list) else []
    return [one for one in found if isinstance(one, dict) and any(kind in one for kind in _TYPES)]


def _result(control: str, place: dict[str, Any]) -> dict[str, Any]:
    kind = next(one for one in _TYPES if one in place)
    value = {key: one for key, one in place.items() if key not in _SIZE}
    size = {key: place[key] for key in _SIZE if key in place}
    return {**size, "value": value, "from_name": control, "to_name": "image", "type": kind}
