"""What screens show: media, thumbnails, masks as pictures."""
