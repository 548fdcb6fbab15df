"""Losses and figures beside segmentation-models-pytorch, torch and torchmetrics."""

import warnings

import numpy as np
import pytest
import torch

from pipelines.segmentation.data import IGNORE
from pipelines.segmentation.learner import confusion, scores
from pipelines.segmentation.losses import Losses, balanced


def batch(seed: int = 0, classes: int = 5, absent: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits and targets, some of no class; class `absent` does not occur."""
    made = torch.Generator().manual_seed(seed)
    logits = torch.randn(3, classes, 16, 20, generator=made)
    targets = torch.randint(0, classes, (3, 16, 20), generator=made)
    targets[targets == absent] = 0
    targets[torch.rand(targets.shape, generator=made) < 0.2] = IGNORE
    return logits, targets


def test_dice_is_that_of_smp_with_its_gradient() -> None:
    from segmentation_models_pytorch.losses import DiceLoss

    logits, targets = batch()
    ours, theirs = logits.clone().requires_grad_(), logits.clone().requires_grad_()
    found = Losses("dice")(ours, targets)["dice"]
    expected = DiceLoss("multiclass", ignore_index=IGNORE)(theirs, targets)
    assert found.item() == pytest.approx(expected.item(), abs=1e-6)
    found.backward()
    expected.backward()
    assert ours.grad is not None and theirs.grad is not None
    torch.testing.assert_close(ours.grad, theirs.grad, atol=1e-7, rtol=1e-5)


def test_losses_are_named_and_weighted() -> None:
    logits, targets = batch()
    weights = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0])
    found = Losses("ce+dice", weights, 0.1)(logits, targets)
    expected = torch.nn.CrossEntropyLoss(weights, ignore_index=IGNORE, label_smoothing=0.1)(logits, targets)
    assert list(found) == ["ce", "dice"] and float(found["ce"]) == pytest.approx(float(expected))


@pytest.mark.parametrize("name", ["ce", "dice", "focal", "lovasz"])
def test_pixels_of_no_class_change_nothing(name: str) -> None:
    logits, targets = batch()
    found = Losses(name, torch.ones(5))(logits, targets)[name]
    changed = torch.where((targets == IGNORE)[:, None], -logits, logits)
    assert float(Losses(name, torch.ones(5))(changed, targets)[name]) == pytest.approx(float(found), abs=1e-6)
    nothing = Losses(name)(logits.requires_grad_(), torch.full_like(targets, IGNORE))[name]
    nothing.backward()
    assert nothing.item() == 0


@pytest.mark.parametrize("name", ["ce", "dice", "focal", "lovasz"])
def test_what_is_right_costs_nothing(name: str) -> None:
    _, targets = batch()
    logits = torch.nn.functional.one_hot(targets.clamp_max(4), 5).permute(0, 3, 1, 2) * 60.0 - 30
    assert float(Losses(name)(logits, targets)[name]) < 1e-4


def test_class_weights_follow_enet() -> None:
    found = balanced(torch.tensor([0.0, 0.01, 0.5, 1.0]))
    np.testing.assert_allclose(found, 1 / np.log([1.02, 1.03, 1.52, 2.02]), rtol=1e-5)


def test_figures_equal_torchmetrics() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torchmetrics.classification import MulticlassAccuracy, MulticlassJaccardIndex
        from torchmetrics.functional.classification import multiclass_f1_score

    counts, found, truth = torch.zeros(5, 5, dtype=torch.long), [], []
    for seed in range(4):
        logits, targets = batch(seed, absent=-1)
        found.append(logits.argmax(1))
        truth.append(targets)
        counts += confusion(targets, found[-1], 5)
    ours = scores(counts.numpy(), ("a", "b", "c", "d", "e"))
    p, t = torch.cat(found), torch.cat(truth)
    given = {"num_classes": 5, "ignore_index": IGNORE}
    ious = MulticlassJaccardIndex(average="none", **given)(p, t)
    assert [ours[f"class/{name}/iou"] for name in "abcde"] == pytest.approx(ious.tolist(), abs=1e-6)
    assert ours["miou"] == pytest.approx(float(MulticlassJaccardIndex(average="macro", **given)(p, t)), abs=1e-6)
    assert ours["pixel_accuracy"] == pytest.approx(float(MulticlassAccuracy(average="micro", **given)(p, t)), abs=1e-6)
    dice = multiclass_f1_score(p, t, average="macro", **given)  # Dice is F1
    assert ours["mdice"] == pytest.approx(float(dice), abs=1e-6)


def test_classes_that_do_not_occur_are_in_no_mean() -> None:
    ours = scores(np.array([[6, 2, 0], [1, 3, 0], [0, 0, 0]]), ("a", "b", "never"))
    assert ours["miou"] == pytest.approx((6 / 9 + 3 / 6) / 2)
    assert "class/never/iou" not in ours
