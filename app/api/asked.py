"""What an address asks for: whole numbers within bounds, the image of a sample; anything else is refused in words."""

from pathlib import Path

from app.api.problems import RequestError

LARGEST = 2**31 - 1


def whole(text: str, name: str, least: int = 0, most: int = LARGEST) -> int:
    """A whole number in ASCII digits. Raises RequestError for anything else, and for one out of bounds."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(most)) else -1
    if not least <= number <= most:
        expected = f"a whole number from {least}" + (f" to {most}" if most != LARGEST else "")
        raise RequestError(400, f"{name} is no number", expected, text[:80], "reload the page")
    return number


def image_path(dataset: str, sample: str) -> Path:
    """The image file of a sample. Raises DatasetNotFound, MediaError, or RequestError for an unknown sample."""
    from datasets.showing import media

    path = media.path_of(dataset, sample)
    if path is None:
        raise RequestError(404, "no such sample", f"a sample of {dataset}", sample, "reload the page")
    return path
