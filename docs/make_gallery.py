"""The gallery of awkward studies: `python docs/make_gallery.py` draws docs/gallery/ and writes docs/gallery.md."""

from __future__ import annotations

import io
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from equipoise.document import pictures
from equipoise.document.pdf import render_pages
from equipoise.protocol.report_settings import ReportSettings
from equipoise.records import Study
from equipoise.report.figures import render
from equipoise.report.themes import asked, themed

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from gallery import NAMES, NOTICE, TERMS, drawn, study, terms_document  # noqa: E402

OUT = ROOT / "docs" / "gallery"
DPI = 72
LOOKS: dict[str, dict[str, Any]] = {
    "plain": {},
    "Lancet 85 mm": {"theme": "lancet", "width": 85},
    "NEJM 120 mm in grey": {"theme": "nejm", "width": 120, "color": "greyscale"},
}
HEAD = f"""# Gallery

Studies that are awkward to draw, of invented patients: plain, as for the Lancet at 85 mm, and as for NEJM at 120 mm in grey (a
figure that needs more room is wider). {NOTICE} `python docs/make_gallery.py` draws them;
`tests/report/test_gallery.py` looks whether a text lies on another or leaves its figure, in every figure of a report on these
studies. The pictures are of {DPI} dots per inch.
"""


def main() -> None:
    OUT.mkdir(exist_ok=True)
    for old in OUT.glob("*.png"):
        old.unlink()
    said = [HEAD]
    for name in NAMES:
        with tempfile.TemporaryDirectory() as folder:
            said += [f"## {name[0].upper()}{name[1:]}\n", *_pictures(name, study(name, Path(folder)))]
    said.append(f"## {TERMS[0].upper()}{TERMS[1:]}\n")
    with tempfile.TemporaryDirectory() as folder:
        for i, page in enumerate(render_pages(terms_document(Path(folder)), DPI)[1:-1], 1):
            file = f"{TERMS.replace(' ', '_')}_{i}.png"
            (OUT / file).write_bytes(_small(page))
            said.append(f"![Page {i} of their table](gallery/{file})\n")
    (ROOT / "docs" / "gallery.md").write_text("\n".join(said), encoding="utf-8")


def _pictures(name: str, study: Study) -> Iterator[str]:
    """Draws its figures in every look, and says where each stands, those of one kind side by side."""
    said: dict[str, list[str]] = {}
    for look, settings in LOOKS.items():
        with themed(asked(ReportSettings(**settings))):
            for kind, figure in drawn(study):
                file = f"{'_'.join(re.findall('[a-z0-9]+', f'{name} {kind} {look}'.lower()))}.png"
                drawing = render(figure)
                made = pictures.png(drawing.svg, drawing.size, drawing.typefaces, DPI)
                (OUT / file).write_bytes(_small(made))
                said.setdefault(kind, []).append(f"![{kind.capitalize()}, {look}, of the study: {name}](gallery/{file})")
    yield from (f"{' '.join(places)}\n" for places in said.values())


def _small(png: bytes) -> bytes:
    """In 64 colors."""
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main()
