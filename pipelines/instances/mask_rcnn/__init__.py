"""torchvision's Mask R-CNN: the models without the AGPL."""
