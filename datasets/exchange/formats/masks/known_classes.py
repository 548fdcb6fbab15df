"""Names of the classes of well-known semantic masks that come without a table.

CamVid's 11 classes in the order of SegNet's copy; Pascal VOC's 20 and background; Cityscapes' 19 that are evaluated, by
`labelIds` and by `labelTrainIds` (cityscapesScripts, labels.py).
"""

CAMVID = dict(enumerate((
    "Sky", "Building", "Pole", "Road", "Pavement", "Tree", "SignSymbol", "Fence", "Car", "Pedestrian", "Bicyclist",
)))  # fmt: skip

PASCAL_VOC = dict(enumerate((
    "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable",
    "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
)))  # fmt: skip

CITYSCAPES = {
    7: "road", 8: "sidewalk", 11: "building", 12: "wall", 13: "fence", 17: "pole", 19: "traffic light",
    20: "traffic sign", 21: "vegetation", 22: "terrain", 23: "sky", 24: "person", 25: "rider", 26: "car", 27: "truck",
    28: "bus", 31: "train", 32: "motorcycle", 33: "bicycle",
}  # fmt: skip

CITYSCAPES_TRAIN = dict(enumerate(CITYSCAPES.values()))
