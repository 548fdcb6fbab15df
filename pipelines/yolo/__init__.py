"""Ultralytics' models in any task: loading, training with their own trainers, placing images as they do."""
