"""Losses that are no numbers are told."""

from pipelines.training.figures import not_finite


def test_losses_that_are_no_numbers_are_a_finding() -> None:
    assert list(not_finite({"train/loss": 0.5, "lr": float("nan")}, 1)) == []
    (finding,) = not_finite({"train/box": float("nan"), "val/box": float("inf"), "map": 0.0}, 2)
    assert (finding.code, finding.where, finding.found) == ("not_finite", "epoch 2", "none for train/box, val/box")
