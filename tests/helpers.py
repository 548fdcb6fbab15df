"""Builders that tests share: tiny images and datasets, made on the spot."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

ROOT = Path(__file__).parents[1]


def make_image(
    path: Path, size: tuple[int, int] = (64, 48), *, seed: int = 0, mode: str = "RGB", orientation: int | None = None
) -> Path:
    """One image of `size` (width, height) as stored, its content decided by `seed`; parents are made. Returns `path`.

    `mode` is a Pillow mode: RGB, L, CMYK, RGBA, P, or I;16 for 16 bits. `orientation` is an EXIF orientation, 1 to 8.
    """
    width, height = size
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, (max(1, height // 8), max(1, width // 8), 3), dtype=np.uint8)
    image = Image.fromarray(pixels).resize(size)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    elif mode != "RGB":
        image = image.convert(mode)
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, exif=exif) if orientation is not None else image.save(path)
    return path


def make_coco(folder: Path, n: int = 6, *, classes: Sequence[str] = ("cat", "dog", "bird")) -> Path:
    """A COCO folder of n images (two of three train, the rest val), i % 3 boxes on image i. Returns `folder`."""
    parts: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for i in range(n):
        split = "val" if i % 3 == 2 else "train"
        part = parts.setdefault(split, {"images": [], "annotations": [], "categories": []})
        name = make_image(folder / "images" / split / f"{i:04d}.jpg", seed=i).name
        part["images"].append({"id": i + 1, "file_name": name, "width": 64, "height": 48})
        for k in range(i % 3):
            box = [4.5 + 9 * k, 3.25 + 2 * k, 20.0, 12.5]
            entry = {"id": 10 * i + k + 1, "image_id": i + 1, "category_id": (i + k) % len(classes) + 1, "bbox": box}
            part["annotations"].append({**entry, "area": box[2] * box[3], "iscrowd": 0})
    for split, part in parts.items():
        part["categories"] = [{"id": k + 1, "name": name} for k, name in enumerate(classes)]
        target = folder / "annotations" / f"instances_{split}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(part), encoding="utf-8")
    return folder


def make_yolo(folder: Path, n: int = 6, *, classes: Sequence[str] = ("cat", "dog", "bird")) -> Path:
    """An Ultralytics folder of n images (two of three train), i % 3 boxes on image i. Returns the yaml."""
    for i in range(n):
        split = "val" if i % 3 == 2 else "train"
        make_image(folder / "images" / split / f"{i:04d}.jpg", seed=i)
        rows = [f"{(i + k) % len(classes)} {0.3 + 0.1 * k} {0.4 + 0.05 * k} 0.25 0.2" for k in range(i % 3)]
        target = folder / "labels" / split / f"{i:04d}.txt"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("\n".join(rows), encoding="utf-8")
    config = folder / "data.yaml"
    names = "".join(f"  {k}: {name}\n" for k, name in enumerate(classes))
    config.write_text(f"path: {folder}\ntrain: images/train\nval: images/val\nnames:\n{names}", encoding="utf-8")
    return config


def make_rectangles(folder: Path, n: int = 8, *, classes: Sequence[str] = ("red", "green")) -> Any:
    """A manifest table of n drawn images (96 x 72, the last two val, the rest train), one box of each class on each."""
    import pyarrow as pa

    from datasets.tables import MANIFEST

    folder.mkdir(parents=True, exist_ok=True)
    random, rows = np.random.default_rng(51), []
    for i in range(n):
        pixels, labels = random.integers(0, 60, (72, 96, 3), dtype=np.uint8), []
        for k, name in enumerate(classes):
            w, h = (int(side) for side in random.integers(16, 30, 2))
            x, y = int(random.integers(0, 96 - w)), int(random.integers(0, 72 - h))
            pixels[y : y + h, x : x + w] = np.eye(3, dtype=np.uint8)[k % 3] * 255
            labels.append({"label": name, "box": [x / 96, y / 72, w / 96, h / 72], "crowd": False})
        path = folder / f"{i}.png"
        Image.fromarray(pixels).save(path)
        split = "val" if i >= n - 2 else "train"
        row = {"sample_id": f"{i:024x}", "path": str(path), "split": split, "width": 96, "height": 72, "labels": labels}
        rows.append(row)
    metadata = {"foveal.classes": json.dumps(list(classes)), "foveal.revision": "0" * 64}
    return pa.Table.from_pylist(rows, schema=MANIFEST.with_metadata(metadata))


def run_foveal(*words: str | Path) -> str:
    """Standard output of a verb, run in a process of its own. Raises with what it said when it fails."""
    command = [sys.executable, "-m", "app", *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


FIGURE = ("head", "left_hand", "right_hand", "left_foot", "right_foot")
LIMBS = ((0, 1), (0, 2), (0, 3), (0, 4))
_PAINT = ((230, 230, 60), (230, 60, 60), (60, 230, 60), (60, 60, 230), (200, 60, 230))


def make_figure(number: int, side: int = 64) -> tuple[Image.Image, np.ndarray[Any, Any]]:
    """A drawn image (side x side) with one stick figure, and its points (5, 3): x, y in pixels, visibility."""
    random = np.random.default_rng(number)
    image = Image.fromarray(random.integers(0, 60, (side, side, 3), dtype=np.uint8))
    tall = int(random.integers(side // 2, side - 12))
    x, y = int(random.integers(tall // 2 + 2, side - tall // 2 - 2)), int(random.integers(4, side - tall - 4))
    reach = [(0, 0), (tall / 3, tall / 2), (-tall / 3, tall / 2), (tall / 4, tall), (-tall / 4, tall)]
    points = np.array([(x + dx, y + dy, 2) for dx, dy in reach]).round(2)
    points[number % 5, 2] = number % 3
    pen = ImageDraw.Draw(image)
    for one, other in LIMBS:
        pen.line([tuple(points[one, :2]), tuple(points[other, :2])], fill=(180, 180, 180), width=2)
    for (px, py, _), colour in zip(points.tolist(), _PAINT, strict=True):
        pen.ellipse([px - 3, py - 3, px + 3, py + 3], fill=colour)
    points[points[:, 2] == 0] = 0
    return image, points


def make_coco_poses(folder: Path, n: int = 9) -> Path:
    """A COCO folder of n drawn images with a stick figure on each (two of three train, the rest val), key points."""
    category = {"id": 1, "name": "figure", "keypoints": list(FIGURE), "skeleton": [[a + 1, b + 1] for a, b in LIMBS]}
    parts: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for i in range(n):
        split = "val" if i % 3 == 2 else "train"
        part = parts.setdefault(split, {"images": [], "annotations": [], "categories": [category]})
        image, points = make_figure(i)
        path = folder / "images" / split / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path)
        part["images"].append({"id": i + 1, "file_name": path.name, "width": image.width, "height": image.height})
        seen = points[points[:, 2] > 0, :2]
        low, high = (seen.min(axis=0) - 3).clip(0).tolist(), (seen.max(axis=0) + 3).clip(0, image.width).tolist()
        box = [low[0], low[1], high[0] - low[0], high[1] - low[1]]
        part["annotations"].append({
            "id": i + 1, "image_id": i + 1, "category_id": 1, "bbox": box, "area": round(box[2] * box[3] * 0.6, 3),
            "iscrowd": 0, "keypoints": points.reshape(-1).tolist(), "num_keypoints": len(seen),
        })  # fmt: skip
    for split, part in parts.items():
        target = folder / "annotations" / f"person_keypoints_{split}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(part), encoding="utf-8")
    return folder


SHADES = {"red": (200, 40, 40), "green": (40, 200, 40)}


def make_shapes(number: int, side: int = 64) -> tuple[Image.Image, dict[str, list[tuple[int, int]]]]:
    """A drawn image (side x side) with one six-cornered shape of each class of SHADES, and the corners in pixels."""
    random = np.random.default_rng(number)
    image = Image.fromarray(random.integers(0, 60, (side, side, 3), dtype=np.uint8))
    half, shapes = side // 2, {}
    for k, (name, colour) in enumerate(SHADES.items()):
        w, h = (int(length) for length in random.integers(side // 4, half - 4, 2))
        x, y = int(random.integers(1, half - w)) + k * half, int(random.integers(1, side - h - 1))
        shapes[name] = [(x + w // 3, y), (x + w, y), (x + w, y + h // 2), (x + w // 2, y + h), (x, y + h), (x, y + 3)]
        ImageDraw.Draw(image).polygon(shapes[name], fill=colour)
    return image, shapes


def make_class_folders(folder: Path, n: int = 12) -> Path:
    """`<split>/<class>/` with n images of one colour each (two of three train, the rest val). Returns `folder`."""
    for i in range(n):
        name = list(SHADES)[i % 2]
        random = np.random.default_rng(i)
        pixels = random.integers(0, 60, (48, 48, 3), dtype=np.uint8)
        pixels[8:40, 8:40] = SHADES[name]
        path = folder / ("val" if i % 6 > 3 else "train") / name / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    return folder


def make_mask_folders(folder: Path, n: int = 9) -> Path:
    """`images/<split>`, `masks/<split>` and `classes.json` of n drawn images; value 0 is the ground behind shapes."""
    names = {"0": "ground", **{str(k): name for k, name in enumerate(SHADES, 1)}}
    for i in range(n):
        image, shapes = make_shapes(i)
        mask = Image.new("L", image.size)
        for k, name in enumerate(SHADES, 1):
            ImageDraw.Draw(mask).polygon(shapes[name], fill=k)
        for inner, picture in (("images", image), ("masks", mask)):
            path = folder / inner / ("val" if i % 3 == 2 else "train") / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            picture.save(path)
    (folder / "classes.json").write_text(json.dumps(names), encoding="utf-8")
    return folder


def make_coco_masks(folder: Path, n: int = 9) -> Path:
    """A COCO folder of n drawn images whose objects are polygons (two of three train, the rest val)."""
    categories = [{"id": k, "name": name} for k, name in enumerate(SHADES, 1)]
    parts: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for i in range(n):
        split = "val" if i % 3 == 2 else "train"
        part = parts.setdefault(split, {"images": [], "annotations": [], "categories": categories})
        image, shapes = make_shapes(i)
        path = folder / "images" / split / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path)
        width, height = image.size
        part["images"].append({"id": i + 1, "file_name": path.name, "width": width, "height": height})
        for k, corners in enumerate(shapes.values(), 1):
            low, high = np.min(corners, axis=0).tolist(), np.max(corners, axis=0).tolist()
            box = [*low, high[0] - low[0], high[1] - low[1]]
            polygon = [value for corner in corners for value in corner]
            found = {"id": 10 * i + k, "image_id": i + 1, "category_id": k, "bbox": box, "iscrowd": 0}
            part["annotations"].append({**found, "area": box[2] * box[3], "segmentation": [polygon]})
    for split, part in parts.items():
        target = folder / "annotations" / f"instances_{split}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(part), encoding="utf-8")
    return folder
