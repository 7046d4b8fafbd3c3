"""Draws the small picture of a picture or of a PDF's first page: `python -I thumbdraw.py MIME`, content in, WebP out.

Runs in a process of its own with bounded memory and time (services/thumbs.py), since files come from anywhere. The
result is made of pixels alone: no EXIF, no place, no comment of the original is in it.
"""

import io
import sys

SIDE = 320
QUALITY = 78
PIXELS = 80_000_000
MEMORY = 1 << 30
SECONDS = 15
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
WHITE = (255, 255, 255)


def confine() -> None:
    """No more memory or time than allowed, no file written, no core dumped."""
    import resource

    limits = [
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ]
    for limit, most in limits:
        resource.setrlimit(limit, (most, most))


def picture(data: bytes) -> bytes:
    """Upright as the camera was held, on white where it is transparent; ValueError for too many pixels."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None
    with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        if opened.width * opened.height > PIXELS:
            raise ValueError("too many pixels")
        opened.draft("RGB", (2 * SIDE, 2 * SIDE))
        opened.thumbnail((2 * SIDE, 2 * SIDE), reducing_gap=2.0)
        upright = ImageOps.exif_transpose(opened).convert("RGBA")
    return _webp(upright)


def first_page(data: bytes) -> bytes:
    import pypdfium2

    page = pypdfium2.PdfDocument(data)[0]
    longest = max(page.get_size())
    return _webp(page.render(scale=2 * SIDE / longest).to_pil().convert("RGBA"))


def _webp(drawn: "Image.Image") -> bytes:  # type: ignore[name-defined] # noqa: F821
    from PIL import Image

    drawn.thumbnail((SIDE, SIDE))
    bare = Image.new("RGB", drawn.size, WHITE)
    bare.paste(drawn, mask=drawn.getchannel("A"))
    out = io.BytesIO()
    bare.save(out, "WEBP", quality=QUALITY)
    return out.getvalue()


if __name__ == "__main__":
    confine()
    content = sys.stdin.buffer.read()
    sys.stdout.buffer.write(first_page(content) if sys.argv[1] == "application/pdf" else picture(content))
