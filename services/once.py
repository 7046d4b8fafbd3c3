"""What is made of a value, made once for the values that come often: of a column of a sheet, row after row."""

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
KEPT = 20_000


class Once(dict[Any, T]):
    """once[value] is make(value); at most KEPT are remembered."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        super().__init__()
        self.make = make

    def __missing__(self, value: Any) -> T:
        found = self.make(value)
        if len(self) < KEPT:
            self[value] = found
        return found
