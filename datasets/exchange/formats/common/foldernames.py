"""What the name of a folder says about what lies in it: images, labels of images, or a part of either.

Names of layouts are never classes: `images`, `JPEGImages`, `train_masks`, `ground_truth`, `obj_train_data`. All words
of a name must say so: `no_mask` and `with_label` are names of classes.
"""

import re
from typing import Literal

from datasets.exchange.formats.common.files import split_of

Holds = Literal["images", "labels"]

_IMAGES = frozenset(
    {"images", "image", "imgs", "img", "pictures", "photos", "jpegimages", "leftimg", "obj", "frames", "rgb"}
)
_LABELS = frozenset({
    "masks", "mask", "labels", "label", "annotations", "annotation", "annots", "annot", "ann", "anns", "anno", "ground",
    "truth", "groundtruth", "gt", "gts", "segmentation", "segmentations", "segmentationclass", "segmentationobject",
    "bboxes", "labelids",
})  # fmt: skip
_BESIDE = frozenset({
    "data", "dir", "set", "sets", "png", "jpg", "jpeg", "xml", "txt", "json", "yolo", "coco", "voc", "pascal",
    "class", "object", "raw", "aug", "fine", "coarse", "bit", "prepped", "trainval", "resized", "cropped", "original",
    "small", "of", "and", "the", "left", "semantic", "instance", "instances", "machine", "human", "binary",
    "colour", "color", "palette",
})  # fmt: skip
_UNLABELLED = frozenset({"unlabelled", "unlabeled", "nolabel", "nolabels", "unsup", "unsupervised", "unannotated"})
_PARTS = "batch|fold|part|site|cam|camera|session|sequence|seq|day|folder|group|shard|chunk|subset|month|week|archive"
_PART = re.compile(
    rf"(?:{_PARTS})s?[ _.-]*(?:\d+|[a-z])|(?:19|20)\d\d(?:[ _.-]?\d\d){{0,2}}|\d{{3}}[a-z]{{5}}", re.IGNORECASE
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")
# Alone, these are classes too (faces with and without a mask) unless a folder of images lies beside.
SINGULAR = frozenset({"mask", "label", "gt", "annotation", "segmentation", "image", "img", "rgb", "obj", "photos"})


def holds(name: str) -> Holds | None:
    """What a folder of this name holds in the usual layouts; None where the name says something else."""
    words = [word.lower() for word in _WORD.findall(name)]
    if any(word not in _LABELS | _IMAGES | _BESIDE and not split_of(word) for word in words):
        return None
    if any(word in _LABELS for word in words):
        return "labels"
    return "images" if any(word in _IMAGES for word in words) else None


def is_unlabelled(name: str) -> bool:
    """Whether a folder of this name holds images that nobody labelled."""
    return re.sub(r"[\W_]", "", name).lower() in _UNLABELLED


def is_part(name: str) -> bool:
    """Whether a name is that of one part of many: `batch_1`, `fold3`, `2021-05`, `100CANON`."""
    return _PART.fullmatch(name) is not None
