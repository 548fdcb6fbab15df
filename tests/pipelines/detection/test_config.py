import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from pipelines import registry
from pipelines.detection.config import Config
from pipelines.errors import ConfigError, UnknownPreset

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", registry.TASKS)
class TestContract:
    def test_every_family_is_a_package_that_trains_predicts_and_adopts(self, name: str) -> None:
        for family in registry.task(name).config.families:
            for part, function in (("train", "train"), ("predict", "predictor"), ("model", "adopt")):
                assert callable(getattr(import_module(f"{family.package}.{part}"), function))

    def test_families_name_options_that_are_there(self, name: str) -> None:
        config = registry.task(name).config
        for family in config.families:
            named = {*family.inert, *family.absent, *family.predicting, *family.lower}
            assert named <= set(config.model_fields)
            assert not family.predicting & family.inert

    def test_presets_hold_options_that_act(self, name: str) -> None:
        task = registry.task(name)
        for preset in task.presets.values():
            assert set(preset) <= set(task.config.acting(str(preset.get("model", task.config().model))))

    def test_the_three_presets_resolve(self, name: str) -> None:
        task = registry.task(name)
        assert list(task.presets) == ["fast", "balanced", "accurate"]
        for preset in task.presets:
            assert isinstance(task.resolve(preset), task.config)

    def test_every_option_is_explained(self, name: str) -> None:
        for key, field in registry.task(name).config.model_fields.items():
            assert field.description, key
            assert set(field.json_schema_extra or {}) == {"unit", "advanced"}, key

    def test_train_predict_adopt_are_there(self, name: str) -> None:
        assert callable(registry.trainer(name))
        assert callable(registry.predictor(name))
        assert callable(registry.adopter(name))

    def test_the_config_imports_no_torch(self, name: str) -> None:
        code = (
            f"import sys; from pipelines import registry, weights; registry.task({name!r}).resolve('fast');"
            "print(sorted({'torch', 'ultralytics', 'lightning', 'fiftyone'} & set(sys.modules)))"
        )
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "[]"


def test_the_config_is_json() -> None:
    config = registry.task("detection").resolve("fast", {"learning_rate": 0.01, "optimizer": "SGD"})
    assert Config.model_validate(json.loads(json.dumps(config.model_dump()))) == config


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"epochs": 0}, "'epochs'.*greater than or equal to 1, found 0"),
        ({"image_size": 100}, "'image_size'.*multiple of 32, found 100"),
        ({"model": "yolov8q"}, "'model'.*yolov8n"),
        ({"colour": 1}, "no option 'colour'; it has .*epochs"),
        ({"learning_rate": 0.1}, "auto chooses its own rate"),
        ({"model": "fasterrcnn_resnet50_fpn_v2", "optimizer": "MuSGD"}, r"R-CNN\) has, found 'MuSGD'"),
    ],
)
def test_a_wrong_option_is_named(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        registry.task("detection").resolve("fast", changes)


def test_an_unknown_preset_lists_the_known_ones() -> None:
    with pytest.raises(UnknownPreset, match="fast, balanced, accurate; found 'quick'"):
        registry.task("detection").resolve("quick")
