"""Masks by networks of the SAM family: an image is looked at once, then every click is answered from what was seen."""
