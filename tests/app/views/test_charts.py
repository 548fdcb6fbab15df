from app.views import _charts
from datasets.evaluation.figures import OBJECTS, logged
from tests.restored import RESTORED

CURVES = {
    "train/box": [(1, 2.0), (2, 1.5)],
    "val/box": [(1, 2.5), (2, 1.8)],
    "recall": [(1, 0.1), (2, 0.3)],
    "map": [(1, 0.2), (2, 0.4)],
    "lr": [(1, 0.01), (2, 0.001)],
}


def test_figures_come_first_then_losses_with_train_solid_and_val_dashed() -> None:
    figures, loss, rate = _charts.charts(CURVES, OBJECTS)
    assert [one.name for one in figures.series] == ["mAP", "Recall"]
    assert [one.strong for one in figures.series] == [True, False]
    assert figures.y_range == (0, 1)
    assert [(one.name, one.dashed) for one in loss.series] == [("train", False), ("val", True)]
    assert loss.y_title == "lower is better"
    assert rate.title == "Learning rate"


def test_a_run_that_has_just_begun_shows_where_its_figures_will_be() -> None:
    (only,) = _charts.charts({}, OBJECTS)
    assert only.series == [] and "first epoch" in only.empty


def test_runs_are_overlaid_one_chart_for_each_figure() -> None:
    shown = [logged("map", OBJECTS), _charts.loss("train/box"), logged("nothing")]
    found = _charts.overlaid({"a": CURVES, "b": {"map": [(1, 0.5)]}}, shown)
    assert [[line.name for line in chart.series] for chart in found] == [["a", "b"], ["a"]]
    assert found[0].series[0].color != found[0].series[1].color
    assert [(chart.title, chart.y_range) for chart in found] == [("mAP", (0, 1)), ("Box, train", None)]


def test_classes_have_a_chart_for_each_figure_and_stay_out_of_the_others() -> None:
    each = {f"class/a/b {number}/f1": [(1, number / 20), (2, number / 20)] for number in range(14)}
    few = {name: points for name, points in each.items() if name[-5:-3] in (" 3", " 4")}
    figures, _, classes, _ = _charts.charts({**CURVES, **few}, OBJECTS)
    assert [one.name for one in figures.series] == ["mAP", "Recall"]
    assert (classes.title, [one.name for one in classes.series]) == ("F1, class by class", ["a/b 3", "a/b 4"])
    assert len({one.color for one in classes.series}) == 2
    (_, many) = _charts.charts({"map": [(1, 0.1)], **each}, OBJECTS)
    assert many.title == "F1, the 12 worst of 14 classes"
    assert "a/b 13" not in [one.name for one in many.series]


def test_the_axis_of_good_models_is_stretched() -> None:
    curves = {"map": [(1, 0.91), (2, 0.97)], "class/a/f1": [(1, 0.4), (2, 0.9)]}
    (figures, each) = _charts.charts(curves, OBJECTS)
    assert (figures.y_range, figures.y_title, each.y_range) == ((0.9, 1), "on val, 0.9 to 1", (0, 1))


def test_figures_with_units_and_without_limits_have_axes_of_their_own() -> None:
    measured = {"psnr": 31.0, "ssim": 0.93, "lpips": 0.04, "fid": 12.5, "hota": 0.9, "switches": 1204.0}
    found = _charts.charts({name: [(1, value), (2, value)] for name, value in measured.items()}, RESTORED)
    told = {chart.title: (chart.y_title, chart.y_range) for chart in found}
    assert told == {
        "PSNR": ("on val, dB, higher is better", None),
        "SSIM": ("on val, 0.9 to 1", (0.9, 1)),
        "LPIPS": ("on val, 0 to 0.05, lower is better", (0, 0.05)),
        "FID": ("on val, lower is better", None),
        "HOTA": ("on val, 0.9 to 1", (0.9, 1)),
        "ID switches": ("on val, lower is better", None),
    }
    (psnr, fid) = _charts.overlaid({"a": {"psnr": [(1, 31.0)], "fid": [(1, 12.5)]}}, RESTORED)
    assert (psnr.y_title, psnr.y_range, fid.y_title) == ("dB, higher is better", None, "lower is better")


def test_figures_of_one_range_and_direction_share_a_chart() -> None:
    ssim, lpips, hota = RESTORED[1], RESTORED[2], RESTORED[4]
    curves = {name: [(1, 0.3)] for name in ("ssim", "lpips", "hota")}
    together, alone = _charts.charts(curves, (hota, lpips, ssim))
    assert ([one.name for one in together.series], alone.title) == (["HOTA", "SSIM"], "LPIPS")
