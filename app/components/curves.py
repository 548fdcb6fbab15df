"""Line and bar charts: losses and metrics by epoch, precision by recall, histograms."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from app.components.inline import component

# Okabe and Ito's palette, in an order that keeps neighbours apart; readable on white and on black.
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#7a55c7", "#8a9a1f")

_draw = component("curves", '<div class="curves"></div>')


@dataclass(frozen=True)
class Series:
    """One line; points are (x, y) in the order of x."""

    name: str
    points: Sequence[tuple[float, float]]
    color: str = COLORS[0]
    dashed: bool = False
    strong: bool = False
    faint: bool = False


@dataclass(frozen=True)
class Mark:
    """A marked point, with a word."""

    x: float
    y: float
    text: str = ""
    color: str = ""


@dataclass(frozen=True)
class Bar:
    """A bar from `left` to `right`, `bottom` to `top`: `name` in the legend, `text` above it, `says` in the tooltip."""

    left: float
    right: float
    top: float
    bottom: float = 0.0
    color: str = COLORS[0]
    name: str = ""
    text: str = ""
    says: str = ""
    faint: bool = False


@dataclass(frozen=True)
class Chart:
    """One small chart. `whole` says that x counts things, so that ticks are whole numbers only.

    Ranges that are None follow from the points.
    """

    title: str
    series: Sequence[Series]
    x_title: str = "epoch"
    y_title: str = ""
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    marks: Sequence[Mark] = field(default_factory=tuple)
    bars: Sequence[Bar] = field(default_factory=tuple)
    whole: bool = True
    height: int = 190
    empty: str = ""


def curves(charts: Sequence[Chart], key: str, columns: int = 3, least: int = 300) -> None:
    """Draw the charts side by side, at most `columns` in a row, each at least `least` pixels wide."""
    _draw(key=key, data={"charts": [asdict(chart) for chart in charts], "columns": columns, "least": least})
