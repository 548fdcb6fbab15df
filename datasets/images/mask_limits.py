"""How many values a semantic mask has, and how far a contour may be off. Cheap to import: it compiles nothing."""

import math

VALUES = 256
TOLERANCE = 0.0075  # of the diagonal; section 3 of Csurka et al., and the default of MATLAB's `bfscore`


def tolerance(height: int, width: int) -> float:
    """Pixels by which a contour may be off."""
    return TOLERANCE * math.hypot(height, width)
