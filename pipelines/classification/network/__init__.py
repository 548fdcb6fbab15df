"""Plain PyTorch networks, timm's and a small one, trained through the training core."""
