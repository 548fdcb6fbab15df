"""The curves of a run as charts: losses of train and val in one, measured figures in one, each class in one."""

from collections.abc import Iterable, Mapping, Sequence

from app.components.curves import COLORS, Chart, Series
from app.components.palette import colouring
from app.components.words import title

Curve = Sequence[tuple[float, float]]
SIDES = {"train": False, "val": True}  # dashed?
CLASS = "class/"  # begins the names of what is measured for one class: class/<name>/<figure>
CLASSES = 12  # lines that a chart of classes can hold
LOWS = (0, 0.5, 0.8, 0.9, 0.95)


def charts(curves: Mapping[str, Curve], first: Sequence[str] = ()) -> list[Chart]:
    """One chart for the figures in [0, 1], `first` ones strong, then one for each `train/x`, `val/x`, then the rest.

    What is measured for single classes, `class/<name>/<figure>`, has one chart for each figure.
    """
    plain = {name: points for name, points in _whole(curves).items() if name.partition("/")[0] not in SIDES}
    ratios = {name: points for name, points in plain.items() if _is_ratio(name, points)}
    rest = {name: points for name, points in plain.items() if name not in ratios}
    shown = [_figures(ratios, first)] if ratios or not curves else []
    shown += [_pair(name, curves) for name in _losses(curves)] + _of_classes(curves)
    return shown + [Chart(_long(name), [Series(name, points, COLORS[5])]) for name, points in rest.items()]


def overlaid(runs: Mapping[str, Mapping[str, Curve]], names: Sequence[str]) -> list[Chart]:
    """One chart for each of the names, with one line for each run."""
    found = []
    for name in names:
        lines = [
            Series(run, curves[name], COLORS[place % len(COLORS)], dashed=place >= len(COLORS))
            for place, (run, curves) in enumerate(runs.items())
            if curves.get(name)
        ]
        if lines:
            found.append(
                Chart(_long(name), lines, y_range=(0, 1) if all(_is_ratio(name, s.points) for s in lines) else None)
            )
    return found


def losses(curves: Mapping[str, Curve]) -> list[str]:
    """Names of the losses, those of val before those of train."""
    return sorted((name for name in curves if name.partition("/")[0] in SIDES), reverse=True)


def _whole(curves: Mapping[str, Curve]) -> dict[str, Curve]:
    """The curves that are about all classes together."""
    return {name: points for name, points in curves.items() if not name.startswith(CLASS)}


def _of_classes(curves: Mapping[str, Curve]) -> list[Chart]:
    """One chart for each figure of classes, with a line for each class; of many classes the lowest."""
    found: dict[str, dict[str, Curve]] = {}
    for name, points in curves.items():
        if name.startswith(CLASS):
            label, _, figure = name.removeprefix(CLASS).rpartition("/")
            found.setdefault(figure, {})[label] = points
    return [_each(figure, lines) for figure, lines in reversed(found.items())]


def _each(figure: str, lines: Mapping[str, Curve]) -> Chart:
    colours = colouring(lines)
    shown = sorted(lines, key=lambda label: lines[label][-1][1])[:CLASSES] if len(lines) > CLASSES else list(lines)
    what = "class by class" if len(shown) == len(lines) else f"the {CLASSES} lowest of {len(lines)} classes"
    low = _low(lines[label] for label in shown)
    series = [Series(label, lines[label], colours[label]) for label in shown]
    return Chart(f"{title(figure)}, {what}", series, y_title=f"on val, {low:g} to 1", y_range=(low, 1))


def _low(curves: Iterable[Curve]) -> float:
    """Where an axis up to 1 begins, so that good models can be told apart."""
    least = min(y for points in curves for _, y in points)
    return max(low for low in LOWS if low <= least)


def _figures(ratios: Mapping[str, Curve], first: Sequence[str]) -> Chart:
    ordered = sorted(ratios, key=lambda name: first.index(name) if name in first else len(first))
    lines = [
        Series(title(name), ratios[name], COLORS[place % len(COLORS)], strong=name == ordered[0])
        for place, name in enumerate(ordered)
    ]
    low = _low(ratios.values()) if ratios else 0
    return Chart(
        "Figures", lines, y_title=f"on val, {low:g} to 1", y_range=(low, 1), empty="measured when the first epoch ends"
    )


def _pair(name: str, curves: Mapping[str, Curve]) -> Chart:
    lines = [
        Series(side, curves[f"{side}/{name}"], COLORS[place], dashed=dashed)
        for place, (side, dashed) in enumerate(SIDES.items())
        if f"{side}/{name}" in curves
    ]
    return Chart(title(name), lines, y_title="lower is better")


def _losses(curves: Mapping[str, Curve]) -> list[str]:
    return list(dict.fromkeys(name.partition("/")[2] for name in losses(curves)[::-1]))


def _is_ratio(name: str, points: Curve) -> bool:
    return name != "lr" and all(0 <= y <= 1 for _, y in points)


def _long(name: str) -> str:
    return "Learning rate" if name == "lr" else title(name)
