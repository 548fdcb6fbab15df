"""YOLO-seg by Ultralytics. Its own trainer is kept."""
