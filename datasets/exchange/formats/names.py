"""Names of the formats, in the order in which they are offered, for code that must not import the formats."""

NAMES = (
    "coco", "coco_keypoints", "coco_panoptic", "yolo", "voc", "mask_folders", "class_folders", "csv", "cvat",
    "labelstudio", "ndjson", "labelme", "createml", "via", "supervisely", "kitti", "bdd100k", "cityscapes_polygons",
    "object_masks", "mvtec", "images",
)  # fmt: skip
READ_ONLY = frozenset({"coco_panoptic", "ndjson", "labelme", "createml", "via", "supervisely", "kitti", "bdd100k",
                       "cityscapes_polygons", "object_masks", "mvtec"})  # fmt: skip
WRITTEN = tuple(name for name in NAMES if name not in READ_ONLY)
