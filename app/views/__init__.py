"""The pages; each module has a function `page()`."""
