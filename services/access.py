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

AREAS = (
    "people", "volunteers", "training", "partners", "services", "community", "research", "indicators", "contract",
    "reference", "admin",
)  # fmt: skip

# fmt: off
PERMISSIONS: dict[Role, tuple[str, ...]] = {
    #                       people    volunteers training   partners   services   community research indicators contract  reference admin
    Role.ADMINISTRATOR:   ("rwdixp", "rwdixpa", "rwdixpa", "rwdixpa", "rwdixpa", "rwdix",  "rwdix", "rxa",     "rwdixp", "rwdix",  "rwdx"),
    Role.LEADER:          ("",       "rx",      "rx",      "rx",      "rx",      "rx",     "rx",    "rxa",     "r",      "r",      ""),
    Role.COORDINATOR:     ("",       "rwixpa",  "rwdixpa", "rwixp",   "rwdixpa", "rwdix",  "rwix",  "rx",      "r",      "r",      ""),
    Role.BASE_MANAGER:    ("",       "rwdixpa", "rwdixpa", "rp",      "",        "r",      "rwix",  "rx",      "r",      "rw",     ""),
    Role.PARTNER_MANAGER: ("",       "",        "r",       "rwdixpa", "",        "r",      "r",     "rx",      "r",      "r",      ""),
    Role.HEALTH_STEWARD:  ("",       "",        "r",       "",        "rwixp",   "",       "",      "r",       "",       "r",      ""),
    Role.STATION_LEAD:    ("",       "rwixpa",  "rwixpa",  "rwixp",   "rwixpa",  "rwix",   "r",     "rx",      "r",      "r",      ""),
    Role.AUDITOR:         ("",       "r",       "r",       "r",       "r",       "r",      "r",     "r",       "r",      "r",      "r"),
}
# fmt: on


def allowed(role: Role, verb: Verb, area: str) -> bool:
    letters = PERMISSIONS[role][AREAS.index(area)]
    return any(LETTERS[letter] == verb for letter in letters)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account with its roles, or the portal itself; units None means every station."""

    account_id: int | None
    name: str
    roles: tuple[Role, ...] = ()
    units: frozenset[int] | None = None
    session_id: int | None = None
    must_change: bool = False
    is_system: bool = False

    def may(self, verb: Verb, area: str) -> bool:
        return self.is_system or any(allowed(role, verb, area) for role in self.roles)

    def need(self, verb: Verb, area: str) -> None:
        """Raises Denied where the roles do not allow the verb in the area."""
        if not self.may(verb, area):
            raise Denied(verb=verb, area=area)


SYSTEM = Actor(None, "system", is_system=True)
PUBLIC = Actor(None, "public", is_system=True)
