import io

import numpy as np
from PIL import Image

from datasets.exchange.formats import registry
from datasets.exchange.glimpses import glimpse
from datasets.exchange.importing import preview
from datasets.records import ImageRecord, Label, Outline
from tests.helpers import make_coco, make_image

RED, GREEN = (255, 0, 0), (0, 255, 0)


def shown(png):
    with Image.open(io.BytesIO(png)) as image:
        return np.array(image)


def test_objects_are_drawn_before_they_are_imported(tmp_path):
    polygon = np.array([[8.0, 8.0], [40, 8], [40, 40], [8, 40]])
    label = Label("cat", (8 / 64, 8 / 48, 32 / 64, 32 / 48), outline=Outline((64, 48), (polygon,)))
    picture = shown(glimpse(ImageRecord(tmp_path, width=64, height=48, objects=(label,)), {}, {"cat": RED}, 32))
    assert picture.shape == (24, 32, 4)
    assert picture[12, 12].tolist()[:3] == list(RED) and picture[12, 12, 3] > 0 and picture[2, 2, 3] == 0


def test_semantic_masks_are_drawn_in_the_colours_of_their_classes(tmp_path):
    make_image(tmp_path / "images/a.jpg", (64, 48))
    values = np.zeros((48, 64), np.uint8)
    values[:, 32:], values[40:] = 1, 255
    (tmp_path / "masks").mkdir()
    Image.fromarray(values).save(tmp_path / "masks/a.png")
    (tmp_path / "classes.txt").write_text("sky\nroad\n")
    found = preview(tmp_path)
    picture = shown(glimpse(found.records[0], found.targets, {"sky": RED, "road": GREEN}, 64))
    assert picture[5, 5].tolist()[:3] == list(RED) and picture[5, 60].tolist()[:3] == list(GREEN)
    assert picture[45, 5, 3] == 0


def test_boxes_alone_have_no_picture(tmp_path):
    source = registry.find("coco").read(make_coco(tmp_path), lambda *_: None)
    assert all(glimpse(record, {}, {}, 64) is None for record in source.records)
