"""YOLO by Ultralytics. Its own trainer is kept."""
