"""Any number of classes per image."""
