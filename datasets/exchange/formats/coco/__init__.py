"""COCO json: objects, key points, panoptic masks."""
