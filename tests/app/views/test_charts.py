from app.views import _charts

CURVES = {
    "train/box": [(1, 2.0), (2, 1.5)],
    "val/box": [(1, 2.5), (2, 1.8)],
    "recall": [(1, 0.1), (2, 0.3)],
    "map": [(1, 0.2), (2, 0.4)],
    "lr": [(1, 0.01), (2, 0.001)],
}


def test_figures_come_first_then_losses_with_train_solid_and_val_dashed() -> None:
    figures, loss, rate = _charts.charts(CURVES, ("map", "recall"))
    assert [one.name for one in figures.series] == ["mAP", "Recall"]
    assert [one.strong for one in figures.series] == [True, False]
    assert figures.y_range == (0, 1)
    assert [(one.name, one.dashed) for one in loss.series] == [("train", False), ("val", True)]
    assert rate.title == "Learning rate"


def test_a_run_that_has_just_begun_shows_where_its_figures_will_be() -> None:
    (only,) = _charts.charts({})
    assert only.series == [] and "first epoch" in only.empty


def test_runs_are_overlaid_one_chart_for_each_figure() -> None:
    found = _charts.overlaid({"a": CURVES, "b": {"map": [(1, 0.5)]}}, ["map", "train/box", "nothing"])
    assert [[line.name for line in chart.series] for chart in found] == [["a", "b"], ["a"]]
    assert found[0].series[0].color != found[0].series[1].color


def test_classes_have_a_chart_for_each_figure_and_stay_out_of_the_others() -> None:
    each = {f"class/a/b {number}/f1": [(1, number / 20), (2, number / 20)] for number in range(14)}
    few = {name: points for name, points in each.items() if name[-5:-3] in (" 3", " 4")}
    figures, _, classes, _ = _charts.charts({**CURVES, **few})
    assert [one.name for one in figures.series] == ["Recall", "mAP"]
    assert (classes.title, [one.name for one in classes.series]) == ("F1, class by class", ["a/b 3", "a/b 4"])
    assert len({one.color for one in classes.series}) == 2
    (_, many) = _charts.charts({"map": [(1, 0.1)], **each})
    assert many.title == "F1, the 12 lowest of 14 classes"
    assert "a/b 13" not in [one.name for one in many.series]


def test_the_axis_of_good_models_is_stretched() -> None:
    (figures, each) = _charts.charts({"map": [(1, 0.91), (2, 0.97)], "class/a/f1": [(1, 0.4), (2, 0.9)]})
    assert (figures.y_range, figures.y_title, each.y_range) == ((0.9, 1), "on val, 0.9 to 1", (0, 1))
