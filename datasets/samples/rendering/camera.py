"""A pinhole camera. World: x right, y ahead, z up, in metres, the ground at z = 0. Image: origin top left, pixels."""

# Points are arrays and are added, not joined (RUF005); painting takes many small values (PLR0917).

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
NEAR = 0.4


@dataclass(frozen=True)
class Camera:
    """Eye in metres, yaw to the right and pitch downwards in radians, focal length and picture size in pixels."""

    eye: tuple[float, float, float]
    yaw: float
    pitch: float
    focal: float
    width: int
    height: int

    @cached_property
    def rotation(self) -> Array:
        """(3, 3) rows: right, down, forward."""
        sy, cy, sp, cp = np.sin(self.yaw), np.cos(self.yaw), np.sin(self.pitch), np.cos(self.pitch)
        forward = np.array([sy * cp, cy * cp, -sp])
        right = np.array([cy, -sy, 0.0])
        return np.stack([right, np.cross(forward, right), forward])

    @cached_property
    def horizon(self) -> float:
        """Row of the horizon."""
        return float(self.height / 2 - self.focal * np.tan(self.pitch))

    def view(self, points: Array) -> Array:
        """(n, 3) world points -> (n, 3) right, down, depth."""
        return np.asarray((points - np.asarray(self.eye)) @ self.rotation.T)

    def flatten(self, seen: Array) -> Array:
        """(n, 3) of `view` with positive depth -> (n, 2) pixels."""
        return np.asarray(seen[:, :2] * (self.focal / seen[:, 2:]) + (self.width / 2, self.height / 2))

    def polygon(self, points: Array) -> Array | None:
        """(n, 3) world polygon -> (m, 2) pixels, clipped at the near plane; None if all of it is behind the camera."""
        seen = self.view(np.asarray(points, float))
        if (seen[:, 2] < NEAR).any():
            seen = _clip(seen)
            if len(seen) < 3:
                return None
        return self.flatten(seen)

    def point(self, at: Array) -> tuple[float, float, float] | None:
        """Column, row and depth of one world point; None behind the camera."""
        seen = self.view(np.asarray(at, float)[None])
        if seen[0, 2] < NEAR:
            return None
        (u, v), depth = self.flatten(seen)[0], float(seen[0, 2])
        return float(u), float(v), depth

    def depth(self, at: tuple[float, float]) -> float:
        """Depth of a point on the ground."""
        return float(self.view(np.array([[at[0], at[1], 0.0]]))[0, 2])

    def homography(self, origin: Array, along: Array, up: Array) -> Array:
        """(3, 3) that maps plane coordinates (s, t) of `origin + s * along + t * up` to pixels."""
        rotation = self.rotation
        plane = np.stack([rotation @ along, rotation @ up, rotation @ (origin - np.asarray(self.eye))], axis=1)
        lens = np.array([[self.focal, 0, self.width / 2], [0, self.focal, self.height / 2], [0, 0, 1.0]])
        return np.asarray(lens @ plane)

    def ground(self, step: int) -> tuple[Array, Array, Array]:
        """World x and y and the depth of the ground under every `step`-th pixel; depth is inf above the horizon."""
        u = (np.arange(step / 2, self.width, step, dtype=np.float32) - self.width / 2) / self.focal
        v = (np.arange(step / 2, self.height, step, dtype=np.float32) - self.height / 2) / self.focal
        right, down, forward = self.rotation.astype(np.float32)
        fall = (v * down[2] + forward[2])[:, None] + (u * right[2])[None]
        depth = np.where(fall < -1e-4, -self.eye[2] / np.minimum(fall, -1e-4), np.inf).astype(np.float32)
        near = np.minimum(depth, 500.0)
        x = self.eye[0] + near * (u[None] * right[0] + v[:, None] * down[0] + forward[0])
        y = self.eye[1] + near * (u[None] * right[1] + v[:, None] * down[1] + forward[1])
        return x, y, depth


def _clip(seen: Array) -> Array:
    kept: list[Array] = []
    for here, there in zip(seen, np.roll(seen, -1, axis=0), strict=True):
        if here[2] >= NEAR:
            kept.append(here)
        if (here[2] >= NEAR) != (there[2] >= NEAR):
            kept.append(here + (there - here) * ((NEAR - here[2]) / (there[2] - here[2])))
    return np.array(kept).reshape(-1, 3)
