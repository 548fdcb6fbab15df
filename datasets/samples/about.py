"""Descriptions of the sample datasets; importing them does not import what makes the datasets."""

TEXTS = {
    "street": "rendered street scenes with boxes, masks and planted label mistakes",
    "digits": "1,797 real hand-written digits in ten classes",
    "photos": "some real photographs",
}
NAMES = (*TEXTS, "street_video")  # in the order of lists
