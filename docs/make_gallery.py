"""The gallery of awkward studies: `python docs/make_gallery.py` draws docs/gallery/ and writes docs/gallery.md."""

from __future__ import annotations

import io
import re
import sys
import tempfile
from pathlib import Path

from PIL import Image

from equipoise.document import pictures
from equipoise.document.pdf import render_pages
from equipoise.report.figures import render

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from gallery import NOTICE, STUDIES, TERMS, drawn, study, terms_document  # noqa: E402

OUT = ROOT / "docs" / "gallery"
DPI = 72
HEAD = f"""# Gallery

Studies that are awkward to draw, of invented patients. {NOTICE} `python docs/make_gallery.py` draws them;
`tests/report/test_gallery.py` looks whether a text lies on another or leaves its figure. The pictures are of {DPI} dots per inch.
"""


def main() -> None:
    OUT.mkdir(exist_ok=True)
    said = [HEAD]
    for name in STUDIES:
        with tempfile.TemporaryDirectory() as folder:
            said.append(f"## {name[0].upper()}{name[1:]}\n")
            for kind, figure in drawn(study(name, Path(folder))):
                file = f"{re.sub('[^a-z0-9]+', '_', name.lower())}_{kind}.png"
                drawing = render(figure)
                made = pictures.png(drawing.svg, drawing.size, drawing.typefaces, DPI)
                (OUT / file).write_bytes(_small(made))
                said.append(f"![{kind.capitalize()} of the study: {name}](gallery/{file})\n")
    said.append(f"## {TERMS[0].upper()}{TERMS[1:]}\n")
    with tempfile.TemporaryDirectory() as folder:
        for i, page in enumerate(render_pages(terms_document(Path(folder)), DPI)[1:-1], 1):
            file = f"{TERMS.replace(' ', '_')}_{i}.png"
            (OUT / file).write_bytes(_small(page))
            said.append(f"![Page {i} of their table](gallery/{file})\n")
    (ROOT / "docs" / "gallery.md").write_text("\n".join(said), encoding="utf-8")


def _small(png: bytes) -> bytes:
    """In 64 colors."""
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main()
