"""The media of `photos`: the real photographs that scikit-image carries in its wheel, without labels."""

from dataclasses import dataclass
from pathlib import Path

from datasets.records import Progress, no_progress

# Names of files in scikit-image's data folder that are photographs, and what they show; synthetic pictures and charts
# are left out. Their sources and licences are in scikit-image's documentation of `skimage.data`.
PHOTOGRAPHS = {
    "astronaut.png": "Eileen Collins, NASA",
    "brick.png": "a brick wall",
    "camera.png": "a photographer at work",
    "cell.png": "a cell under the microscope",
    "chelsea.png": "a cat",
    "clock_motion.png": "a clock, blurred by motion",
    "coffee.png": "a cup of coffee",
    "coins.png": "coins from Pompeii",
    "grass.png": "grass",
    "gravel.png": "gravel",
    "hubble_deep_field.jpg": "the Hubble Deep Field, NASA",
    "ihc.png": "tissue, stained",
    "moon.png": "the surface of the moon",
    "motorcycle_left.png": "a motorcycle, left eye",
    "motorcycle_right.png": "a motorcycle, right eye",
    "page.png": "a printed page",
    "retina.jpg": "a retina",
    "rocket.jpg": "a rocket on its pad, SpaceX",
    "text.png": "writing on paper",
}

PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Photo:
    """One photograph and a line about it."""

    path: Path
    caption: str


def write(folder: Path, progress: Progress = no_progress) -> list[Photo]:
    """Copy the photographs that are missing. Opens no network: a file that the wheel lacks is left out."""
    import skimage.data

    source = Path(str(skimage.data.__file__)).parent
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for i, (name, caption) in enumerate(PHOTOGRAPHS.items()):
        if (source / name).is_file():
            if not (folder / name).exists():
                part = folder / f"{name}.part"
                part.write_bytes(without_profile((source / name).read_bytes()))
                part.replace(folder / name)
            made.append(Photo(folder / name, caption))
        progress(i + 1, len(PHOTOGRAPHS))
    return made


def without_profile(data: bytes) -> bytes:
    """The same file; a PNG without its colour profile. That of some photographs is broken, and libpng warns about it.

    A PNG is a signature of 8 bytes, then chunks: length (4 bytes, big-endian), name (4), data, checksum (4).
    """
    if not data.startswith(PNG):
        return data
    kept, at = [PNG], len(PNG)
    while at < len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] != b"iCCP":
            kept.append(data[at:end])
        at = end
    return b"".join(kept)


def measure(path: Path) -> tuple[int, int, int]:
    """Width and height in pixels, and the number of channels."""
    from PIL import Image

    with Image.open(path) as image:
        return image.width, image.height, len(image.getbands())
