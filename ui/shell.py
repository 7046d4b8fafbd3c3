"""The frame around every page: who is here, in which language, what was just saved, and errors made into words.

The keys of its own in st.session_state are `flash`, `errors`, `tokens`, `pages` and `clicked`; other modules use only their widgets'.
"""

import logging
import re
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import uuid4

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from models.words import L, Language
from services import accounts
from services.access import Actor
from services.errors import AlreadyDone, Conflict, Denied, Invalid, NotFound, PortalError
from ui.messages import words_of

LOG = logging.getLogger("portal")
Page = Callable[[Actor], None]
SLIP_SECONDS = 1.0


@dataclass(frozen=True)
class Outcome:
    """What a write came to: a message (one that stays until the next click, or a passing one), and where to go then.

    secret: shown this once, to be copied; raw: what another machine said, in a fold; keeps: what was typed stays in the
    form, which goes on; made: the page and id of a record that was written and left, to be opened by a link beside the
    message; partly: not all was done, and the message says what was not.
    """

    message: L
    url: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    stays: bool = False
    secret: str = ""
    keeps: bool = False
    made: tuple[str, int] | None = None
    partly: bool = False
    raw: str = ""


def language() -> Language:
    return "en" if _visitor().get("language") == "en" else "zh"


def _visitor() -> Mapping[str, Any]:
    """What the guard said of this connection: st.user without its search for a secrets file at every call (0.1 ms)."""
    run = get_script_run_ctx()
    return run.user_info if run else {}


def t(text: L | str) -> str:
    """A text in the reader's language."""
    return text(language()) if isinstance(text, L) else text


def actor() -> Actor | None:
    """Who is here, rebuilt from the database at every run: a role taken away ends at the next click."""
    session = _visitor().get("session")
    return accounts.enter(str(session)) if session else None


def on_timer() -> bool:
    """Whether a fragment runs by itself, rather than with its whole page, which has just read what it would ask for."""
    run = get_script_run_ctx()
    return bool(run and run.fragment_ids_this_run)


# -- pages and places --------------------------------------------------


def kept_pages(whose: Hashable, make: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """The pages by address, made once for this person in this language: a hundred take longer to make than most to draw."""
    if st.session_state.get("pages", (None,))[0] != whose:
        st.session_state["pages"] = whose, make()
    return cast(Mapping[str, Any], st.session_state["pages"][1])


def page(url: str) -> Any:
    """The page at an address; None where this person has none."""
    return st.session_state["pages"][1].get(url) if "pages" in st.session_state else None


def go(url: str, **params: Any) -> None:
    """Open a page of the portal with parameters in its address."""
    wanted = {name: str(value) for name, value in params.items() if value not in (None, "")}
    if page(url) is not None:
        st.switch_page(page(url), query_params=wanted)


def link(label: L | str, url: str, icon: str | None = None, **params: Any) -> None:
    """A link that stays in the document; absent where this person may not read the page."""
    if page(url) is not None:
        wanted = {name: str(value) for name, value in params.items() if value not in (None, "")}
        st.page_link(page(url), label=t(label), icon=icon, query_params=wanted)


def param(name: str, default: str = "") -> str:
    return str(st.query_params.get(name, default))


def number(name: str) -> int:
    """A whole number from the address; 0 where there is none."""
    text = param(name)
    return int(text) if text.isdecimal() and len(text) < 16 else 0


def site() -> str:
    """The address of this portal as the browser knows it, without a slash at its end."""
    found = urlsplit(str(st.context.url or ""))
    return f"{found.scheme}://{found.netloc}"


def go_back() -> None:
    """From a callback: back from a form or an import to what stood before."""
    for name in [name for name in st.query_params if name in ("do", "job") or name.startswith("set.")]:
        st.query_params.pop(name, None)


def set_params(**params: Any) -> None:
    """Change parameters of the address; an empty value takes one out."""
    for name, value in params.items():
        if value in (None, "", 0):
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != str(value):
            st.query_params[name] = str(value)


# -- writes ------------------------------------------------------------


def token(form: str) -> str:
    """The token of a form as it stands on the screen; a new one after each success, so that a second click does nothing."""
    tokens: dict[str, str] = st.session_state.setdefault("tokens", {})
    if form not in tokens:
        tokens[form] = uuid4().hex
    return tokens[form]


def field_key(form: str, name: str) -> str:
    """The widget key of a form's field: new with every token, so that a saved form comes back empty."""
    return f"{token(form)}.{name}"


def field_value(form: str, name: str, default: Any = None) -> Any:
    return st.session_state.get(field_key(form, name), default)


def forget(prefix: str) -> None:
    """Forget the widgets whose keys begin so."""
    for name in [name for name in st.session_state if str(name).startswith(prefix)]:
        del st.session_state[name]


def errors(form: str) -> dict[str, str]:
    """{field: error code} of the form's last submit."""
    return dict(st.session_state.get("errors", {}).get(form, {}))


def errors_of(form: str, *names: str) -> None:
    """The errors of a short form, one under the other; with names only those of these fields."""
    for name, code in errors(form).items():
        if name in names or not names:
            st.html(f"<p class='fe' role='alert'>{escaped(t(words_of(code)))}</p>")


def submit(form: str, act: Callable[[str], Outcome], used: str) -> None:
    """The callback of every button that writes: carries out `act` once and keeps what is to be told."""
    if _slipped(form):
        return
    kept = st.session_state.setdefault("errors", {})
    kept.pop(form, None)
    try:
        outcome = act(used)
    except AlreadyDone:
        return
    except Invalid as error:
        kept[form] = dict(error.fields)
        st.session_state["flash"] = {"error": error, "form": form}
    except Exception as error:
        st.session_state["flash"] = {"error": known(error), "form": form}
    else:
        if not outcome.keeps:
            st.session_state.get("tokens", {}).pop(form, None)
        st.session_state["flash"] = {"outcome": outcome}


def _slipped(form: str) -> bool:
    """Whether this click was meant for a neighbour of the same kind, which moved up under the pointer a moment ago."""
    family, _, which = form.partition(".")
    last, moment = st.session_state.get("clicked", ("", 0.0))
    st.session_state["clicked"] = (form, time.monotonic())
    return bool(which) and last != form and last.startswith(f"{family}.") and time.monotonic() - moment < SLIP_SECONDS


def button(
    label: L,
    act: Callable[[str], Outcome],
    *,
    form: str,
    icon: str | None = None,
    kind: str = "secondary",
    name: str = "do",
    **more: Any,
) -> None:
    """A button that writes once, whatever is clicked how often; `name` tells two of one form apart."""
    used = token(form)
    st.button(
        t(label), key=f"{used}.{name}", icon=icon, type=kind, on_click=submit, args=(form, act, used), **more  # type: ignore[arg-type]
    )  # fmt: skip


def go_next(url: str, **params: Any) -> None:
    """From a callback: open that page at the beginning of the next run."""
    st.session_state["flash"] = {"go": (url, params)}


def known(error: Exception) -> PortalError:
    """An error a person can be told; anything else is a bug, logged under a number that they can quote."""
    if isinstance(error, PortalError):
        return error
    number = uuid4().hex[:8]
    LOG.error("bug %s", number, exc_info=error)
    return PortalError("bug", number=number)


def tell_flash() -> None:
    """Say what the last write came to, and go where it leads; an error waits for whoever tells it beside its button."""
    if not st.session_state.get("flash") or "error" in st.session_state["flash"]:
        return
    flash = st.session_state.pop("flash")
    if "go" in flash:
        go(flash["go"][0], **flash["go"][1])
        return
    outcome: Outcome = flash["outcome"]
    if outcome.url and (page(outcome.url) is not None):
        st.session_state["flash"] = {"outcome": replace(outcome, url="", params={})}
        go(outcome.url, **outcome.params)
    if outcome.partly:
        st.warning(t(outcome.message), icon=":material/warning:")
    else:
        say = st.success if outcome.stays or outcome.made else st.toast
        say(t(outcome.message), icon=":material/check_circle:")
    if outcome.made:
        st.toast(t(outcome.message), icon=":material/check_circle:")  # seen wherever the long form is scrolled to
        link(
            L("打开刚保存的记录", "Open what was saved"), outcome.made[0], ":material/open_in_new:", id=outcome.made[1]
        )
    if outcome.raw:
        with st.expander(t(L("服务器的原话", "The server's own words"))):
            st.code(outcome.raw, language=None, wrap_lines=True)
    if outcome.secret:
        st.code(outcome.secret, language=None, width="content")


# -- telling -----------------------------------------------------------


def refused(form: str = "") -> PortalError | None:
    """Why the last submit was refused, to be told once: of this form, or (without a name) of whichever form it was."""
    flash = st.session_state.get("flash") or {}
    if "error" not in flash or form not in ("", flash["form"]):
        return None
    error: PortalError = st.session_state.pop("flash")["error"]
    return error


def tell(error: PortalError) -> None:
    """An error as a sentence in the reader's language."""
    if isinstance(error, Invalid):
        fuller = error.detail.get("fuller")  # words with details, too long beside a field
        told = [fuller] if fuller else error.fields.values()
        reasons = list(dict.fromkeys(t(words_of(code, **error.detail)) for code in told))
        lead = [] if "" in error.fields else [t(words_of("invalid"))]
        st.error("  \n".join([*lead, *reasons]), icon=":material/error:")
    elif isinstance(error, Denied):
        empty(words_of(error.code), L("需要时请联系管理员。", "Ask an administrator if you need it."), "lock")
    elif isinstance(error, NotFound):
        empty(
            words_of(error.code),
            L("它可能已被移走，或不在您的权限内。", "It may have moved, or lie outside your rights."),
        )
    elif isinstance(error, Conflict):
        tell_conflict(error)
    else:
        st.error(t(words_of(error.code, **error.detail)), icon=":material/error:")


def tell_conflict(error: Conflict) -> None:
    """Both versions of a record that somebody else changed meanwhile."""
    st.warning(t(words_of("conflict")), icon=":material/sync_problem:")
    fields = error.detail.get("fields", [])
    rows = [{t(L("字段", "Field")): t(n), t(L("现在的值", "Stored now")): str(a), t(L("您填的值", "Yours")): str(b)}
            for n, a, b in fields if str(a) != str(b)]  # fmt: skip
    if rows:
        st.dataframe(rows, hide_index=True)


def shown(draw: Page, who: Actor) -> Callable[[], None]:
    """A page that cannot break: domain errors become sentences, bugs become a number."""

    def run() -> None:
        top = st.container(key="flash")  # always there: what comes or goes above a field would swallow its keys
        try:
            with top:
                tell_flash()
            draw(who)
        except Exception as error:
            tell(known(error))
        if error_left := refused():
            with top:
                tell(error_left)

    run.__name__ = getattr(draw, "__name__", "page")
    return run


def header(title: str, about: L | str = "") -> Any:
    """Title and one line that says what the page is for; returns the place of the actions at the right."""
    place = st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="head")
    place.html(f"<h1 class='t'>{escaped(title)}</h1><p class='s'>{escaped(t(about))}</p>", width="stretch")
    return place.container(horizontal=True, width="content", vertical_alignment="bottom", key="actions")


def escaped(text: str) -> str:
    return (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("'", "&#39;")
        .replace('"', "&quot;")
    )


MARKDOWN = str.maketrans({character: "\\" + character for character in "\\`*_{}[]()<>#+-.!|$:~^"})


LINKISH = re.compile(r"https?|ftp|mailto|www|@", re.I)  # what Markdown makes a link of, even unasked


def literal(text: str) -> str:
    """Text from the database where Markdown is understood: shown as it is, nothing of it is obeyed."""
    return LINKISH.sub("\\g<0>\u2060", text).translate(MARKDOWN)


def empty(title: L, about: L, icon: str = "inbox") -> Any:
    """An empty place: what this is, one sentence; returns where its one button goes."""
    box = st.container(border=True, horizontal_alignment="center", key=f"empty-{uuid4().hex[:6]}")
    box.markdown(f"### :material/{icon}: {t(title)}", text_alignment="center")
    box.markdown(t(about), text_alignment="center")
    return box


def counted(number: int, more: bool = False) -> str:
    return f"{number:,}" + ("+" if more else "")
