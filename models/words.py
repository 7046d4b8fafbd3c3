"""Texts in the portal's two languages, beside each other at the place of use, Chinese first."""

from typing import Literal, NamedTuple

Language = Literal["zh", "en"]


class L(NamedTuple):
    """One text in Chinese and in English; a text that lacks one cannot be constructed."""

    zh: str
    en: str

    def __call__(self, language: Language = "zh") -> str:
        return self.en if language == "en" else self.zh

    def format(self, **values: object) -> "L":  # type: ignore[override]
        """Fill the {placeholders} of both languages."""
        return L(self.zh.format(**values), self.en.format(**values))
