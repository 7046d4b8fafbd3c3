"""Who may do what: actors and the one permission table, role x area x verb, used by menu, services and row scope."""

from dataclasses import dataclass
from typing import Literal

from models.system import Role
from services.errors import Denied

Verb = Literal["read", "write", "remove", "import", "export", "personal", "approve"]

LETTERS: dict[str, Verb] = {
    "r": "read",
    "w": "write",
    "d": "remove",
    "i": "import",
    "x": "export",
    "p": "personal",
    "a": "approve",
}
# personal: names in full, and single values revealed with a purpose. Everyone else sees 张*.

# fmt: off
TABLE: dict[str, tuple[str, ...]] = {
    #               admin       leader  coordin.    base        partner     steward  station    auditor
    "people":      ("rwdixp",   "",     "",         "",         "",         "",      "",        ""),
    "volunteers":  ("rwdixpa",  "rx",   "rwixpa",   "rwdixpa",  "",         "",      "rwixpa",  "r"),
    "training":    ("rwdixpa",  "rx",   "rwdixpa",  "rwdixpa",  "r",        "r",     "rwixpa",  "r"),
    "partners":    ("rwdixpa",  "rx",   "rwixp",    "rp",       "rwdixpa",  "",      "rwixp",   "r"),
    "services":    ("rwdixpa",  "rxa",  "rwdixpa",  "",         "",         "rwixp", "rwixpa",  "r"),
    "community":   ("rwdixa",   "rxa",  "rwdix",    "r",        "r",        "",      "rwix",    "r"),
    "research":    ("rwdixa",   "rxa",  "rwix",     "rwix",     "r",        "",      "r",       "r"),
    "indicators":  ("rxa",      "rxa",  "rx",       "rx",       "rx",       "r",     "rx",      "r"),
    "contract":    ("rwdixp",   "r",    "r",        "r",        "r",        "",      "r",       "r"),
    "reference":   ("rwdix",    "r",    "r",        "rw",       "r",        "r",     "r",       "r"),
    "admin":       ("rwdx",     "",     "",         "",         "",         "",      "",        "r"),
}
# fmt: on
AREAS = tuple(TABLE)
PERMISSIONS = {role: tuple(letters[place] for letters in TABLE.values()) for place, role in enumerate(Role)}


def allowed(role: Role, verb: Verb, area: str) -> bool:
    letters = PERMISSIONS[role][AREAS.index(area)]
    return any(LETTERS[letter] == verb for letter in letters)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account with its roles, or the portal itself; units None means every station.

    masked: what they read is to be handed on, so personal data stay masked whatever their roles allow.
    pass_id: of a volunteer at their own page, the link through which they came.
    """

    account_id: int | None
    name: str
    roles: tuple[Role, ...] = ()
    units: frozenset[int] | None = None
    session_id: int | None = None
    must_change: bool = False
    is_system: bool = False
    masked: bool = False
    pass_id: int | None = None

    def may(self, verb: Verb, area: str) -> bool:
        if self.masked and verb == "personal":
            return False
        return self.is_system or any(allowed(role, verb, area) for role in self.roles)

    def need(self, verb: Verb, area: str) -> None:
        """Raises Denied where the roles do not allow the verb in the area."""
        if not self.may(verb, area):
            raise Denied(verb=verb, area=area)


SYSTEM = Actor(None, "system", is_system=True)
PUBLIC = Actor(None, "public", is_system=True)
