"""Numbers, times and states in words for people."""

import time
from collections.abc import Mapping
from typing import TypeVar

from app.components.markdown import Markdown, md
from datasets.evaluation.figures import spelled
from datasets.records import split_rank

T = TypeVar("T")

STATES = {
    "queued": ("schedule", "gray"),
    "running": ("progress_activity", "blue"),
    "done": ("check_circle", "green"),
    "failed": ("error", "red"),
    "cancelled": ("stop_circle", "orange"),
    "lost": ("help", "red"),
}

NAMES = {
    "ema": "EMA",
    "iou": "IoU",
    "iou_thresholds": "IoU thresholds",
    "best_f1_confidence": "Best F1 confidence",
}


def duration(seconds: float | None) -> str:
    """A duration in words: `8 s`, `3 min 20 s`, `1 h 5 min`; a dash while unknown."""
    if seconds is None:
        return "–"
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 3600:
        return f"{round(whole / 60)} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def ago(moment: float | None) -> str:
    """A time (seconds since the epoch) relative to now."""
    if moment is None:
        return "–"
    passed = time.time() - moment
    if passed < 60:
        return "just now"
    if passed < 3600:
        return f"{int(passed // 60)} min ago"
    if passed < 86400:
        return f"{int(passed // 3600)} h ago"
    return time.strftime("%d %b %Y, %H:%M", time.localtime(moment))


def number(value: object) -> str:
    """A value as short text: whole numbers with thousands separators, others with four digits."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "–" if value is None else str(value)
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:.4g}"


def title(name: str) -> str:
    """The name of an option or field as a heading: `image_size` becomes `Image size`, `ema` `EMA`."""
    return NAMES.get(name) or spelled(name)


def counted(count: int, word: str) -> str:
    """A number with its word: `1 warning`, `1,204 samples`, `3 classes`."""
    if count != 1:
        word += "es" if word.endswith("s") else "s"
    return f"{count:,} {word}"


def by_split(found: Mapping[str, T]) -> dict[str, T]:
    """Values by split, ordered train, val, test, then other splits, those without a split last."""
    return {name: found[name] for name in sorted(found, key=lambda name: split_rank(name)[0])}


def state_badge(state: str) -> Markdown:
    """A state as a Streamlit badge: colour, sign and word."""
    icon, color = STATES.get(state, ("help", "gray"))
    return md(":{}-badge[:material/{}: {}]", Markdown(color), Markdown(icon), state)
