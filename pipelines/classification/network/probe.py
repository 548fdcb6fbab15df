"""A linear probe: the last layer alone, by logistic regression on features that are computed once per image."""

import threading
import time
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import asdict
from typing import Any

import torch
from torch.nn import functional
from torchmetrics.functional.classification import multilabel_average_precision

from pipelines.classification.network.figures import TOP, of_many, of_one
from pipelines.classification.network.learner import Classifier
from pipelines.classification.network.model import linear_head
from pipelines.errors import Stopped
from pipelines.job import Job
from pipelines.runs.events import EventWriter
from pipelines.training import unread
from pipelines.training.data import loader
from pipelines.training.fit import Best

Side = tuple[torch.Tensor, torch.Tensor]  # features (n, d), standardised, and answers
Figures = dict[str, float]
STRENGTHS = tuple(10.0 ** (power / 2) for power in range(2, -6, -1))  # of the pull to zero: 10 down to 0.003
STEPS = 200  # of L-BFGS for each, started from the last


def probe(job: Job[Any], learner: Classifier, train: Any, val: Any, *, told: bool = True) -> Best:
    """Give the learner's model the best last layer; its state and its figures on `val`.

    Logistic regression with an L2 penalty, by L-BFGS on standardised features, as in Radford et al. 2021; the strength
    with the lowest loss on `val` is kept, and each is reported as an epoch if they are to be `told`. Neither dataset
    changes its images at random. Raises Stopped, ConfigError.
    """
    head = linear_head(learner.model)
    device = job.device
    learner.to(device).eval()
    began, total = time.monotonic(), len(train) + len(val)
    parts = []
    for dataset, before in ((train, 0), (val, len(train))):
        rows, answers = [], []
        for row, answer in _features(learner, head, loader(dataset, learner.options, device, shuffle=False), job.stop):
            rows.append(row)
            answers.append(answer)
            job.events.progress(before + sum(map(len, rows)), total, since=began)
        parts.append((torch.cat(rows), torch.cat(answers).to(device)))
    for finding in unread.findings(job.run.work):
        job.events.write("finding", **asdict(finding))
    mean, spread = parts[0][0].mean(0), parts[0][0].std(0).clamp_min(1e-6)
    sides = [((part - mean) / spread, answer) for part, answer in parts]
    layer, figures = _best(learner, sides[0], sides[1], job.events if told else None)
    with torch.no_grad():
        head.weight.copy_(layer.weight / spread)
        head.bias.copy_(layer.bias - head.weight @ mean)
    return Best({name: value.cpu() for name, value in learner.model.state_dict().items()}, figures)


def _features(
    learner: Classifier, head: torch.nn.Linear, batches: Any, stop: threading.Event
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """What goes into the last layer, batch by batch: (n, d) float32, and the answers. Raises Stopped."""
    seen: list[torch.Tensor] = []
    hook = head.register_forward_pre_hook(lambda _module, given: seen.append(given[0]))
    try:
        for pixels, answers in batches:
            if stop.is_set():
                raise Stopped("training was stopped before its first epoch ended; there is no checkpoint yet")
            with torch.no_grad():
                learner.logits(pixels.to(head.weight.device))
            yield seen.pop().float(), answers
    finally:
        hook.remove()


def _best(
    learner: Classifier, learned: Side, checked: Side, events: EventWriter | None
) -> tuple[torch.nn.Linear, Figures]:
    """The layer with the lowest loss on the `checked` features, and its figures; strong penalties first."""
    layer = torch.nn.Linear(learned[0].shape[1], len(learner.classes)).to(learned[0].device)
    torch.nn.init.zeros_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
    found: list[tuple[torch.nn.Linear, Figures]] = []
    for number, strength in enumerate(STRENGTHS, 1):
        loss = _minimise(layer, learned, strength, learner.weights)
        with torch.no_grad():
            figures = {"train/loss": loss, **_figures(layer(checked[0]), checked[1], learner.classes)}
        if events:
            events.write("epoch", epoch=number, epochs=len(STRENGTHS), metrics=figures, eta=None, speed=None)
        found.append((deepcopy(layer), figures))
    return min(found, key=lambda pair: pair[1]["val/loss"])


def _minimise(layer: torch.nn.Linear, side: Side, strength: float, weights: torch.Tensor | None) -> float:
    """Fit the layer in place; returns the loss without the penalty."""
    solver: Any = torch.optim.LBFGS(layer.parameters(), max_iter=STEPS, history_size=10, line_search_fn="strong_wolfe")
    last = [0.0]

    def step() -> Any:
        solver.zero_grad()
        loss: Any = _loss(layer(side[0]), side[1], weights)
        last[0] = float(loss.detach())
        whole = loss + strength / 2 * layer.weight.square().sum()
        whole.backward()
        return whole

    solver.step(step)
    return last[0]


def _loss(logits: torch.Tensor, answers: torch.Tensor, weights: torch.Tensor | None) -> torch.Tensor:
    if answers.ndim == 1:
        return functional.cross_entropy(logits, answers, weights)
    return functional.binary_cross_entropy_with_logits(logits, answers, pos_weight=weights)


def _figures(logits: torch.Tensor, answers: torch.Tensor, classes: Sequence[str]) -> dict[str, float]:
    size = len(classes)
    if answers.ndim == 1:
        pairs = torch.bincount(answers * size + logits.argmax(1), minlength=size**2).reshape(size, size)
        top = int((logits.topk(min(TOP, size)).indices == answers[:, None]).any(1).sum())
        summed = functional.cross_entropy(logits, answers, reduction="sum")
        return of_one(pairs.cpu().numpy(), top, float(summed), classes)
    said, true = logits >= 0, answers > 0.5
    counts = torch.stack([(said & true).sum(0), (said & ~true).sum(0), (~said & true).sum(0)]).cpu().numpy()
    precisions = multilabel_average_precision(logits, true.int(), size, average="none").reshape(-1)
    summed = functional.binary_cross_entropy_with_logits(logits, answers, reduction="sum")
    return of_many(counts, precisions.cpu().numpy(), float(summed), len(answers), classes)
