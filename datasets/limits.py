"""How large an image may be, for every process and every library that decodes one."""

import os

VARIABLE = "FOVEAL_MEGAPIXELS"
MEGAPIXELS = 256  # a gigabyte once decoded; sensors of today have up to 150


def most_pixels() -> int:
    """The most pixels that an image may have: FOVEAL_MEGAPIXELS, in millions, else 256 million."""
    given = os.environ.get(VARIABLE, "")
    return (int(given) if given.isdecimal() and 0 < int(given) < 1_000_000 else MEGAPIXELS) * 1_000_000
