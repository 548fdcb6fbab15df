"""Ultralytics YOLO and its relatives."""
