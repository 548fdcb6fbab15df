"""Instance segmentation: objects with their masks."""
