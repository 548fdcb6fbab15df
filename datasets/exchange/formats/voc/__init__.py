"""Pascal VOC and its relatives."""
