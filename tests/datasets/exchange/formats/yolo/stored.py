"""What an import stored, to be compared with the truth; it must be what the preview showed."""

from pathlib import Path

from datasets.exchange.importing import ingest, preview
from datasets.exchange.previews import Preview
from datasets.records import Finding
from datasets.storage import collection
from tests.helpers import make_image

Found = dict[str, tuple[str | None, list[tuple[str, list[float], float | None]]]]


def stored(source: Path, top: Path | None = None) -> tuple[Preview, Found]:
    """The preview, and of each image below `top` its split (None for one that Foveal drew) and labels as stored."""
    shown = preview(source)
    ingest(source, "set")
    top = (top or (source if source.is_dir() else source.parent)).resolve()
    seen = {
        str(record.path.relative_to(top)): [
            (one.label, rounded(one.box or ()), one.confidence) for one in record.objects
        ]
        for record in shown.records
    }
    splits = {str(record.path.relative_to(top)): record.split for record in shown.records}
    made: Found = {}
    for raw in collection.stream("set"):
        name = str(Path(raw["filepath"]).relative_to(top))
        labels = (raw.get("ground_truth") or {}).get("detections", [])
        found = [(one["label"], rounded(one["bounding_box"]), one.get("confidence")) for one in labels]
        assert found == seen.pop(name) and (splits[name] is None or splits[name] == raw["split"])
        made[name] = splits[name], found
    assert not seen, "the preview shows images that were not stored"
    return shown, made


def rounded(box: object) -> list[float]:
    """A box to a millionth."""
    return [round(float(side), 6) for side in box]  # type: ignore[attr-defined]


def put(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Text files as they are given, and an image for each name without text."""
    for number, (name, text) in enumerate(files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not text and path.suffix.lower() in (".jpg", ".jpeg", ".png"):
            make_image(path, (64, 48), seed=number)
        elif isinstance(text, bytes):
            path.write_bytes(text)
        else:
            path.write_text(text, encoding="utf-8")
    return folder


def told(found: Preview) -> list[Finding]:
    """The findings but those about splits, which other tests look at."""
    return [one for one in found.findings if one.code not in ("no_validation_split", "own_split", "groups_kept")]


def codes(found: Preview) -> list[str]:
    """Their codes."""
    return [one.code for one in told(found)]


def words(found: Preview) -> str:
    """All findings as a person reads them."""
    return "\n".join(map(str, told(found)))
