"""Figures in words and in order, of today's protocols and of one whose figures have other units and directions."""

import pytest

from datasets.errors import EvaluationError
from datasets.evaluation import figures
from datasets.evaluation.figures import MANY_CLASSES, MASKS, OBJECTS, ONE_CLASS, PER_CLASS, SEMANTIC, Figure
from tests.restored import RESTORED

PROTOCOLS = {"objects": OBJECTS, "masks": MASKS, "one": ONE_CLASS, "many": MANY_CLASSES, "semantic": SEMANTIC}


@pytest.mark.parametrize("declared", [*PROTOCOLS.values(), PER_CLASS], ids=[*PROTOCOLS, "each class"])
def test_a_protocol_names_every_figure_once_and_says_what_it_is(declared: tuple[Figure, ...]) -> None:
    assert len({one.name for one in declared}) == len(declared)
    assert all(one.help and one.title for one in declared)
    assert declared[0].headline and declared[0].better == "higher"


def test_errors_are_better_when_they_are_lower() -> None:
    lower = {one.name for declared in (*PROTOCOLS.values(), PER_CLASS) for one in declared if one.better == "lower"}
    assert lower == {"ece", "log_loss", "hamming_loss", "fp", "fn"}


def test_values_come_with_their_unit_and_digits() -> None:
    psnr, ssim, *_, switches = RESTORED
    assert (psnr.text(31.237), ssim.text(0.91251), switches.text(1204)) == ("31.24 dB", "0.913", "1,204")
    assert (psnr.text(None), psnr.text(float("nan"))) == ("–", "–")
    assert (psnr.heading, psnr.printf, switches.printf) == ("PSNR (dB)", "%.2f", "%d")
    assert switches.definition.endswith("; lower is better")


def test_the_best_value_lies_at_the_end_that_the_figure_says() -> None:
    by_name = {one.name: one for one in RESTORED}
    assert by_name["psnr"].best([28.0, None, 31.5, float("nan")]) == 31.5
    assert by_name["fid"].best([28.0, None, 31.5, float("nan")]) == 28.0
    assert by_name["fid"].best([None]) is None
    assert by_name["switches"].ranked([3, 0, 7]) == [0, 3, 7]
    assert by_name["hota"].ranked([0.3, 0.9]) == [0.9, 0.3]


def test_numbers_beat_nan_and_nan_beats_nothing() -> None:
    for one in RESTORED:
        assert one.beats(5.0, one.worst) and one.beats(5.0, float("nan"))
        assert not one.beats(float("nan"), 5.0) and not one.beats(float("nan"), one.worst) and not one.beats(5.0, 5.0)
    assert RESTORED[0].beats(2.0, 1.0)


def test_names_in_events_have_figures() -> None:
    assert figures.logged("psnr", RESTORED) is RESTORED[0]
    loss = figures.logged("val/box_loss", RESTORED)
    assert (loss.title, loss.better, loss.range) == ("Box loss", "lower", (0, None))
    assert figures.logged("class/a/b/iou", RESTORED).title == "IoU"
    assert figures.logged("lr").title == "Learning rate"
    assert figures.logged("something_new").title == "Something new"
    assert figures.logged("something_new").range == (None, None)


def test_a_task_of_two_protocols_has_the_figures_of_both() -> None:
    both = figures.merged([ONE_CLASS, MANY_CLASSES])
    assert both[0] is ONE_CLASS[0]
    assert [one.name for one in both].count("map") == 1 and "hamming_loss" in [one.name for one in both]


def test_wrong_declarations_are_refused() -> None:
    with pytest.raises(EvaluationError, match="swap its ends"):
        Figure("a", "A", range=(1, 0))
    with pytest.raises(EvaluationError, match="higher or lower"):
        Figure("a", "A", better="faster")  # type: ignore[arg-type]
    with pytest.raises(EvaluationError, match=r"one of map, map50.*found 'psnr'"):
        figures.find(OBJECTS, "psnr")
