"""The png that figures are written as, read back by another library."""

import io

import numpy as np
from PIL import Image

from equipoise.report.figures.png import png


def test_another_library_reads_the_pixels_back():
    drawn = np.random.default_rng(4).integers(0, 256, (37, 53, 4), dtype=np.uint8)
    image = Image.open(io.BytesIO(png(drawn, 300)))
    assert image.mode == "RGB" and image.size == (53, 37)
    assert np.array_equal(np.asarray(image), drawn[..., :3])
    assert [round(d) for d in image.info["dpi"]] == [300, 300]


def test_a_single_row_is_an_image():
    drawn = np.full((1, 1, 3), 7, np.uint8)
    assert np.asarray(Image.open(io.BytesIO(png(drawn, 72)))).tolist() == [[[7, 7, 7]]]
