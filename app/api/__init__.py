"""HTTP routes beside the pages: images, pages of samples, labels, tags, assets."""
