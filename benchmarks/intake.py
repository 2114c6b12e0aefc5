"""What intake adds to the engines it rests on, as ratios measured in one run: the machine's speed cancels out.

    python benchmarks/intake.py            prints both ratios, exits with 1 where one is over its limit

PDF intake without tables may take three times pdfium's own text extraction of the same file, scan intake 1.2 times
RapidOCR's own time for the same picture.
"""

import sys
import time
from io import BytesIO

PDF_LIMIT, SCAN_LIMIT = 3.0, 1.2
PAGES, LINES, RUNS = 20, 22, 7
SENTENCE = "县水利局要会同各乡镇人民政府全面排查山塘水库安全隐患，逐库落实管护责任人，汛期前完成除险加固并报县政府备案。"


def drawn_pdf() -> bytes:
    """A circular of twenty pages, as dense as GB/T 9704 has it."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    file = BytesIO()
    canvas = Canvas(file, pagesize=(595, 842))
    text = "　　" + SENTENCE
    lines = [text[i : i + 28] for i in range(0, len(text), 28)]
    for number in range(1, PAGES + 1):
        canvas.setFont("STSong-Light", 16)
        for row in range(LINES):
            line = lines[row % len(lines)]
            bare = line.lstrip("　")
            canvas.drawString(79 + 16 * (len(line) - len(bare)), 742 - 28 * row, bare)
        canvas.drawString(280, 50, f"— {number} —")
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def text_by_pdfium(data: bytes) -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    for page in document:
        text_page = page.get_textpage()
        text_page.get_text_range()
        text_page.close()
        page.close()
    document.close()


def fastest(call, runs: int = RUNS) -> float:
    """Seconds of the fastest of `runs`."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return min(times)


def pdf_ratio() -> float:
    from extractor.intake.pdf import read_pdf

    data = drawn_pdf()
    read_pdf(data, "warm.pdf")
    own = fastest(lambda: text_by_pdfium(data))
    ours = fastest(lambda: read_pdf(data, "circular.pdf"))
    print(f"PDF, {PAGES} pages: pdfium {own * 1000:.1f} ms, intake {ours * 1000:.1f} ms")
    return ours / own


def scan_ratio() -> float:
    import numpy as np
    import pypdfium2
    from rapidocr import RapidOCR

    from extractor.intake.scan import read_scan

    picture = pypdfium2.PdfDocument(drawn_pdf())[0].render(scale=200 / 72).to_pil().convert("RGB")
    file = BytesIO()
    picture.save(file, "PNG")
    pixels = np.asarray(picture)[:, :, ::-1].copy()
    engine = RapidOCR(params={"Global.log_level": "critical"})
    engine(pixels)
    read_scan(file.getvalue(), "warm.png")
    own = fastest(lambda: engine(pixels), 3)
    ours = fastest(lambda: read_scan(file.getvalue(), "scan.png"), 3)
    print(f"Scan, 1 page at 200 dpi: RapidOCR {own:.2f} s, intake {ours:.2f} s")
    return ours / own


def main() -> int:
    from extractor.intake.scan import recognition_is_installed

    ratios = {"PDF intake / pdfium": (pdf_ratio(), PDF_LIMIT)}
    if recognition_is_installed():
        ratios["scan intake / RapidOCR"] = (scan_ratio(), SCAN_LIMIT)
    for name, (ratio, limit) in ratios.items():
        print(f"{name}: {ratio:.2f} (limit {limit})")
    return int(any(ratio > limit for ratio, limit in ratios.values()))


if __name__ == "__main__":
    sys.exit(main())
