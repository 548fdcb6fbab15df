"""Which split a name denotes: words for train, val and test among others, in any case, with digits and years around.

A word counts as a whole (`detrain`, `contest` and `constraint` hold none), in snake, kebab and camel case:
`train2014`, `instances_val2017`, `images_prepped_train`, `TRAIN`, `training_set`, `trainA`, `test-dev2017`.
"""

import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

TRAIN, VAL, TEST = "train", "val", "test"
_WORDS = {
    TRAIN: ("train", "training", "trn", "trainval", "训练", "训练集"),
    VAL: ("val", "valid", "validation", "validate", "dev", "eval", "evaluation", "minival", "验证", "验证集"),
    TEST: ("test", "testing", "tst", "testdev", "holdout", "测试", "测试集"),
}
_BEHIND = ("set", "sets", "data", "list", "split", "images", "imgs", "annot", "labels", "masks", "dir", "folder", "ids")
WORDS = {
    word + behind: split for split, words in _WORDS.items() for word in words for behind in ("", *_BEHIND)
}  # fmt: skip
# Words beside that of a split that say nothing against it, in the name of a folder.
_HARMLESS = frozenset(
    {
        "a", "all", "and", "ann", "anno", "annotation", "annotations", "annots", "anns", "aug", "augmented", "b",
        "based", "bbox", "bboxes", "boxes", "c", "captions", "classification", "clean", "coco", "color", "colour",
        "cropped", "csv", "d", "data", "dataset", "datasets", "detection", "dir", "file", "files", "final", "fold",
        "folder", "folders", "folds", "for", "frames", "full", "ground", "groundtruth", "gt", "ids", "image",
        "images", "img", "imgs", "index", "input", "inputs", "instance", "instances", "jpeg", "jpegimages", "jpg",
        "json", "keypoints", "label", "labeled", "labelled", "labels", "left", "list", "lists", "mask", "masks",
        "mini", "new", "of", "only", "orig", "original", "originals", "panoptic", "part", "parts", "person", "photos",
        "pictures", "png", "prepared", "prepped", "preprocessed", "private", "processed", "public", "raw", "resized",
        "rgb", "right", "sample", "samples", "seg", "segmentation", "segmentations", "segments", "semantic", "set",
        "sets", "shard", "small", "split", "splits", "std", "stuff", "sub", "subset", "target", "targets", "the",
        "truth", "txt", "v", "version", "voc", "x", "xml", "y", "yolo",
    }
)  # fmt: skip
_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")


def split_of(name: str) -> str | None:
    """The split that the name of a folder denotes: `valid` and `train2014` are one; None for `test_tube`.

    All its words but that of the split must be of the usual ones that say nothing (images, set, coco, years, ...).
    Where classes lie beside it, ask `among`: a class may be called `test`.
    """
    words = _words(name)
    denoted = _denoted(words)
    if denoted is None or any(word not in WORDS and word not in _HARMLESS for word in words):
        return None
    return denoted


def split_in(name: str) -> str | None:
    """The split that a word anywhere in the name of a file denotes: `cats_train`, `via_region_data_val`."""
    return _denoted(_words(Path(name).name))


def leading(name: str) -> str | None:
    """The split that the first word of the name of an image denotes, if more stands behind it: `val_02.jpg`."""
    word = _TOKEN.match(name)
    behind = Path(name).stem[word.end() :] if word else ""
    return WORDS.get(word[0].lower()) if word and behind else None


def is_trainval(name: str) -> bool:
    """Whether a name denotes what is for training and validation together, as `trainval.txt`."""
    words = _words(name)
    return any(word.startswith("trainval") for word in words) or _joint(words)


def among(names: Iterable[str]) -> dict[str, str]:
    """Which of the folders that lie side by side are splits, with their split: empty where they are something else.

    They are when all of them denote one, or two different ones are among them. One alone beside others is none: it is
    a class called `test`. Names that differ in nothing but the word of the split (`pets_train`, `pets_val`) count too.
    """
    every = list(dict.fromkeys(names))
    found = {name: split for name in every if (split := split_of(name))}
    if len(found) < len(every):
        alike: dict[str, dict[str, str]] = {}
        for name in every:
            if split := split_in(name):
                alike.setdefault(_frame(name), {})[name] = split
        for some in alike.values():
            if len(set(some.values())) > 1:
                found |= some
    return found if len(found) == len(every) or len(set(found.values())) > 1 else {}


def _words(name: str) -> list[str]:
    return [word.lower() for word in _TOKEN.findall(name)]


def _joint(words: list[str]) -> bool:
    return any(WORDS.get(one) == TRAIN and WORDS.get(other) == VAL for one, other in pairwise(words))


def _denoted(words: list[str]) -> str | None:
    """One split, or None for none and for several; `train_val` is train, `test-dev` is test."""
    found = {WORDS[word] for word in words if word in WORDS}
    if len(found) == 2 and VAL in found:
        if TRAIN in found:
            return TRAIN if _joint(words) else None
        return TEST if "dev" in words else None
    return found.pop() if len(found) == 1 else None


def _frame(name: str) -> str:
    """What remains of a name without the word of its split and without digits."""
    return " ".join("*" if word in WORDS else word for word in _words(name))
