"""Plain HTTP where Streamlit is the wrong tool: sign-in, first set-up, public registration, health."""

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from web import (
    checkin,
    door,
    enrolling,
    feedback,
    feeds,
    files,
    my,
    my_claim,
    papers,
    proof,
    quiz,
    register,
    setup,
    site,
    verify,
)
from web.guard import Guard
from web.headers import SecurityHeaders
from web.pages import failed

ROUTES = [
    *door.ROUTES,
    *setup.ROUTES,
    *register.ROUTES,
    *checkin.ROUTES,
    *verify.ROUTES,
    *quiz.ROUTES,
    *feedback.ROUTES,
    *feeds.ROUTES,
    *enrolling.ROUTES,
    *files.ROUTES,
    *papers.ROUTES,
    *my.ROUTES,
    *my_claim.ROUTES,
    *proof.ROUTES,
    *site.ROUTES,
]
MIDDLEWARE = [Middleware(SecurityHeaders), Middleware(Guard)]
HANDLERS = {HTTPException: failed}
