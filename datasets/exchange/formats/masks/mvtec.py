"""MVTec AD: good and defective images in folders of splits, and masks of the defects in a folder of their own.

`train/good`, `test/good`, `test/broken`, `ground_truth/broken/000_mask.png`. The folder is the class of an image, in
the field of labels; the mask is in a field beside, 0 for background and 255 for defect.
"""

from dataclasses import dataclass, field
from pathlib import Path

from datasets.errors import FormatError
from datasets.exchange.formats.base import Draft, Findings, Sniff, Source
from datasets.exchange.formats.common import files, opened, tree
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.masks import words
from datasets.exchange.formats.masks.layout import is_mask
from datasets.exchange.formats.masks.scan import scan
from datasets.images import pixels
from datasets.images.probe import BROKEN
from datasets.kinds import CLASSIFICATION, SEGMENTATION, Kind
from datasets.records import Finding, ImageRecord, Label, Progress, first_paths, no_progress
from datasets.speed.workers import in_order

NAME = "mvtec"
TITLE = "MVTec AD: good and defective, with masks"
ACCEPTS: tuple[Kind | None, ...] = ()
_SCORE = 0.93
_TARGETS = {0: "background", 255: "defect"}


@dataclass(frozen=True)
class _Layout:
    splits: tuple[tuple[str, Path], ...]
    truth: Path


def sniff(path: Path) -> Sniff:
    """Folders of splits with folders of classes, and a folder of masks with folders of the same names."""
    found = _layout(path)
    return Sniff(_SCORE, f"class folders in splits, and masks in {found.truth.name}") if found else Sniff(0.0)


def _layout(path: Path, deepest: int = 3) -> _Layout | None:
    if not path.is_dir():
        return None
    inside = tree.listing(path).folders
    if len(inside) == 1 and deepest:  # class folders claim what lies in one folder, so it is looked at from there too
        return _layout(inside[0], deepest - 1)
    splits = tuple((split, one) for one in inside if (split := files.split_of(one.name)))
    truth = [one for one in inside if words.mask_rank(one.name) is not None and one not in [two for _, two in splits]]
    if not splits or len(truth) != 1:
        return None
    masked = {one.name for one in tree.listing(truth[0]).folders}
    classes = {one.name for _, folder in splits for one in tree.listing(folder).folders}
    fits = masked and masked < classes and _holds_masks(truth[0])
    return _Layout(splits, truth[0]) if fits else None


def _holds_masks(folder: Path) -> bool:
    return any(is_mask(path) for path in tree.walk(folder))


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:  # noqa: ARG001
    """One class for each image, by its folder, and the mask of its defect where there is one.

    Raises FormatError when the folders are others.
    """
    found = _layout(path)
    if found is None:
        raise FormatError(f"{path}: expected folders of splits and a folder of masks of the same classes, found others")
    masks = {
        (mask.parent.name, words.mask_keys(mask.stem)[-1]): mask for mask in tree.walk(found.truth) if is_mask(mask)
    }
    images = [
        (split, folder.name, image)
        for split, top in found.splits
        for folder in tree.listing(top).folders
        for image in files.images_below(folder)
    ]
    seen = _Seen()
    test = [split for split, _, _ in images if split == "test"]
    records: list[ImageRecord] = []

    def record(one: tuple[str, str, Path]) -> ImageRecord:
        split, name, image = one
        masked = not test or split == "test"
        mask = masks.pop((name, image.stem.lower()), None) if masked else None
        label = seen.label(image, mask) if mask else None
        others = {"mask": (label,)} if label else {}
        return ImageRecord(files.resolved(image), split, classification=Label(name), others=others)

    for made in in_order(record, images):
        records.append(made)
        progress(len(records), len(images))
    for mask in tree.walk(found.truth):
        opened.note(mask)
    findings = Findings()
    seen.tell(list(masks.values()), findings)
    classes = tuple(sorted({name for _, name, _ in images}))
    note = f"{sum(bool(one.others) for one in records):,} masks in {found.truth.name}"
    findings.note("masks_beside", found.truth, "classes of images", note, "they are a field beside, of defects")
    return Source(
        tuple(records), classes, CLASSIFICATION, findings.all(), targets=_TARGETS, others={"mask": SEGMENTATION}
    )


def write(draft: Draft, folder: Path, progress: Progress = no_progress) -> tuple[Finding, ...]:  # noqa: ARG001
    """Raises FormatError: this layout is only read."""
    raise FormatError(f"{TITLE} is only read; export in another format")


@dataclass
class _Seen:
    """Masks that are left out, with the reason."""

    left: dict[str, str] = field(default_factory=dict)

    def label(self, image: Path, mask: Path) -> Label | None:
        """The mask of an image, if it has its size and no values but 0 and 255."""
        found = scan(mask)
        try:
            with pixels.opened(image) as picture:
                size = picture.size
        except BROKEN:  # told when images are looked at
            size = found.size
        if found.error or not found.plain or not {*found.values} <= {*_TARGETS}:
            self.left[str(mask)] = found.error or f"{len(found.values)} values up to {max(found.values, default=0)}"
        elif found.size != size:
            self.left[str(mask)] = f"{found.size[0]} x {found.size[1]} pixels for an image of {size[0]} x {size[1]}"
        else:
            return Label("", mask_path=str(mask.resolve()))
        return None

    def tell(self, lost: list[Path], findings: Findings) -> None:
        """One finding for masks that can't be used, one for those without image."""
        if self.left:
            mask, why = next(iter(self.left.items()))
            expected = "masks of 0 and 255, as large as their image"
            findings.warn("broken_mask", mask, expected, why, "left out", count=len(self.left),
                          paths=first_paths(self.left))  # fmt: skip
        if lost:
            findings.warn("missing_image", lost[0], "an image for each mask", "none", "left out", count=len(lost),
                          paths=first_paths(lost))  # fmt: skip
