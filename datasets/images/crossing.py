"""Whether a polygon crosses itself. Compiled: sources hold hundreds of thousands of polygons."""

import numpy as np
from numpy.typing import NDArray

from datasets.speed.compiled import compiled


def crosses_itself(points: NDArray[np.float64]) -> bool:
    """Whether two edges of the closed polygon (n, 2) cross; edges that touch or overlap do not count."""
    return bool(_crosses(np.ascontiguousarray(points, np.float64)))


@compiled
def _crosses(points: NDArray[np.float64]) -> bool:
    count = len(points)
    for i in range(count - 2):
        ax, ay, bx, by = points[i, 0], points[i, 1], points[i + 1, 0], points[i + 1, 1]
        low_x, high_x, low_y, high_y = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
        for j in range(i + 2, count):
            k = (j + 1) % count
            cx, cy, dx, dy = points[j, 0], points[j, 1], points[k, 0], points[k, 1]
            if max(cx, dx) < low_x or min(cx, dx) > high_x or max(cy, dy) < low_y or min(cy, dy) > high_y:
                continue
            # Two segments cross when the ends of each lie on both sides of the other.
            c = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
            d = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax)
            a = (dx - cx) * (ay - cy) - (dy - cy) * (ax - cx)
            b = (dx - cx) * (by - cy) - (dy - cy) * (bx - cx)
            if ((c > 0 and d < 0) or (c < 0 and d > 0)) and ((a > 0 and b < 0) or (a < 0 and b > 0)):
                return True
    return False
