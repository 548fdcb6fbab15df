"""Thresholds by which predictions are kept, shown and matched. Each is defined here and nowhere else."""

FLOOR = 0.001  # confidence from which predictions are kept and scored, as Ultralytics validates; mAP needs the tail
SHOWN = 0.25  # confidence from which objects are shown and counted, Ultralytics' default of `predict`
PRESENT = 0.5  # from here on a class is more likely in the image than not; torchmetrics' default
IOU = 0.5  # overlap from which a prediction counts as a hit
IOUS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))  # of COCO's mAP
