import numpy as np
import pytest
import torch
from sklearn import metrics as sklearn
from sklearn.linear_model import LogisticRegression
from torchmetrics.functional import classification as torchmetrics

from pipelines.classification.network.figures import of_one
from pipelines.classification.network.probe import _figures, _minimise

NAMES = [f"c{number}" for number in range(7)]
RANDOM = np.random.default_rng(51)


def test_figures_of_one_class_are_those_of_scikit_learn_and_torchmetrics() -> None:
    logits = torch.from_numpy(RANDOM.normal(size=(200, 7)))
    truth = torch.from_numpy(RANDOM.integers(0, 6, 200))  # one class has no labels
    found = _figures(logits, truth, NAMES)
    said = logits.argmax(1)
    precision, recall, f1, _ = sklearn.precision_recall_fscore_support(truth, said, labels=range(6), zero_division=0)
    for row, name in enumerate(NAMES[:6]):
        values = [found[f"class/{name}/{figure}"] for figure in ("precision", "recall", "f1")]
        assert values == pytest.approx([precision[row], recall[row], f1[row]], abs=1e-6)
    assert found["accuracy"] == pytest.approx(sklearn.accuracy_score(truth, said), abs=1e-6)
    assert found["balanced_accuracy"] == pytest.approx(recall.mean(), abs=1e-6)
    assert found["macro_f1"] == pytest.approx(sklearn.f1_score(truth, said, average="macro"), abs=1e-6)
    top = torchmetrics.multiclass_accuracy(logits, truth, 7, average="micro", top_k=5)
    assert found["top5"] == pytest.approx(float(top), abs=1e-6)
    wanted = sklearn.log_loss(truth, logits.softmax(1), labels=range(7))
    assert found["val/loss"] == pytest.approx(wanted, abs=1e-6)


def test_figures_of_many_classes_are_those_of_scikit_learn() -> None:
    logits = torch.from_numpy(RANDOM.normal(size=(150, 7))).float()
    truth = torch.from_numpy(RANDOM.integers(0, 2, (150, 7))).float()
    found = _figures(logits, truth, NAMES)
    said = (logits >= 0).int()
    assert found["map"] == pytest.approx(sklearn.average_precision_score(truth, logits), abs=1e-6)
    assert found["macro_f1"] == pytest.approx(sklearn.f1_score(truth, said, average="macro"), abs=1e-6)
    assert found["f1"] == pytest.approx(sklearn.f1_score(truth, said, average="micro"), abs=1e-6)
    each = sklearn.recall_score(truth, said, average=None)
    assert [found[f"class/{name}/recall"] for name in NAMES] == pytest.approx(each.tolist(), abs=1e-6)


def test_datasets_of_very_many_classes_are_counted_as_a_whole() -> None:
    found = of_one(np.eye(200, dtype=np.int64), 200, 1.0, [str(number) for number in range(200)])
    assert set(found) == {"accuracy", "top5", "balanced_accuracy", "macro_f1", "val/loss"}


def test_the_probe_solves_what_scikit_learn_solves() -> None:
    features = RANDOM.normal(size=(80, 5))
    answers = (features[:, 0] + RANDOM.normal(size=80) > 0).astype(int) + (features[:, 1] > 0.5)
    theirs = LogisticRegression(C=1 / (0.05 * 80), tol=1e-10, max_iter=2000).fit(features, answers)
    layer = torch.nn.Linear(5, 3).double()
    torch.nn.init.zeros_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
    _minimise(layer, (torch.from_numpy(features), torch.from_numpy(answers)), 0.05, None)
    assert layer.weight.detach().numpy() == pytest.approx(theirs.coef_, abs=1e-4)
