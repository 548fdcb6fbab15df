"""The transforms that an augmentation may be made of: names of albumentations 2.0.8, with the options worth tuning.

Plain data, so that forms, command line and docs need no albumentations. Names, options and bounds are those of the
library (a test holds them against it); defaults are milder where the library's would spoil what is learned.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

ValueType = Literal["switch", "choice", "whole", "real", "wholes", "reals"]
GROUPS = ("Geometry", "Colour", "Blur, noise", "Occlusion", "Weather")


@dataclass(frozen=True)
class Setting:
    """One option of a transform. A pair of numbers is a range that a value is drawn from; bounds include their ends."""

    name: str
    default: Any
    help: str
    low: float = 0.0
    high: float = 1.0
    unit: str = ""
    choices: tuple[str, ...] = ()
    odd: bool = False  # whole numbers that must be odd, as the sizes of filters
    usual: tuple[float, float] | None = None  # where useful values lie, when the bounds are far apart

    @property
    def kind(self) -> ValueType:
        """What its values are: `wholes` and `reals` are pairs."""
        if isinstance(self.default, bool):
            return "switch"
        if isinstance(self.default, str):
            return "choice"
        if isinstance(self.default, tuple):
            return "wholes" if isinstance(self.default[0], int) else "reals"
        return "whole" if isinstance(self.default, int) else "real"


@dataclass(frozen=True)
class Transform:
    """One transform: what it does, its options, and the arguments that are always passed with them."""

    name: str
    group: str
    help: str
    settings: tuple[Setting, ...] = ()
    fixed: Mapping[str, Any] | None = None
    moves: bool = False  # boxes and masks move with the image
    hides: bool = False  # objects may be hidden, and are dropped then
    colours: bool = False  # needs three channels
    keeps_size: bool = True


FILL = Setting("fill", 114, "brightness of what enters from outside; 114 is the grey of YOLO", 0, 255)

_LIST = (
    Transform("HorizontalFlip", "Geometry", "mirrors left and right", moves=True),
    Transform("VerticalFlip", "Geometry", "mirrors top and bottom: for images seen from above", moves=True),
    Transform("RandomRotate90", "Geometry", "turns by 0, 90, 180 or 270 degrees", moves=True, keeps_size=False),
    Transform("Transpose", "Geometry", "swaps rows and columns", moves=True, keeps_size=False),
    Transform(
        "Affine",
        "Geometry",
        "turns, moves, zooms and shears: another place and distance of the camera",
        (
            Setting("rotate", (-10.0, 10.0), "angle", -180, 180, "degrees", usual=(-90, 90)),
            Setting(
                "translate_percent",
                (-0.05, 0.05),
                "move along each axis, as a part of the size",
                -1,
                1,
                usual=(-0.5, 0.5),
            ),
            Setting("scale", (0.9, 1.1), "zoom; 1 keeps the size", 0.01, 4, usual=(0.25, 2)),
            Setting("shear", (0.0, 0.0), "slant along each axis", -45, 45, "degrees"),
            FILL,
        ),
        {"keep_ratio": True},
        moves=True,
    ),
    Transform(
        "Perspective",
        "Geometry",
        "looks from another angle: moves the four corners",
        (
            Setting("scale", (0.02, 0.08), "how far the corners move, as a part of the size", 0, 0.5, usual=(0, 0.2)),
            FILL,
        ),
        moves=True,
    ),
    Transform(
        "ElasticTransform",
        "Geometry",
        "warps softly, as tissue or handwriting does",
        (
            Setting("alpha", 40.0, "strength of the warp", 0, 500, "px", usual=(0, 200)),
            Setting("sigma", 6.0, "smoothness: larger bends wider", 1, 100, "px", usual=(1, 30)),
            FILL,
        ),
        moves=True,
    ),
    Transform(
        "GridDistortion",
        "Geometry",
        "stretches and squeezes the cells of a grid",
        (
            Setting("num_steps", 5, "cells along each side", 1, 20),
            Setting("distort_limit", (-0.2, 0.2), "stretch of a cell", -0.9, 0.9),
            FILL,
        ),
        moves=True,
    ),
    Transform(
        "OpticalDistortion",
        "Geometry",
        "bends like a lens, to a barrel or a cushion",
        (Setting("distort_limit", (-0.1, 0.1), "strength, either way", -1, 1), FILL),
        moves=True,
    ),
    Transform(
        "RandomResizedCrop",
        "Geometry",
        "cuts out a part and enlarges it: objects at another size (Inception crop)",
        (
            Setting("scale", (0.5, 1.0), "area of the part, of the whole", 0.01, 1),
            Setting("ratio", (0.75, 1.3333), "width over height of the part", 0.1, 10, usual=(0.3, 3)),
        ),
        moves=True,
    ),
    Transform(
        "RandomScale",
        "Geometry",
        "makes the image larger or smaller: for models that learn from crops",
        (Setting("scale_limit", (-0.25, 0.25), "change of the size; 0 keeps it", -0.9, 2, usual=(-0.6, 1)),),
        moves=True,
        keeps_size=False,
    ),
    Transform(
        "ColorJitter",
        "Colour",
        "another light: brightness, contrast, saturation and hue at once",
        (
            Setting("brightness", (0.8, 1.2), "factor", 0, 3, usual=(0, 2)),
            Setting("contrast", (0.8, 1.2), "factor", 0, 3, usual=(0, 2)),
            Setting("saturation", (0.8, 1.2), "factor; 0 is grey", 0, 3, usual=(0, 2)),
            Setting("hue", (-0.05, 0.05), "turn of the colour circle; 0.5 is the opposite colour", -0.5, 0.5),
        ),
    ),
    Transform(
        "RandomBrightnessContrast",
        "Colour",
        "lighter or darker, harder or softer; quick",
        (
            Setting("brightness_limit", (-0.2, 0.2), "change, of the full range", -1, 1),
            Setting("contrast_limit", (-0.2, 0.2), "change of the factor", -1, 1),
        ),
    ),
    Transform(
        "HueSaturationValue",
        "Colour",
        "shifts hue, saturation and value, as YOLO does",
        (
            Setting("hue_shift_limit", (-10.0, 10.0), "of a circle of 180", -90, 90),
            Setting("sat_shift_limit", (-30.0, 30.0), "shift of saturation", -255, 255, usual=(-100, 100)),
            Setting("val_shift_limit", (-20.0, 20.0), "shift of value", -255, 255, usual=(-100, 100)),
        ),
        colours=True,
    ),
    Transform(
        "RGBShift",
        "Colour",
        "adds to each colour channel by itself: another white balance",
        tuple(
            Setting(f"{letter}_shift_limit", (-20.0, 20.0), f"shift of {name}", -255, 255, usual=(-100, 100))
            for letter, name in (("r", "red"), ("g", "green"), ("b", "blue"))
        ),
        colours=True,
    ),
    Transform(
        "RandomGamma",
        "Colour",
        "changes mid tones and keeps black and white",
        (Setting("gamma_limit", (80.0, 120.0), "gamma; 100 keeps the image", 10, 400, "%", usual=(40, 250)),),
    ),
    Transform(
        "CLAHE",
        "Colour",
        "evens out contrast piece by piece, for X-rays and microscopes",
        (
            Setting("clip_limit", (1.0, 3.0), "limit of the contrast", 1, 20, usual=(1, 8)),
            Setting("tile_grid_size", (8, 8), "pieces down and across", 1, 64, usual=(1, 16)),
        ),
    ),
    Transform(
        "RandomToneCurve",
        "Colour",
        "bends the curve of tones, as another camera would",
        (Setting("scale", 0.1, "how far the curve bends", 0, 1),),
    ),
    Transform("Equalize", "Colour", "uses the full range of tones"),
    Transform(
        "Posterize",
        "Colour",
        "fewer tones",
        (Setting("num_bits", (4, 6), "bits kept of each channel", 1, 7, "bits"),),
    ),
    Transform(
        "Solarize",
        "Colour",
        "inverts what is brighter than a threshold",
        (Setting("threshold_range", (0.5, 0.8), "threshold, of the full range", 0, 1),),
    ),
    Transform(
        "PlanckianJitter",
        "Colour",
        "another temperature of the light, from a lamp's 3,000 K to a clear sky's 15,000 K",
        colours=True,
    ),
    Transform(
        "Illumination",
        "Colour",
        "light that falls unevenly",
        (Setting("intensity_range", (0.05, 0.2), "how much lighter or darker", 0.01, 0.2),),
    ),
    Transform("ChannelShuffle", "Colour", "swaps colour channels at random", colours=True),
    Transform("ToGray", "Colour", "takes the colour away", colours=True),
    Transform("InvertImg", "Colour", "negative"),
    Transform(
        "GaussianBlur",
        "Blur, noise",
        "out of focus, softly",
        (Setting("sigma_limit", (0.5, 2.0), "width of the blur", 0.1, 20, "px", usual=(0.1, 6)),),
    ),
    Transform(
        "MotionBlur",
        "Blur, noise",
        "a moving camera or object",
        (Setting("blur_limit", (3, 7), "length of the movement", 3, 99, "px", odd=True, usual=(3, 31)),),
    ),
    Transform(
        "MedianBlur",
        "Blur, noise",
        "takes small detail away and keeps edges",
        (Setting("blur_limit", (3, 5), "size of the filter", 3, 31, "px", odd=True, usual=(3, 15)),),
    ),
    Transform(
        "Defocus",
        "Blur, noise",
        "out of focus, as a lens is",
        (Setting("radius", (2, 4), "radius of the blur", 1, 30, "px", usual=(1, 10)),),
    ),
    Transform(
        "GaussNoise",
        "Blur, noise",
        "noise of a sensor, the same for all brightness",
        (Setting("std_range", (0.02, 0.1), "standard deviation, of the full range", 0, 1, usual=(0, 0.4)),),
    ),
    Transform(
        "ISONoise",
        "Blur, noise",
        "noise of a camera in the dark, in colour and brightness",
        (
            Setting("color_shift", (0.01, 0.05), "change of hue", 0, 1),
            Setting("intensity", (0.1, 0.5), "strength", 0, 2),
        ),
        colours=True,
    ),
    Transform(
        "ShotNoise",
        "Blur, noise",
        "noise of few photons, as in microscopes (Poisson)",
        (Setting("scale_range", (0.02, 0.1), "strength", 0.001, 1, usual=(0.001, 0.4)),),
    ),
    Transform(
        "MultiplicativeNoise",
        "Blur, noise",
        "speckle, as in radar and ultrasound",
        (
            Setting("multiplier", (0.8, 1.2), "factor of a pixel", 0, 3, usual=(0.3, 1.7)),
            Setting("elementwise", True, "each pixel has a factor of its own"),
        ),
    ),
    Transform(
        "SaltAndPepper",
        "Blur, noise",
        "single white and black pixels",
        (Setting("amount", (0.005, 0.03), "part of the pixels", 0, 1, usual=(0, 0.2)),),
    ),
    Transform(
        "ImageCompression",
        "Blur, noise",
        "traces of JPEG or WebP",
        (
            Setting("quality_range", (40, 95), "quality; 100 is best", 1, 100),
            Setting("compression_type", "jpeg", "format", choices=("jpeg", "webp")),
        ),
    ),
    Transform(
        "Downscale",
        "Blur, noise",
        "a coarse sensor: made smaller and large again",
        (Setting("scale_range", (0.4, 0.8), "size in between, of the whole", 0.05, 0.99),),
    ),
    Transform(
        "Sharpen",
        "Blur, noise",
        "harder edges",
        (
            Setting("alpha", (0.2, 0.5), "part of the sharpened image", 0, 1),
            Setting("lightness", (0.8, 1.0), "brightness of the sharpened image", 0, 2),
        ),
    ),
    Transform(
        "CoarseDropout",
        "Occlusion",
        "hides rectangles (cutout); boxes that are hidden are dropped",
        (
            Setting("num_holes_range", (1, 4), "rectangles", 1, 50, usual=(1, 16)),
            Setting("hole_height_range", (0.05, 0.2), "height of each, of the image", 0.01, 1, usual=(0.01, 0.6)),
            Setting("hole_width_range", (0.05, 0.2), "width of each, of the image", 0.01, 1, usual=(0.01, 0.6)),
            FILL,
        ),
        hides=True,
    ),
    Transform(
        "GridDropout",
        "Occlusion",
        "hides the cells of a grid",
        (Setting("ratio", 0.3, "part of each cell that is hidden", 0.05, 0.95), FILL),
        hides=True,
    ),
    Transform(
        "RandomShadow",
        "Weather",
        "shadows with straight edges",
        (
            Setting("num_shadows_limit", (1, 2), "shadows", 1, 10),
            Setting("shadow_intensity_range", (0.3, 0.6), "darkness", 0, 1),
        ),
    ),
    Transform(
        "RandomFog",
        "Weather",
        "fog",
        (Setting("fog_coef_range", (0.2, 0.6), "density", 0, 1),),
        colours=True,
    ),
    Transform(
        "RandomRain",
        "Weather",
        "streaks of rain, darker and softer",
        (
            Setting("slant_range", (-10.0, 10.0), "slant of the streaks", -20, 20, "degrees"),
            Setting("brightness_coefficient", 0.8, "brightness; 1 keeps it", 0.1, 1),
            Setting("blur_value", 3, "softness", 1, 15, "px", odd=True),
        ),
        colours=True,
    ),
    Transform(
        "RandomSnow",
        "Weather",
        "snow on what is bright",
        (
            Setting("snow_point_range", (0.1, 0.3), "amount", 0, 1),
            Setting("brightness_coeff", 2.0, "brightness of the snow", 1, 5),
        ),
        colours=True,
    ),
)
CATALOG: Mapping[str, Transform] = {one.name: one for one in _LIST}
