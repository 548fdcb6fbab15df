"""torchvision's R-CNN family in any task that finds objects: networks and files, batches, training, prediction."""
