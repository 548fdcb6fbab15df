"""YOLO-cls by Ultralytics. Its own trainer is kept."""
