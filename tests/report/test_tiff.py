"""The tiff that some journals ask for: the pixels of the png, packed by LZW, with its dots per inch."""

import io

import numpy as np
from PIL import Image

from equipoise.report.figures.tiff import tiff

LZW = 5  # TIFF 6.0, tag 259


def test_a_tiff_holds_the_same_picture_for_print():
    drawn = np.random.default_rng(7).integers(0, 256, (41, 29, 3), dtype=np.uint8)
    png = io.BytesIO()
    Image.fromarray(drawn).save(png, "PNG", dpi=(300, 300))
    made = tiff(png.getvalue())
    image = Image.open(io.BytesIO(made))
    assert image.format == "TIFF" and image.mode == "RGB" and image.tag_v2[259] == LZW
    assert [float(d) for d in image.info["dpi"]] == [300, 300]
    assert np.array_equal(np.asarray(image), drawn)
    assert tiff(png.getvalue()) == made
