"""How datasets are laid out on disk: one file per format, with pure functions `read`, `write` and `sniff`."""
