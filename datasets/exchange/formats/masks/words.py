"""What names of folders and files say: whether they hold images or masks, of which part, and of which image.

Names are taken apart into words: at `_`, `-`, blanks and capitals. `images_prepped_train` and
`annotations_prepped_train` differ in the word for images and masks alone, so they belong together; `a.jpg`,
`a_mask.png` and `mask_a.png` too.
"""

import re
from pathlib import PurePath

from datasets.exchange.formats.common import files

IMAGES = ("images", "image", "imgs", "img", "img_dir", "jpegimages", "pngimages", "leftimg8bit", "rgb", "inputs",
          "input", "original", "originals", "photos", "photo", "pictures", "frames", "raw", "scans",
          "stills", "data", "x")  # fmt: skip
MASKS = ("manual", "masks", "mask", "labels", "label", "annotations", "annotation", "ann_dir", "segmentationclass",
         "segmentationclassraw", "segmentationclasspng", "gtfine", "gtcoarse", "gt", "gts", "segmentation", "semantic",
         "semantic_masks", "segmentations", "seg", "segs", "targets", "target", "groundtruth", "ground_truth",
         "labelids", "annot", "annots", "anno", "ann", "lbl", "lab", "trimaps", "truth",
         "labeled", "labelled", "y", "matte")  # fmt: skip
_OBJECTS = {"object", "objects", "instance", "instances", "panoptic", "instanceids", "depth", "disparity"}
_PAINTED = {
    "color",
    "colour",
    "colors",
    "colours",
    "colored",
    "coloured",
    "vis",
    "visualization",
    "overlay",
    "overlays",
}
_FORMATS = {"png", "jpg", "jpeg", "tif", "tiff", "bmp", "raw", "gray", "grey", "dir", "folder", "class"}
_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_MASK_WORDS = (
    r"(?:gtfine_|gtcoarse_)?label(?:train)?ids|masks?|labels?|segmentations?|segs?|gt|gts|ground[ _-]?truth|annot"
    r"(?:ation)?s?|anno|ann|targets?|manual\d*|1stho|lab|lbl|trimap|semantic|sem|matte|roi|lesion"
)
_IMAGE_WORDS = r"leftimg8bit|images?|imgs?|im|sat|rgb|photo|raw|input|src|original|training|train|test|val|frame"
_MASK_NAMES = (
    re.compile(rf"[\s_.\-]+(?:{_MASK_WORDS})$"),
    re.compile(rf"^(?:{_MASK_WORDS})(?:[\s_.\-]+|(?=\d))"),
    re.compile(r"(?<=\d)(?:mask|label|gt|seg)$"),
)
_ANY_MASK = re.compile(_MASK_WORDS, re.IGNORECASE)
_LETTERS = re.compile(r"_[lp]$")  # CamVid: 0001TP_006690_L.png, and fast.ai's copy: _P
_IMAGE_NAMES = tuple(
    re.compile(one) for one in (rf"[\s_.\-]+(?:{_IMAGE_WORDS})$", rf"^(?:{_IMAGE_WORDS})(?:[\s_.\-]+|(?=\d))")
)
_BEHIND = ("annotations", "annotation", "annots", "annot", "masks", "mask", "labels", "label", "_gt", "-gt")


def words(name: str) -> list[str]:
    """The words of a name in lower case, in their order."""
    return [one.lower() for one in _TOKEN.findall(name)]


def mask_rank(name: str) -> int | None:
    """How well the name of a folder fits semantic masks, 0 best; None when it does not say so."""
    plain, found = _plain(name), words(name)
    if plain in MASKS:
        return MASKS.index(plain)
    if _OBJECTS & {*found} or plain in _OBJECTS:
        return None
    ranks = [MASKS.index(one) for one in found if one in MASKS]
    if "".join(found).find("groundtruth") >= 0:
        ranks.append(MASKS.index("groundtruth"))
    if not ranks and behind(name) is not None:
        ranks.append(MASKS.index("annot"))
    if not ranks:
        return None
    return min(ranks) + (100 if _PAINTED & {*found} else 0)


def image_rank(name: str) -> int | None:
    """How well the name of a folder fits images, 0 best; None when it does not say so."""
    if _plain(name) in IMAGES:
        return IMAGES.index(_plain(name))
    return min((IMAGES.index(one) for one in words(name) if one in IMAGES), default=None)


def rest(name: str) -> tuple[str, ...]:
    """What tells a folder from others of its kind: its words without those for images, masks and formats, sorted."""
    if _plain(name) in (*IMAGES, *MASKS):
        return ()
    spoken = {*IMAGES, *MASKS, *_FORMATS, *_PAINTED, "ground"}
    return tuple(sorted(one for one in words(name) if one not in spoken))


def behind(name: str) -> str | None:
    """The name of the folder of images that a folder of masks is named after: `train` of `trainannot`; else None."""
    lower = name.lower()
    found = next((one for one in _BEHIND if lower.endswith(one) and lower != one), None)
    return None if found is None else lower.removesuffix(found).rstrip("_- ")


def split(name: str) -> str | None:
    """The split that a word of a folder's name denotes."""
    found = {one for word in words(name) if (one := files.split_of(word))}
    return files.split_of(name) or (found.pop() if len(found) == 1 else None)


def mask_keys(stem: str) -> tuple[str, ...]:
    """What a mask's name may say about its image's: itself, and without the words for masks. In lower case."""
    return _keys(stem, (*_MASK_NAMES, _LETTERS))


def marked(stem: str) -> str | None:
    """The stem of the image that a mask in the same folder belongs to; None where the name says nothing of a mask."""
    if not _ANY_MASK.search(stem):
        return None
    plain = _keys(stem, _MASK_NAMES)
    return plain[-1] if len(plain) > 1 else None


def image_keys(stem: str) -> tuple[str, ...]:
    """What an image's name may say about its mask's: itself, and without the words for images. In lower case."""
    return _keys(stem, _IMAGE_NAMES)


def _keys(stem: str, patterns: tuple[re.Pattern[str], ...]) -> tuple[str, ...]:
    plain = stem.lower()
    found = [plain]
    if files.is_image(plain):  # a.jpg.png
        plain = PurePath(plain).stem
        found.append(plain)
    for pattern in patterns:
        shorter = pattern.sub("", plain)
        if shorter and shorter != plain:
            plain = PurePath(shorter).stem if files.is_image(shorter) else shorter
            found.append(plain)
    return tuple(dict.fromkeys(found))


def _plain(name: str) -> str:
    return name.lower().replace(" ", "_").replace("-", "_")
