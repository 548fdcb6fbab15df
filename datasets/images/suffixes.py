"""Endings of image files: those that are read, and those of pictures that are not, each with the way out."""

import os
from collections.abc import Mapping
from pathlib import PurePath

READ = frozenset(
    {
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".bmp", ".dib", ".gif", ".webp"),
        *(".tif", ".tiff", ".jp2", ".j2k", ".jpx", ".avif", ".heic", ".heif", ".hif"),
        *(".ppm", ".pgm", ".pbm", ".pnm", ".tga", ".pcx"),
    }
)

_RAW = "raw files of cameras", "develop them to JPEG, PNG or TIFF"
_LAYERS = "files of layers or outlines", "export them as PNG"
_SCANS = "medical scans", "export their slices as PNG or TIFF"
_SLIDES = "microscope files", "export their planes or tiles as PNG or TIFF"
_ENDINGS = {
    _RAW: ".dng .cr2 .cr3 .crw .nef .nrw .arw .srf .sr2 .orf .rw2 .raf .pef .srw .x3f .erf .3fr .iiq .raw",
    _LAYERS: ".psd .psb .xcf .kra .svg .svgz .ai .eps",
    _SCANS: ".dcm .dicom .nii .mha .mhd .nrrd",
    _SLIDES: ".czi .nd2 .lif .lsm .oib .oif .svs .ndpi .vsi .mrxs .scn",
    ("JPEG XL images", "convert them to PNG or JPEG (djxl)"): ".jxl",
    ("images of high dynamic range", "convert them to PNG or TIFF"): ".exr .hdr .pfm",
    ("images for astronomy or video cards", "convert them to PNG or TIFF"): ".fits .fit .fts .dds .ktx",
}
# What files of an ending are, in words, and what to do with them.
UNREAD: Mapping[str, tuple[str, str]] = {
    ending: said for said, endings in _ENDINGS.items() for ending in endings.split()
}  # fmt: skip


def is_image(name: str | PurePath) -> bool:
    """Whether a name ends as one of an image that is read, in upper or lower case."""
    return os.path.splitext(name)[1].lower() in READ  # noqa: PTH122  quicker by half


def is_unread(name: str | PurePath) -> bool:
    """Whether a name ends as one of a picture that is not read."""
    return os.path.splitext(name)[1].lower() in UNREAD  # noqa: PTH122  quicker by far
