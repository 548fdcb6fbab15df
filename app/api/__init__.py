"""HTTP routes beside the pages: images, pages of samples, tags, assets."""
