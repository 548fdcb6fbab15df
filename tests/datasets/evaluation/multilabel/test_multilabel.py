"""Many classes per image: figures against scikit-learn, torchmetrics and plain Python, and what is written."""

import warnings
from typing import Any

import numpy as np
import pytest
from bson import ObjectId
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.errors import EvaluationError
from datasets.evaluation import cards, engines
from datasets.evaluation.cards import Origin
from datasets.evaluation.multilabel import storing
from datasets.evaluation.multilabel.reading import Tags
from datasets.evaluation.multilabel.report import report
from datasets.evaluation.samples import Samples
from datasets.storage import collection, store
from datasets.workspace import Workspace

NAME, CLASSES, N = "tagged", ["ant", "bee", "ÄÖ.x"], 40


def draw(seed: int = 0, n: int = N) -> tuple[Any, Any]:
    """Labels (n, 3) and scores (n, 3), 0 where nothing is predicted."""
    r = np.random.default_rng(seed)
    truth = r.random((n, 3)) < 0.4
    scores = np.round(np.clip(truth * 0.4 + r.random((n, 3)) * 0.6, 0.01, 1), 2)
    return truth, np.where(r.random((n, 3)) < 0.8, scores, 0.0)


def tags(truth: Any, scores: Any) -> Tags:
    names = [str(i) for i in range(len(truth))]
    found = np.argwhere(scores > 0)
    classes = tuple(CLASSES[: truth.shape[1]])
    return Tags(Samples(names, names, [""] * len(names)), classes, np.argwhere(truth), found, scores[scores > 0])


@pytest.mark.parametrize("seed", range(3))
def test_figures_equal_scikit_learn(seed: int) -> None:
    from sklearn import metrics

    truth, scores = draw(seed)
    ours = report(tags(truth, scores), None, Origin())
    found, columns = scores >= 0.5, range(3)
    expected = {
        "map": metrics.average_precision_score(truth, scores, average="macro"),
        "auroc": metrics.roc_auc_score(truth, scores, average="macro"),
        "subset_accuracy": metrics.accuracy_score(truth, found),
        "hamming_loss": metrics.hamming_loss(truth, found),
        "f1": metrics.f1_score(truth, found, average="micro"),
        "macro_f1": metrics.f1_score(truth, found, average="macro"),
        "macro_precision": metrics.precision_score(truth, found, average="macro"),
        "recall": metrics.recall_score(truth, found, average="micro"),
    }
    assert {key: ours.metrics[key] for key in expected} == pytest.approx(expected, abs=1e-9)
    for k in columns:
        one = ours.per_class[CLASSES[k]]
        assert one["f1"] == pytest.approx(metrics.f1_score(truth[:, k], found[:, k]), abs=1e-9)
        assert one["support"] == truth[:, k].sum()


def test_map_equals_torchmetrics() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        from torchmetrics.functional.classification import multilabel_average_precision, multilabel_f1_score

    truth, scores = draw(5)
    ours = report(tags(truth, scores), None, Origin()).metrics
    p, t = torch.from_numpy(scores), torch.from_numpy(truth.astype(np.int64))
    assert ours["map"] == pytest.approx(float(multilabel_average_precision(p, t, 3)), abs=1e-6)
    assert ours["macro_f1"] == pytest.approx(float(multilabel_f1_score(p, t, 3, threshold=0.4999)), abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 6), confidence=st.sampled_from([0.0, 0.3, 0.9]))
def test_counts_equal_plain_python(seed: int, n: int, confidence: float) -> None:
    truth, scores = draw(seed, n)
    ours = report(tags(truth, scores), None, Origin(), confidence)
    found = (scores >= confidence) & (scores > 0)
    same = sum(truth[i].tolist() == found[i].tolist() for i in range(n))
    assert ours.metrics["subset_accuracy"] == pytest.approx(same / n)
    wrong = sum(truth[i, k] != found[i, k] for i in range(n) for k in range(3))
    assert ours.metrics["hamming_loss"] == pytest.approx(wrong / n / 3)
    for k, name in enumerate(CLASSES):
        pairs = list(zip(truth[:, k].tolist(), found[:, k].tolist(), strict=True))
        counted = [ours.per_class[name][key] for key in ("tp", "fp", "fn")]
        assert counted == [pairs.count((True, True)), pairs.count((False, True)), pairs.count((True, False))]


def item(label: str, **more: Any) -> dict[str, Any]:
    return {"_id": ObjectId(), "_cls": "Classification", "tags": [], "label": label, **more}


def fill() -> tuple[Any, Any]:
    truth, scores = draw()
    store.create(NAME, {"truth": "classifications", "pred_r1": "classifications"}, CLASSES)
    made = []
    for i in range(N):
        labels = [item(CLASSES[k]) for k in np.flatnonzero(truth[i])]
        found = [item(CLASSES[k], confidence=float(scores[i, k])) for k in np.flatnonzero(scores[i])]
        fields = {"truth": labels, "pred_r1": found + found[:1]}  # a class that is predicted twice counts once
        lists = {name: {"_cls": "Classifications", "classifications": some} for name, some in fields.items()}
        made.append(collection.sample_document(f"/nowhere/{i}.jpg", split="val" if i % 2 else "test", **lists))
    collection.insert(NAME, made)
    return truth, scores


def evaluate() -> engines.Evaluation:
    return engines.evaluate(NAME, "r1", "pred_r1", "truth")


def test_what_is_written_and_stored_is_what_was_counted(database: Workspace) -> None:
    truth, scores = fill()
    scored = evaluate()
    assert scored.report().metrics == report(tags(truth, scores), None, Origin()).metrics
    found = scores >= 0.5
    values = collection.load(NAME).values(["eval_r1", "eval_r1_tp", "eval_r1_fp", "eval_r1_fn"])
    assert values[0] == (truth == found).all(axis=1).tolist()
    assert list(values[1:]) == [
        (a & b).sum(axis=1).tolist() for a, b in ((truth, found), (~truth, found), (truth, ~found))
    ]
    assert set(scored.reports) == {"", "test", "val"}
    kept, about = storing.load(scored.path)
    loose = report(kept, None, Origin(), 0.2, stored=cards.read(about["reports"][""]))
    assert engines.look(NAME, "r1", confidence=0.2).metrics == loose.metrics
    assert loose.metrics == report(tags(truth, scores), None, Origin(), 0.2).metrics
    assert evaluate().report().metrics == scored.report().metrics


def test_missing_predictions_are_said_and_unknown_classes_found(database: Workspace) -> None:
    fill()
    ids = [str(one["_id"]) for one in collection.stream(NAME)]
    unicorn = {"_cls": "Classifications", "classifications": [item("unicorn")]}
    collection.update(NAME, [(ids[0], {"pred_r1": None}), (ids[1], {"truth": None}), (ids[2], {"pred_r1": unicorn})])
    card = evaluate().report().card
    assert (card.samples, card.missing_predictions, card.unlabelled) == (N - 2, 1, 1)
    assert card.without_confidence == 1
    assert any("unicorn" in one for one in card.findings)


def test_a_confidence_that_is_no_number_is_told_before_anything_is_written(database: Workspace) -> None:
    fill()
    first = next(one for one in collection.stream(NAME) if one["pred_r1"]["classifications"])
    wrong = {"pred_r1.classifications.0.confidence": float("nan")}
    collection.update(NAME, [(str(first["_id"]), wrong)])
    with pytest.raises(EvaluationError, match="found nan"):
        evaluate()
    assert "eval_r1" not in collection.load(NAME).get_field_schema()
