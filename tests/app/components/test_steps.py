from streamlit.testing.v1 import AppTest

from app.components import steps
from pipelines.augment import Step
from pipelines.transforms import CATALOG

FLIP = Step(name="HorizontalFlip").model_dump(mode="json")
AFFINE = Step(name="Affine", p=0.3, options={"rotate": [-5, 5]}).model_dump(mode="json")


def script() -> None:
    import streamlit as st

    from app.components import steps

    base = st.session_state.setdefault("base", [])
    desk = steps.desk(st.session_state.get("spec", base), "e")
    st.session_state["spec"] = desk.known
    if st.session_state.get("open", True):
        steps.edit(desk, base, "e")


def editor(*spec: dict[str, object]) -> AppTest:
    app = AppTest.from_function(script, default_timeout=30)
    app.session_state["base"] = list(spec)
    app.run()
    assert not app.exception, app.exception
    return app


def press(app: AppTest, ending: str) -> None:
    next(button for button in app.button if str(button.key).endswith(ending)).click().run()
    assert not app.exception, app.exception


def names(app: AppTest) -> list[str]:
    return [step["name"] for step in app.session_state["spec"]]


def test_a_step_is_added_with_the_defaults_of_the_catalog() -> None:
    app = editor(FLIP)
    app.selectbox(key="e-add").set_value("Perspective").run()
    assert app.session_state["spec"] == [FLIP, Step(name="Perspective").model_dump(mode="json")]
    assert app.selectbox(key="e-add").value is None


def test_steps_are_ordered_switched_and_removed() -> None:
    app = editor(FLIP, AFFINE)
    press(app, "-down")
    assert names(app) == ["Affine", "HorizontalFlip"]
    app.toggle[0].set_value(False).run()
    assert names(app) == ["HorizontalFlip"]
    app.toggle[0].set_value(True).run()
    assert app.session_state["spec"] == [AFFINE, FLIP]
    press(app, "-remove")
    assert names(app) == ["HorizontalFlip"]
    press(app, "-reset")
    assert app.session_state["spec"] == [FLIP, AFFINE]


def test_sliders_tune_chance_and_options() -> None:
    app = editor(AFFINE)
    press(app, "-open")
    assert app.slider[0].label == "Chance"
    app.slider[0].set_value(0.8).run()
    rotate = next(one for one in app.slider if one.label.startswith("Rotate"))
    rotate.set_value((-20.0, 30.0)).run()
    assert not app.exception
    step = app.session_state["spec"][0]
    assert (step["p"], step["options"]["rotate"]) == (0.8, [-20.0, 30.0])
    assert Step.model_validate(step).model_dump(mode="json") == step


def test_what_was_changed_counts_when_the_editor_closes_before_it_is_drawn_again() -> None:
    app = editor(AFFINE)
    press(app, "-open")
    app.slider[0].set_value(0.8)
    next(one for one in app.slider if one.label.startswith("Rotate")).set_value((-20.0, 30.0))
    app.selectbox(key="e-add").set_value("InvertImg")
    app.session_state["open"] = False
    app.run()
    assert not app.exception, app.exception
    assert names(app) == ["Affine", "InvertImg"]
    step = app.session_state["spec"][0]
    assert (step["p"], step["options"]["rotate"]) == (0.8, [-20.0, 30.0])


def test_pasted_steps_replace_the_others_and_wrong_ones_say_why() -> None:
    app = editor(FLIP)
    app.text_area(key="e-text").set_value("- Affine\n- name: Blurr").run()
    app.button(key="e-use").click().run()
    assert "step 2: expected a transform" in app.error[0].value
    assert names(app) == ["HorizontalFlip"]


def test_a_spec_changed_elsewhere_is_taken_over() -> None:
    app = editor(FLIP)
    app.session_state["spec"] = [AFFINE]
    app.run()
    assert names(app) == ["Affine"]
    assert app.toggle[0].label == "**Affine**"


def fields() -> None:
    from app.components import steps
    from pipelines.augment import Step
    from pipelines.transforms import CATALOG

    for name in CATALOG:
        for setting in CATALOG[name].settings:
            steps.option(setting, Step(name=name).options[setting.name], f"{name}-{setting.name}")


def test_every_option_has_a_field_that_keeps_its_default() -> None:
    app = AppTest.from_function(fields, default_timeout=30).run()
    assert not app.exception, app.exception
    for name, transform in CATALOG.items():
        for setting in transform.settings:
            shown = app.session_state[f"{name}-{setting.name}"]
            kept = list(shown) if isinstance(shown, tuple) else shown
            assert kept == Step(name=name).options[setting.name]


def test_a_spec_in_words_and_as_yaml() -> None:
    assert steps.words([FLIP, AFFINE]) == "HorizontalFlip 50 %, Affine 30 %"
    assert steps.words([]) == "none"
    assert steps.as_yaml([FLIP]) == "- name: HorizontalFlip\n  p: 0.5\n  options: {}\n"
