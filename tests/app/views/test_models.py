"""Columns and comparisons of the Models page, by what figures say of themselves."""

from datetime import UTC, datetime
from pathlib import Path

from app.views import models
from app.views.models import Model
from pipelines.runs.run import JobRequest, Run
from tests.restored import RESTORED


def model(name: str, **metrics: float) -> Model:
    request = JobRequest(run="r1", kind="train", name=name, task="detection", created=datetime.now(UTC))
    return Model(Run(Path(name)), request, None, metrics, RESTORED)


def test_only_what_was_measured_stands_in_the_table_first_what_ranks() -> None:
    shown = models._figures_of([model("a", psnr=31.2, fid=12.0), model("b", fid=11.0, switches=3)])
    assert [one.name for one in shown] == ["psnr", "fid", "switches"]
    assert models._figures_of([model("a")]) == [RESTORED[0]]


def test_only_a_ratio_that_should_be_high_is_drawn_as_a_bar() -> None:
    psnr, ssim, lpips, fid, *_ = RESTORED
    kinds = {one.name: models._column(one, main=True)["type_config"]["type"] for one in (psnr, ssim, lpips, fid)}
    assert kinds == {"psnr": "number", "ssim": "progress", "lpips": "number", "fid": "number"}
    column = models._column(psnr, main=True)
    assert (column["label"], column["type_config"]["format"]) == ("PSNR (dB)", "%.2f")
    assert column["help"] == "peak signal-to-noise ratio; higher is better"


def test_the_best_of_a_row_is_bold_and_has_its_unit() -> None:
    psnr, fid = RESTORED[0], RESTORED[3]
    assert [models._cell(psnr, value, psnr.best([28.0, 31.5])) for value in (28.0, 31.5, None)] == [
        "28.00 dB", "**31.50 dB**", "–",
    ]  # fmt: skip
    assert [models._cell(fid, value, fid.best([28.0, 31.5])) for value in (28.0, 31.5)] == ["**28.0**", "31.5"]
