"""A drawn image as TIFF, which some journals ask for: packed without loss, with its dots per inch."""

from __future__ import annotations

import io


def tiff(png: bytes) -> bytes:
    """png: with its dots per inch. The same picture as TIFF, packed by LZW, with as many; the same bytes every time."""
    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        dots = round(image.info["dpi"][0])
        image.convert("RGB").save(out, "TIFF", compression="tiff_lzw", dpi=(dots, dots))
    return out.getvalue()
