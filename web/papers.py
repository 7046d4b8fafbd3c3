"""The papers of a training session, set when somebody asks for them; the right is checked again at every one."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reports import session_papers
from services.access import Actor
from web.files import answered, download
from web.pages import language, origin


def _route(name: str, make: Callable[[Actor, Request], bytes]) -> Route:
    async def endpoint(request: Request) -> Response:
        def answer(actor: Actor) -> Response:
            return download(f"{name}-{request.path_params['id']}.pdf", "application/pdf", make(actor, request))

        return await answered(request, answer)

    return Route(f"/papers/session/{{id:int}}/{name}.pdf", endpoint)


def _poster(actor: Actor, request: Request) -> bytes:
    return session_papers.poster(actor, request.path_params["id"], origin(request))


def _enrolment(actor: Actor, request: Request) -> bytes:
    return session_papers.enrolment_poster(actor, request.path_params["id"], origin(request))


def _sign_in(actor: Actor, request: Request) -> bytes:
    return session_papers.sign_in_sheet(actor, request.path_params["id"], language(request))


def _feedback(actor: Actor, request: Request) -> bytes:
    return session_papers.feedback_sheet(actor, request.path_params["id"], language(request))


MADE = {"poster": _poster, "enrolment": _enrolment, "sign-in": _sign_in, "feedback": _feedback}
ROUTES = [_route(name, make) for name, make in MADE.items()]
"""GET /papers/session/{id}/poster.pdf and the other names of MADE"""
