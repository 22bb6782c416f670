"""The sections of the report page, one module each; every module has `section(content)`."""

from dataclasses import dataclass

from gemquad.report.markup import Markup


@dataclass(frozen=True)
class Section:
    """A part of the page: its anchor, its title and what follows the title."""

    id: str
    title: str
    body: Markup
