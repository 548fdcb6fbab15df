from typing import Literal

from streamlit.testing.v1 import AppTest

from app.components import form
from pipelines import registry
from pipelines.config import TaskConfig, option


class Tiny(TaskConfig):
    size: int = option(640, "longest side", unit="px", advanced=False, ge=32, le=4096, multiple_of=32)
    rate: float | None = option(None, "learning rate", gt=0, le=1)
    model: Literal["a", "b"] = option("a", "network", advanced=False)
    cosine: bool = option(False, "falls along a cosine")


def test_options_carry_bounds_units_choices_and_come_in_the_order_of_the_config():
    found = {one.name: one for one in form.options(Tiny)}
    assert list(found) == ["size", "rate", "model", "cosine", "seed", "device"]
    assert (found["size"].low, found["size"].high, found["size"].step) == (32, 4096, 32)
    assert found["size"].title == "Size (px)"
    assert found["rate"].optional and found["rate"].kind == "real"
    assert found["model"].choices == ("a", "b")
    assert [one.name for one in found.values() if not one.advanced] == ["size", "model"]


def script() -> None:
    import streamlit as st

    from app.components import form
    from pipelines import registry

    task = registry.task(registry.TASKS[0])
    base = task.resolve("fast").model_dump()
    st.session_state.changed = form.form(form.options(task.config), base, "tiny")


def test_form_returns_only_what_differs_and_marks_it():
    app = AppTest.from_function(script, default_timeout=30).run()
    assert not app.exception
    assert app.session_state.changed == {}
    app.number_input(key="tiny-epochs").set_value(3).run()
    app.toggle(key="tiny-allow_download").set_value(True).run()
    app.number_input(key="tiny-final_learning_rate").set_value(0.02).run()
    assert app.session_state.changed == {"epochs": 3, "allow_download": True, "final_learning_rate": 0.02}
    assert "was 14" in app.number_input(key="tiny-epochs").label


class Rich(TaskConfig):
    model: str = option("a", "network", advanced=False)
    steps: tuple[str, ...] = option((), "what has an editor of its own")


def test_lists_have_editors_of_their_own_and_suggestions_come_from_outside():
    found = {one.name: one for one in form.options(Rich, {"model": ("a", "b")})}
    assert "steps" not in found
    assert (found["model"].kind, found["model"].choices) == ("text", ("a", "b"))


def free() -> None:
    import streamlit as st

    from app.components import form
    from tests.app.components.test_form import Rich

    base = Rich().model_dump()
    st.session_state.changed = form.form(form.options(Rich, {"model": ("a", "b")}), base, "rich")


def test_text_with_suggestions_takes_other_words_too():
    app = AppTest.from_function(free, default_timeout=30)
    app.session_state["rich-model"] = "resnet200d"
    app.run()
    assert not app.exception
    assert app.selectbox(key="rich-model").options == ["a", "b", "resnet200d"]
    assert app.session_state.changed == {"model": "resnet200d"}


def test_only_options_that_act_for_the_model_are_shown() -> None:
    config = registry.task("detection").config
    every = form.options(config)
    yolo, other = (
        {one.name: one for one in form.acting(every, config, model)}
        for model in ("yolov8n", "fasterrcnn_resnet50_fpn_v2")
    )
    assert "mosaic" in yolo and "mosaic" not in other
    assert "clip" in other and "clip" not in yolo
    assert "MuSGD" in yolo["optimizer"].choices and "MuSGD" not in other["optimizer"].choices
    assert form.acting(every, config, "unheard of") == every
