"""Who may do what: the expected matrix as data, against the one table of the code and against real calls."""

from models.system import Role

AREAS = ("people", "volunteers", "training", "partners", "indicators", "contract", "reference", "admin")
ROWS = {
    Role.ADMINISTRATOR: ("rwdixp", "rwdixpa", "rwdixpa", "rwdixpa", "rxa", "rwdix", "rwdix", "rwdx"),
}
