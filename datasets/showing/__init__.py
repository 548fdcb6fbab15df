"""Bytes for a screen: media, thumbnails, masks as pictures."""
