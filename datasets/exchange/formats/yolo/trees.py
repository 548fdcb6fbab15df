"""YOLO folders without a yaml: images and label files side by side, or in folders of their own, whatever their names.

labelImg writes `a.txt` beside `a.jpg`, Roboflow `train/a.txt` and `train/_darknet.labels`, others `images/` and
`labels/`.
"""

from collections.abc import Sequence
from pathlib import Path

from datasets.exchange.formats.base import Findings, Sniff
from datasets.exchange.formats.common import files, tree
from datasets.exchange.formats.common.parsing import read_head
from datasets.exchange.formats.yolo import config, darknet
from datasets.exchange.formats.yolo.partners import fit, key_of, label_files
from datasets.exchange.formats.yolo.rows import Row, look_like_rows, rows_of

_SAMPLED = 24
_GOOD = 0.8  # of the files looked at
_RARE = 0.05  # of the images


def sniff(folder: Path) -> Sniff:
    """Folders `images` and `labels`; or files with rows of a class and relative numbers named as images are."""
    pairs = pairs_in(folder)
    if pairs:
        return Sniff(0.8, f"folders of images and labels ({pairs[0][0].relative_to(folder)})")
    labels = list(label_files(folder))
    if not labels:
        return Sniff(0.0)
    images = files.images_below(folder)
    if not images or _described_below(folder, [*images, *labels]):
        return Sniff(0.0)
    sample = labels[:: max(1, len(labels) // _SAMPLED)][:_SAMPLED]
    texts = {path: read_head(path, 4096) for path in sample}
    written = [path for path, text in texts.items() if text.strip()]
    good = [path for path in written if look_like_rows(texts[path])]
    wanted: dict[str, list[Path]] = {}
    for path in good:
        for stem in {path.stem.casefold(), Path(path.stem).stem.casefold()}:
            wanted.setdefault(stem, []).append(path)
    fitting = ((image, path) for image in images for path in wanted.get(image.stem.casefold(), ()))
    named = sorted({path for image, path in fitting if fit(key_of(image, folder), key_of(path, folder))})
    if not named or len(good) < _GOOD * len(written) or len(named) * 2 < len(good):
        return Sniff(0.0)
    why = f"label files as {named[0].relative_to(folder)} named as images"
    return Sniff(0.8 if len(labels) >= max(2, _RARE * len(images)) or len(images) < 3 else 0.55, why)


def pairs_in(folder: Path) -> list[tuple[Path, Path]]:
    """Pairs of folders: `images` and `labels` at the top, or one level down (`train/images`, `train/labels`)."""
    tops = [folder, *(one for one in tree.listing(folder).folders if files.split_of(one.name))]
    pairs = [(top / "images", top / "labels") for top in tops]
    return [pair for pair in pairs if all(map(Path.is_dir, pair)) and _holds_labels(pair[1])]


def images_in(folder: Path, findings: Findings) -> list[tuple[Path, str | None]]:
    """The images of the pairs of folders, or all below the folder, with the split that a folder of theirs names."""
    pairs = pairs_in(folder)
    if not pairs:
        return [(image, _split(image.relative_to(folder).parts[:-1])) for image in files.images_below(folder, findings)]
    return [
        (image, _split((*image.relative_to(top).parts[:-1], top.parent.name)))
        for top, _ in pairs
        for image in files.images_below(top, findings)
    ]


def _holds_labels(folder: Path) -> bool:
    """Whether files in a folder called `labels` are empty or hold rows of numbers, of whatever kind, and no lists."""
    found = list(label_files(folder))
    sample = found[:: max(1, len(found) // _SAMPLED)][:_SAMPLED]
    texts = [read_head(path, 4096) for path in sample]
    return any(not text.strip() or any(isinstance(row, Row) for row in rows_of(text)) for text in texts)


def _split(folders: Sequence[str]) -> str | None:
    return next((split for split in map(files.split_of, folders) if split), None)


def _described_below(folder: Path, found: Sequence[Path]) -> bool:
    """Whether a folder further down has a yaml or a file of darknet: the dataset begins there."""
    inner = {one for path in found for one in path.relative_to(folder).parents} - {Path()}
    return any(any(config.configs_in(folder / one)) or darknet.data_file(folder / one) for one in sorted(inner))
