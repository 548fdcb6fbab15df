"""Classification: one class of every image, or any number of them."""
