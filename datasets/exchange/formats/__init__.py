"""How datasets lie on disk: one file per format, each a pair of pure functions `read` and `write`, and `sniff`."""
