"""Names of the formats, in the order in which they are offered, for those that must not load the formats themselves."""

NAMES = ("coco", "yolo", "voc", "mask_folders", "class_folders", "csv", "images")
