"""COCO json: objects, key points."""
