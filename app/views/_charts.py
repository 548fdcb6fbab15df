"""The curves of a run as charts: losses of train and val in one, measured figures in one, each class in one.

The figure of a curve gives its name, its range, and which way is better.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from app.components.curves import COLORS, Chart, Series
from app.components.palette import colouring
from datasets.evaluation.figures import LEARNING_RATE, OF_CLASS, SIDES, Figure, logged

Curve = Sequence[tuple[float, float]]
Range = tuple[float, float] | None
CLASSES = 12  # most lines in a chart of classes
CUTS = (0, 0.5, 0.8, 0.9, 0.95)  # steps of a range that an axis may leave out, so that good models can be distinguished


def charts(curves: Mapping[str, Curve], declared: Sequence[Figure] = ()) -> list[Chart]:
    """One chart for the figures that share range and direction with the first declared one, which is drawn thick.

    Then one for every other figure, one for each pair of losses `train/x`, `val/x`, one for each figure per class,
    `class/<name>/<figure>`, and one for the learning rate.
    """
    measured = {one: curves[one.name] for one in _measured(curves, declared)}
    main = declared[0] if declared else next(iter(measured), None)
    together = {one: points for one, points in measured.items() if main and _alike(one, main)}
    shown = [_figures(together)] if together or not curves else []
    shown += [_alone(one, points) for one, points in measured.items() if one not in together]
    shown += [_pair(name, curves) for name in _losses(curves)] + _of_classes(curves)
    rate = curves.get(LEARNING_RATE.name)
    return shown + ([_alone(LEARNING_RATE, rate, "")] if rate else [])


def overlaid(runs: Mapping[str, Mapping[str, Curve]], figures: Iterable[Figure]) -> list[Chart]:
    """One chart for each of the figures, with one line for each run."""
    found = []
    for one in figures:
        lines = [
            Series(run, curves[one.name], COLORS[place % len(COLORS)], dashed=place >= len(COLORS))
            for place, (run, curves) in enumerate(runs.items())
            if curves.get(one.name)
        ]
        if lines:
            found.append(Chart(one.title, lines, y_title=_direction(one), y_range=_whole(one)))
    return found


def losses(curves: Mapping[str, Curve]) -> list[str]:
    """Names of the losses, those of val before those of train."""
    return sorted((name for name in curves if name.partition("/")[0] in SIDES), reverse=True)


def loss(name: str) -> Figure:
    """The figure of a loss, titled with its side."""
    side, _, _ = name.partition("/")
    one = logged(name)
    return replace(one, title=f"{one.title}, {side}")


def _measured(curves: Mapping[str, Curve], declared: Sequence[Figure]) -> list[Figure]:
    """The figures over all classes that have a curve: declared ones in their order, then the others."""
    apart = (*SIDES, OF_CLASS)
    names = [name for name in curves if name.partition("/")[0] not in apart and name != LEARNING_RATE.name]
    order = {one.name: place for place, one in enumerate(declared)}
    ranked = sorted(names, key=lambda name: order.get(name, len(order)))
    return [logged(name, declared) for name in ranked]


def _alike(one: Figure, other: Figure) -> bool:
    """Whether two figures may share an axis: only bounded ones are comparable."""
    bounded = None not in one.range
    return one == other or (bounded and (one.range, one.unit, one.better) == (other.range, other.unit, other.better))


def _figures(measured: Mapping[Figure, Curve]) -> Chart:
    lines = [
        Series(one.title, points, COLORS[place % len(COLORS)], strong=not place)
        for place, (one, points) in enumerate(measured.items())
    ]
    empty = "measured when the first epoch ends"
    if not measured:
        return Chart("Figures", lines, empty=empty)
    main = next(iter(measured))
    axis = _axis(main, measured.values())
    return Chart("Figures" if len(lines) > 1 else main.title, lines, y_title=_on_val(main, axis), y_range=axis)


def _alone(one: Figure, points: Curve, note: str | None = None) -> Chart:
    axis = _axis(one, [points])
    text = _on_val(one, axis) if note is None else note
    return Chart(one.title, [Series(one.title, points, COLORS[5])], y_title=text, y_range=axis)


def _of_classes(curves: Mapping[str, Curve]) -> list[Chart]:
    """One chart for each figure of classes, with a line for each class; with many classes only the worst."""
    found: dict[Figure, dict[str, Curve]] = {}
    for name, points in curves.items():
        if name.startswith(f"{OF_CLASS}/"):
            label = name.removeprefix(f"{OF_CLASS}/").rpartition("/")[0]
            found.setdefault(logged(name), {})[label] = points
    return [_each(one, lines) for one, lines in reversed(found.items())]


def _each(one: Figure, lines: Mapping[str, Curve]) -> Chart:
    colours, shown = colouring(lines), list(lines)
    what = "class by class"
    if len(lines) > CLASSES:
        shown = sorted(lines, key=lambda label: lines[label][-1][1], reverse=one.better == "lower")[:CLASSES]
        what = f"the {CLASSES} worst of {len(lines)} classes"
    axis = _axis(one, [lines[label] for label in shown])
    series = [Series(label, lines[label], colours[label]) for label in shown]
    return Chart(f"{one.title}, {what}", series, y_title=_on_val(one, axis), y_range=axis)


def _pair(name: str, curves: Mapping[str, Curve]) -> Chart:
    sides = [side for side in SIDES if f"{side}/{name}" in curves]
    lines = [Series(side, curves[f"{side}/{name}"], COLORS[SIDES.index(side)], dashed=side == "val") for side in sides]
    one = logged(f"{sides[0]}/{name}")
    return Chart(one.title, lines, y_title=_direction(one))


def _losses(curves: Mapping[str, Curve]) -> list[str]:
    return list(dict.fromkeys(name.partition("/")[2] for name in losses(curves)[::-1]))


def _whole(one: Figure) -> Range:
    """The whole range of a figure; None (derived from the points) if it is unbounded."""
    low, high = one.range
    return None if low is None or high is None else (low, high)


def _axis(one: Figure, curves: Iterable[Curve]) -> Range:
    """The range of a figure, cropped on the worse side of all points."""
    whole, values = _whole(one), [y for points in curves for _, y in points]
    if whole is None or not values:
        return whole
    low, high = whole
    worst = (min(values) - low if one.better == "higher" else high - max(values)) / (high - low)
    cut = max((part for part in CUTS if part <= worst), default=0) * (high - low)
    return (round(low + cut, 6), high) if one.better == "higher" else (low, round(high - cut, 6))


def _on_val(one: Figure, axis: Range) -> str:
    return f"on val, {axis[0]:g} to {axis[1]:g}{_lower(one)}" if axis else f"on val, {_direction(one)}"


def _lower(one: Figure) -> str:
    return ", lower is better" if one.better == "lower" else ""


def _direction(one: Figure) -> str:
    """The unit, and which way is better; empty for figures whose range makes it obvious."""
    if None not in one.range and one.better == "higher":
        return ""
    if one.range == (None, None):
        return one.unit
    return f"{one.unit}, {one.better} is better".lstrip(", ")
