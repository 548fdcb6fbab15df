"""Faster R-CNN by torchvision, trained through Lightning."""
