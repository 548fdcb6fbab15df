import json
import subprocess
import sys
import warnings

import albumentations
import numpy as np
import pytest
from pydantic import ValidationError

from pipelines import registry
from pipelines.augment import Augment, Step, outlines, transforms
from pipelines.errors import ConfigError
from pipelines.transforms import CATALOG, GROUPS

IMAGE = np.arange(40 * 60 * 3, dtype=np.uint32).reshape(40, 60, 3).astype(np.uint8)
CORNERS = np.array([[0.1, 0.2, 0.3, 0.6]])
CLASSES = np.array([4])
SCENE = np.random.default_rng(3).integers(0, 256, (48, 64, 3), dtype=np.uint8)
MASKS = np.zeros((6, 48, 64), dtype=np.uint8)
for number in range(6):
    MASKS[number, 5 + 5 * number : 15 + 5 * number, 4 + 8 * number : 16 + 8 * number] = 255


def test_a_mirror_moves_image_and_boxes_alike() -> None:
    changed = Augment([Step(name="HorizontalFlip", p=1)])(IMAGE, 1, corners=CORNERS, classes=CLASSES)
    assert np.array_equal(changed.image, IMAGE[:, ::-1])
    assert changed.corners == pytest.approx(np.array([[0.7, 0.2, 0.9, 0.6]]))
    assert changed.classes.tolist() == [4]


def test_masks_move_with_the_image() -> None:
    mask = np.arange(48 * 64, dtype=np.uint32).reshape(48, 64).astype(np.uint8)
    changed = Augment([Step(name="VerticalFlip", p=1)])(SCENE, 1, mask=mask, masks=MASKS)
    assert np.array_equal(changed.mask, mask[::-1])
    assert np.array_equal(changed.masks, MASKS[:, ::-1] // 255)


def test_the_seed_decides_alone_in_any_process() -> None:
    spec = [Step(name="Affine", p=0.9), Step(name="ColorJitter", p=0.9), Step(name="GaussNoise", p=0.9)]
    here = Augment(spec)
    here(SCENE, 9)
    code = (
        "import json, sys, numpy as np\n"
        "from pipelines.augment import Augment, Step\n"
        "spec = [Step.model_validate(step) for step in json.loads(sys.argv[1])]\n"
        "scene = np.random.default_rng(3).integers(0, 256, (48, 64, 3), dtype=np.uint8)\n"
        "np.random.seed(7)\n"
        "print(int(Augment(spec)(scene, 5).image.astype(np.int64).sum()))\n"
    )
    told = json.dumps([step.model_dump(mode="json") for step in spec])
    there = subprocess.run([sys.executable, "-c", code, told], capture_output=True, text=True, check=True).stdout
    assert int(there) == int(here(SCENE, 5).image.astype(np.int64).sum())
    assert not np.array_equal(here(SCENE, 5).image, here(SCENE, 6).image)


def test_steps_are_drawn_independently() -> None:
    """albumentations seeds every transform alike, so that all of them would happen together or not at all."""
    both = Augment([Step(name="HorizontalFlip", p=0.5), Step(name="InvertImg", p=0.5)])
    seen = {both(SCENE, seed).image.tobytes() for seed in range(40)}
    assert len(seen) == 4


def test_an_image_without_boxes_stays_one() -> None:
    changed = Augment([Step(name="VerticalFlip", p=1)])(
        IMAGE, 1, corners=np.zeros((0, 4)), classes=np.zeros(0, dtype=int)
    )
    assert changed.corners.shape == (0, 4)
    assert changed.classes.shape == (0,)


def test_objects_that_leave_are_dropped_with_their_masks() -> None:
    away = Augment([Step(name="Affine", p=1, options={"translate_percent": [0.6, 0.6], "rotate": [0, 0]})])
    changed = away(SCENE, 2, masks=MASKS, corners=outlines(MASKS), classes=np.arange(6))
    assert 0 < len(changed.kept) < 6
    assert changed.classes.tolist() == changed.kept.tolist()
    assert len(changed.masks) == len(changed.corners) == len(changed.kept)
    assert changed.masks.any(axis=(1, 2)).all()


def test_boxes_are_drawn_anew_around_moved_masks() -> None:
    turned = Augment([Step(name="Affine", p=1, options={"rotate": [30, 30], "scale": [1, 1]})])
    changed = turned(SCENE, 2, masks=MASKS, corners=outlines(MASKS), classes=np.arange(6))
    assert changed.corners == pytest.approx(outlines(changed.masks))


@pytest.mark.parametrize("void", [255, 1])
def test_what_enters_is_void_and_never_part_of_an_object(void: int) -> None:
    away = Augment([Step(name="Affine", p=1, options={"translate_percent": [0.5, 0.5]})], mask_fill=void)
    changed = away(SCENE, 2, mask=np.full((48, 64), 7, dtype=np.uint8), masks=MASKS)
    assert set(np.unique(changed.mask)) == {7, void}
    assert changed.masks.sum() <= (MASKS > 0).sum()


def test_crops_have_the_size_of_the_image_or_the_one_asked_for() -> None:
    step = Step(name="RandomResizedCrop", p=1)
    assert Augment([step])(SCENE, 1).image.shape == (48, 64, 3)
    assert Augment([step], size=(32, 32))(SCENE, 1).image.shape == (32, 32, 3)


@pytest.mark.parametrize("name", CATALOG)
def test_every_transform_of_the_catalog_holds(name: str) -> None:
    """Grey and RGB, boxes, masks; the same twice; its options and their bounds are those of albumentations."""
    transform = CATALOG[name]
    assert transform.group in GROUPS
    known = getattr(albumentations, name).InitSchema.model_fields
    assert {setting.name for setting in transform.settings} <= set(known)
    for setting in transform.settings:
        for end in (setting.low, setting.high):
            if setting.kind in ("whole", "real", "wholes", "reals"):
                value = [end, end] if setting.kind.endswith("s") else end
                Augment([Step(name=name, p=1, options={setting.name: value})])
    augment = Augment([Step(name=name, p=1)], mask_fill=255)
    mask = SCENE[..., 0] // 64
    given = {"mask": mask, "masks": MASKS, "corners": outlines(MASKS), "classes": np.arange(6)}
    changed = augment(SCENE, 3, **given)
    assert np.array_equal(changed.image, augment(SCENE, 3, **given).image)
    assert not np.array_equal(changed.image, SCENE)
    assert (changed.image.dtype, changed.image.ndim) == (np.uint8, 3)
    assert changed.image.shape == SCENE.shape or not transform.keeps_size
    assert changed.mask.shape == changed.masks.shape[1:] == changed.image.shape[:2]
    assert np.array_equal(changed.mask, mask) != transform.moves
    grey = augment(SCENE[..., 0], 3).image
    assert (grey.ndim, grey.dtype) == (2, np.uint8)


def test_every_default_lies_within_its_bounds() -> None:
    for name, transform in CATALOG.items():
        assert Step(name=name).options == {
            setting.name: list(setting.default) if isinstance(setting.default, tuple) else setting.default
            for setting in transform.settings
        }


def test_a_spec_survives_json_and_a_name_is_a_step() -> None:
    step = Step(name="Affine", p=0.3, options={"rotate": (-5, 5)})
    assert Step.model_validate(json.loads(step.model_dump_json())) == step
    assert Step.model_validate("Affine") == Step(name="Affine")


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({"name": "Blurr"}, r"expected a transform, one of HorizontalFlip.*found 'Blurr'"),
        ({"p": 1}, r"expected the name of a transform"),
        ({"name": "Affine", "options": {"angle": 3}}, r"Affine has no option 'angle'; it has rotate, translate"),
        ({"name": "InvertImg", "options": {"angle": 3}}, r"InvertImg has no option 'angle'; it has none"),
        ({"name": "Affine", "options": {"rotate": 3}}, r"'rotate': expected a range \[lowest, highest\].*found 3"),
        ({"name": "Affine", "options": {"rotate": [9, 3]}}, r"'rotate': expected a range.*-180 to 180, found \[9, 3\]"),
        ({"name": "Affine", "options": {"fill": 1.5}}, r"'fill': expected a whole number from 0 to 255, found 1.5"),
        ({"name": "MotionBlur", "options": {"blur_limit": [3, 6]}}, r"each an odd number from 3 to 99"),
        ({"name": "ImageCompression", "options": {"compression_type": "png"}}, r"expected one of jpeg, webp"),
        ({"name": "HorizontalFlip", "p": 2}, r"less than or equal to 1"),
    ],
)
def test_a_wrong_step_says_what_is_expected(step: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Step.model_validate(step)


def test_an_empty_spec_changes_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        changed = Augment([Step(name="InvertImg", p=0)])(SCENE, 1, corners=CORNERS, classes=CLASSES)
    assert changed.image is SCENE
    assert changed.corners.tolist() == CORNERS.tolist()


def test_a_trainer_may_take_the_transforms_themselves() -> None:
    made = transforms([Step(name="RandomResizedCrop", p=1), Step(name="InvertImg", p=0)], 64)
    assert [type(one).__name__ for one in made] == ["RandomResizedCrop"]
    assert made[0](image=SCENE)["image"].shape == (64, 64, 3)
    with pytest.raises(ConfigError, match="take Affine's scale"):
        transforms([Step(name="RandomScale")], 64)


def test_a_config_names_the_option_and_the_step_that_is_wrong() -> None:
    task = registry.task("segmentation")
    with pytest.raises(ConfigError, match=r"^segmentation, option 'augment\.1': Affine has no option 'angle'"):
        task.resolve("fast", {"augment": ["InvertImg", {"name": "Affine", "options": {"angle": 3}}]})
    found = task.resolve("fast", {"augment": ["InvertImg"]}).model_dump(mode="json")["augment"]
    assert found == [{"name": "InvertImg", "p": 0.5, "options": {}}]
