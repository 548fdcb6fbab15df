"""Tools that answer while a person waits: a click or a box becomes a mask, two points a path along an edge."""
