"""The demonstration's evidence: drawn scenes, sign-in sheets and papers beside a good part of the records.

Shapes and the word DEMO, nobody's picture; the same few contents each time, which the store keeps once.
"""

import io
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from sqlmodel import col, select

from models import RECORDS
from models.system import Attachment, Verb
from seed.demo.stage import SEED, Stage
from services import clock, db, files

SIZE = (720, 540)
INK, PAPER, SKIN = "#2b3a3e", "#fdfcf8", ("#e8b998", "#d9a27e", "#f0c9ab")
COLOURS = ("#0b6e75", "#c9a25d", "#7a93b8", "#8c7aa9", "#5fa79b", "#b5605a")
Pen = ImageDraw.ImageDraw


def fill(stage: Stage) -> None:
    for record, every, kinds in PLAN:
        _attach(stage, record, every, kinds)


def _attach(stage: Stage, record: str, every: int, kinds: Sequence[str]) -> None:
    """Of every so many rows that took place, the files of these kinds, as if added on the evening of the day."""
    model: Any = RECORDS[record].model
    done = select(model.id).order_by(col(model.id))
    if hasattr(model, "state"):
        done = done.where(model.state.in_(TOOK_PLACE))
    for place, key in enumerate(stage.session.exec(done).all()[::every]):
        for kind in kinds[: 1 + (place + len(record)) % len(kinds)]:
            _add(stage, record, key, kind, place % VARIANTS)


def _add(stage: Stage, record: str, key: int, kind: str, variant: int) -> None:
    name, mime, data = content(kind, variant)
    kept = Attachment(
        record=record, record_id=key, name=name, sha256=files.keep(data), size=len(data), mime=mime,
        created_at=_evening(stage),
    )  # fmt: skip
    stage.session.add(kept)
    db.note(stage.session, Verb.ATTACH, record, key, {"file": name, "sha256": kept.sha256})


def _evening(stage: Stage) -> datetime:
    return clock.from_local(datetime.combine(stage.today - timedelta(days=1), datetime.min.time().replace(hour=18)))


VARIANTS = 4
DRAWN: dict[tuple[str, int], tuple[str, str, bytes]] = {}


def content(kind: str, variant: int) -> tuple[str, str, bytes]:
    """Name, media type and bytes of a file, drawn once and the same each time."""
    if (kind, variant) not in DRAWN:
        chance = Random(SEED + variant)
        name, draw = KINDS[kind]
        picture = Image.new("RGB", SIZE, PAPER)
        draw(ImageDraw.Draw(picture), chance)
        _stamp(ImageDraw.Draw(picture))
        DRAWN[kind, variant] = _saved(name, picture, variant)
    return DRAWN[kind, variant]


def _saved(name: str, picture: Image.Image, variant: int) -> tuple[str, str, bytes]:
    out, never = io.BytesIO(), time.gmtime(0)
    if name.endswith(".pdf"):
        picture.save(out, "PDF", creationDate=never, modDate=never, quality=60)
        return name, "application/pdf", out.getvalue()
    picture.save(out, "JPEG", quality=72, optimize=True)
    return name.replace(".", f"{variant + 1}."), "image/jpeg", out.getvalue()


def _stamp(pen: Pen) -> None:
    """What it is, across the corner."""
    width, height = SIZE
    pen.rectangle((width - 150, height - 52, width - 14, height - 14), fill="white", outline=INK, width=2)
    pen.text((width - 82, height - 33), "DEMO", fill=INK, font=ImageFont.load_default(26), anchor="mm")


# -- scenes --------------------------------------------------


def _group(pen: Pen, chance: Random) -> None:
    """People in front of a house, under a banner."""
    width, height = SIZE
    pen.rectangle((0, 0, width, 330), fill=chance.choice(("#dcebee", "#e8eef6", "#f3ead9")))
    pen.rectangle((0, 330, width, height), fill="#c9d6c4")
    pen.rectangle((70, 90, 650, 330), fill="#f2efe8", outline="#b9b3a5", width=3)
    for left in range(110, 620, 110):
        pen.rectangle((left, 190, left + 60, 260), fill="#bcd3dc", outline="#8fa7b0", width=2)
    pen.rectangle((120, 110, 600, 160), fill=chance.choice(COLOURS))
    for place in range(chance.randint(5, 8)):
        _person(pen, chance, 90 + place * 78, 300 + chance.randint(-8, 26))


def _person(pen: Pen, chance: Random, x: int, y: int) -> None:
    coat = chance.choice(COLOURS)
    pen.rounded_rectangle((x - 26, y + 20, x + 26, y + 120), 14, fill=coat)
    pen.rectangle((x - 18, y + 118, x - 3, y + 170), fill=INK)
    pen.rectangle((x + 3, y + 118, x + 18, y + 170), fill=INK)
    pen.ellipse((x - 20, y - 22, x + 20, y + 20), fill=chance.choice(SKIN))
    pen.pieslice((x - 21, y - 25, x + 21, y + 16), 180, 360, fill=chance.choice((INK, "#4a3b30", "#777777")))


def _talk(pen: Pen, chance: Random) -> None:
    """A room with a screen and the heads of those who listen."""
    width, height = SIZE
    pen.rectangle((0, 0, width, height), fill="#efe9df")
    pen.rectangle((140, 50, 580, 270), fill="white", outline=INK, width=5)
    for row in range(4):
        pen.rectangle((180, 90 + row * 40, 180 + chance.randint(120, 340), 104 + row * 40), fill=chance.choice(COLOURS))
    _person(pen, chance, 640, 190)
    for row in range(3):
        for seat in range(8):
            x, y = 50 + seat * 88 + row % 2 * 40, 360 + row * 70
            pen.ellipse((x - 24, y - 26, x + 24, y + 24), fill=chance.choice((INK, "#4a3b30", "#777777")))


def _sheet(pen: Pen, chance: Random) -> None:
    """A sheet of names, filled in by scribbles."""
    width, height = SIZE
    pen.rectangle((0, 0, width, height), fill="#9a8f7f")
    pen.rectangle((70, 24, 650, 520), fill=PAPER)
    pen.rectangle((240, 46, 480, 66), fill=INK)
    for row in range(12):
        top = 90 + row * 35
        pen.rectangle((100, top, 620, top + 35), outline="#9aa7a9")
        for column in (100, 160, 330, 500) if row else ():
            _scribble(pen, chance, column + 12, top + 18)
    for left in (160, 330, 500):
        pen.line((left, 90, left, 510), fill="#9aa7a9")


def _scribble(pen: Pen, chance: Random, x: int, y: int) -> None:
    points = [(x + step * 7, y + chance.randint(-8, 8)) for step in range(chance.randint(4, 6))]
    pen.line(points, fill="#27408b", width=2, joint="curve")


def _poster(pen: Pen, chance: Random) -> None:
    """Blocks of colour, a heart and lines of text."""
    width, height = SIZE
    ground, mark = chance.sample(COLOURS, 2)
    pen.rectangle((0, 0, width, height), fill=ground)
    pen.ellipse((400, -80, 800, 320), fill=mark)
    pen.ellipse((250, 130, 350, 230), fill="white")
    pen.ellipse((330, 130, 430, 230), fill="white")
    pen.polygon(((256, 205), (424, 205), (340, 320)), fill="white")
    for row in range(4):
        pen.rectangle((120, 370 + row * 34, 120 + chance.randint(220, 480), 386 + row * 34), fill="white")


def _paper(pen: Pen, chance: Random) -> None:
    """A page of text with a seal."""
    pen.rectangle((220, 50, 500, 74), fill=INK)
    for row in range(13):
        pen.rectangle((80, 110 + row * 28, 80 + chance.randint(380, 560), 118 + row * 28), fill="#8a979a")
    pen.ellipse((470, 380, 590, 500), outline="#c2362f", width=6)
    pen.regular_polygon((530, 440, 26), 5, fill="#c2362f")


KINDS: dict[str, tuple[str, Callable[[Pen, Random], None]]] = {
    "group": ("演示-现场合影.jpg", _group),
    "talk": ("演示-活动现场.jpg", _talk),
    "sheet": ("演示-签到表.jpg", _sheet),
    "poster": ("演示-物料.jpg", _poster),
    "minutes": ("演示-会议纪要.pdf", _paper),
    "agreement": ("演示-协议扫描件.pdf", _paper),
    "document": ("演示-文件.pdf", _paper),
}
TOOK_PLACE = ("held", "published", "signed", "done", "served", "opened", "launched", "accepted", "paid", "closed")
PLAN: tuple[tuple[str, int, tuple[str, ...]], ...] = (
    ("community_visit", 1, ("group", "sheet", "talk")),
    ("training_session", 1, ("talk", "sheet", "group")),
    ("welfare_campaign", 1, ("group", "talk")),
    ("coordination_meeting", 1, ("minutes", "talk")),
    ("screening", 2, ("talk", "sheet")),
    ("promo_material", 1, ("poster",)),
    ("technology_promotion", 1, ("talk",)),
    ("agreement", 2, ("agreement",)),
    ("policy_document", 1, ("document",)),
    ("base_duty_log", 6, ("talk",)),
    ("demonstration_site", 1, ("group", "document")),
    ("deliverable", 1, ("document", "group")),
)
