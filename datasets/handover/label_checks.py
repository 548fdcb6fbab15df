"""Pre-flight checks of labels: what a person should know about the labels of a manifest of any kind."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datasets.handover.manifest import Manifest
from datasets.kinds import DETECTIONS, Holds, Kind, kind
from datasets.records import SHOWN, SPLITS, Finding

TINY = 8  # pixels, once the image is scaled to SIDE: the finest stride of today's detectors
SIDE = 640
CROWDED = 1000  # objects of an image
RARE = 10  # examples in train; fewer of a class are hardly learned
IMBALANCE = 10  # times as many examples of the most frequent class as of the rarest
_TOLD = 10  # names in one finding
# How a training treats images without a label.
EMPTY = "label them; until then nothing is learned from them"
EMPTY_OF: Mapping[Holds, str] = {
    "keypoints": "right if nobody is on them: they count as background",
    "objects": "right if nothing is on them: they count as background",
    "many classes": "right if no class is on them: they count as examples of none",
}


@dataclass(frozen=True)
class Rows:
    """A manifest: what it says of itself, and its table."""

    manifest: Manifest
    table: pa.Table

    @property
    def kind(self) -> Kind:
        """The kind of the labels. Manifests that predate the entry hold objects."""
        return kind(self.manifest.kind) if self.manifest.kind else DETECTIONS

    @property
    def whole_masks(self) -> bool:
        """Whether labels are masks of whole images."""
        return self.kind.whole_mask

    def splits(self) -> list[str]:
        """The split of every sample, "" for none."""
        return [split or "" for split in self.table["split"].to_pylist()]


def check(rows: Rows, needed: Sequence[str], *, masks: bool) -> Iterator[Finding]:
    """Findings about labels with names; `masks` says that every object must have one."""
    counts = {split: _names(rows, split) for split in SPLITS}
    yield from classes(rows, needed, {split: set(found) for split, found in counts.items()})
    yield from unlabelled(rows)
    if rows.kind.boxes:
        yield from _tiny(rows)
        yield from _crowded(rows)
        if masks and counts["train"]:
            yield from _without_masks(rows)
    elif "train" in needed:
        yield from _rare(counts["train"])


def classes(rows: Rows, needed: Sequence[str], used: Mapping[str, set[str]]) -> Iterator[Finding]:
    """Findings about classes that splits lack, given the class names that each split uses."""
    if "train" not in needed:
        return
    if rows.manifest.counts.get("train") and not used["train"]:
        yield no_labels(rows)
        return
    for name in rows.manifest.classes:
        there = [split for split, names in used.items() if name in names]
        if not there:
            yield Finding("note", "class-unused", name, "examples of every class", "none in this view")
        elif "train" not in there:
            action = "split again, or merge or remove the class"
            yield Finding(
                "warning", "class-not-in-train", name, "examples in train", f"only in {', '.join(there)}", action
            )
        elif "val" in needed and used["val"] and "val" not in there:
            yield Finding(
                "warning", "class-not-in-val", name, "examples in val", "none, so it is not measured", "split again"
            )


def no_labels(rows: Rows) -> Finding:
    """The finding that there is nothing to learn."""
    field = rows.manifest.label_field or ""
    return Finding(
        "error", "no-labels", field, "labels in split train", "none", "label images, or choose another field"
    )


def never_labelled(rows: Rows) -> Iterator[Finding]:
    """Images that were left out, because nobody labelled them."""
    left = rows.manifest.unlabelled
    if left:
        yield Finding(
            "warning", "never-labelled", rows.manifest.label_field or "", "labels on every image",
            f"{left:,} of {left + rows.manifest.samples:,} that nobody labeled: they stay out of this training",
            "label them; where nothing is on an image, call it done in the labeler",
        )  # fmt: skip


def unlabelled(rows: Rows) -> Iterator[Finding]:
    """Images without a label."""
    counts = pc.list_value_length(rows.table["labels"]).to_numpy()
    empty = int((counts == 0).sum())
    if empty:
        share = empty / len(counts)
        yield Finding(
            "warning" if share > 0.5 else "note", "images-without-labels", rows.manifest.label_field or "",
            "labels on most images", f"{empty} of {len(counts)} images without ({share:.0%})",
            EMPTY_OF.get(rows.kind.holds, EMPTY),
        )  # fmt: skip


def _names(rows: Rows, split: str) -> Counter[str]:
    chosen = rows.table.filter(pc.equal(rows.table["split"], split))["labels"].combine_chunks()
    counted = pc.value_counts(pc.struct_field(pc.list_flatten(chosen), "label"))
    return Counter({one["values"]: one["counts"] for one in counted.to_pylist() if one["values"]})


def _tiny(rows: Rows) -> Iterator[Finding]:
    lists = rows.table["labels"].combine_chunks()
    objects = pc.list_flatten(lists)
    box = pc.struct_field(objects, "box")
    boxed = pc.is_valid(box).to_numpy(zero_copy_only=False)
    if not boxed.any():
        return
    sides = pc.list_flatten(box).to_numpy().reshape(-1, 4)[:, 2:]
    size = np.stack([pc.fill_null(rows.table[name], 1).to_numpy() for name in ("width", "height")], axis=1)
    scaled = size * (SIDE / np.maximum(size.max(axis=1, keepdims=True), 1))
    owner = pc.list_parent_indices(lists).to_numpy()[boxed]
    tiny = int(((sides * scaled[owner]).min(axis=1) < TINY).sum())
    if tiny:
        yield Finding(
            "warning" if tiny > 0.1 * len(sides) else "note", "tiny-boxes", rows.manifest.label_field or "",
            f"boxes of at least {TINY} pixels when images are scaled to {SIDE}", f"{tiny} of {len(sides)} smaller",
            "train with larger images if these objects matter",
        )  # fmt: skip


def _crowded(rows: Rows) -> Iterator[Finding]:
    counts = pc.list_value_length(rows.table["labels"]).to_numpy()
    many = np.flatnonzero(counts > CROWDED)
    if len(many):
        most = int(counts.argmax())
        path = rows.table["path"][most].as_py()
        yield Finding(
            "warning", "crowded-images", path, f"at most {CROWDED:,} objects on an image",
            f"{len(many)} with more, up to {int(counts[most]):,}",
            "training takes much memory and time for them, and predictions keep the best few hundred of an image; cut "
            "them into tiles, or lower batch and raise max_detections", len(many),
            tuple(rows.table["path"].take(many[:SHOWN]).to_pylist()),
        )  # fmt: skip


def _without_masks(rows: Rows) -> Iterator[Finding]:
    masks = pc.struct_field(pc.list_flatten(rows.table["labels"].combine_chunks()), "mask_path")
    bare, field = masks.null_count, rows.manifest.label_field or ""
    if bare == len(masks):
        yield Finding(
            "error", "no-masks", field, "objects with masks", f"boxes only, {bare} of them",
            "import labels with polygons or masks, or choose a task that learns from boxes",
        )  # fmt: skip
    elif bare:
        yield Finding(
            "warning", "labels-without-masks", field, "a mask for every object", f"{bare} of {len(masks)} without",
            "give them masks: until then they are passed over",
        )  # fmt: skip


def _rare(train: Counter[str]) -> Iterator[Finding]:
    rare = sorted((name for name, count in train.items() if count < RARE), key=train.__getitem__)
    if rare:
        shown = ", ".join(f"{name} ({train[name]})" for name in rare[:_TOLD])
        more = f" and {len(rare) - _TOLD} more" if len(rare) > _TOLD else ""
        yield Finding(
            "note", "rare-classes", "train", f"at least {RARE} examples of every class", f"{shown}{more}", "add more"
        )
    ranked = train.most_common()
    if len(ranked) > 1 and ranked[0][1] >= IMBALANCE * ranked[-1][1]:
        (most, many), (least, few) = ranked[0], ranked[-1]
        yield Finding(
            "note", "class-imbalance", "train", "classes of like size", f"{many} of {most}, {few} of {least}",
            "weigh or balance the classes, and look at figures per class",
        )  # fmt: skip
