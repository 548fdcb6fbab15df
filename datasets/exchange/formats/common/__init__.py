"""What all formats read with: files, names, text, shapes, and what is left over."""
