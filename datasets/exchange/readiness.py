"""What a training will ask of a source that names its own splits, told while it is imported."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from datasets.exchange.previews import class_names
from datasets.records import Finding, ImageRecord

_SHOWN = 10  # names in one finding
_SPREAD = 7  # labels of a class of which a split of 0.7, 0.15, 0.15 leaves one for each
_CODES = {"no_train_split", "no_validation_split", "class_not_in_train", "class_not_in_validation"}
_AGAIN = "a training needs one: import with new splits (--splits 0.8,0.2,0), or split the dataset again later"


def readiness(records: Sequence[ImageRecord]) -> Iterator[Finding]:
    """Notes on splits without images, and on classes that train or val lacks; none for a source without splits."""
    used: dict[str, set[str]] = defaultdict(set)
    counts: dict[str, int] = defaultdict(int)
    labels: Counter[str] = Counter()
    for record in records:
        counts[record.split or "no split"] += 1
        names = class_names(record)
        used[record.split or ""].update(names)
        labels.update(names)
    if not set(counts) - {"no split"}:
        return
    have = ", ".join(f"{name}: {count:,}" for name, count in counts.items())
    for split, words in (("train", "train"), ("val", "validation")):
        if not counts.get(split):
            yield Finding(
                "note", f"no_{words}_split", "the source", f"images for {words} (split {split})", f"none ({have})",
                _AGAIN,
            )  # fmt: skip
    if not (used["train"] and used["val"]):
        return
    for name, others, words, what in (
        ("train", used["val"] | used["test"], "train", "they are never learned"),
        ("val", used["train"], "validation", "how well they are found is not measured"),
    ):
        missing = sorted(one for one in others - used[name] if labels[one] >= _SPREAD)
        if missing:
            shown = ", ".join(missing[:_SHOWN]) + (f" and {len(missing) - _SHOWN} more" if missing[_SHOWN:] else "")
            yield Finding(
                "note", f"class_not_in_{words}", f"split {name}", f"every class in the split {name}",
                f"none of {shown}", f"{what}; import with new splits (--splits 0.7,0.15,0.15) to spread them",
                len(missing),
            )  # fmt: skip


def renewed(findings: Iterable[Finding], records: Sequence[ImageRecord]) -> tuple[Finding, ...]:
    """Findings of a source whose records got other splits: what was told of the earlier ones is told anew."""
    return (*(one for one in findings if one.code not in _CODES), *readiness(records))
