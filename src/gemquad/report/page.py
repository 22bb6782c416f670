"""The report page: one HTML file with style, script and data inside, which asks the network for nothing.

`page.html` is the frame, `page.css` and the two scripts are its inline parts, `sections/` fill it. The page's own policy
(`Content-Security-Policy`) forbids every request, and every script but the one whose hash it names.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from importlib.resources import files

from gemquad.report.content import PageContent
from gemquad.report.gains import gains
from gemquad.report.markup import Markup, definitions, element, folded, join
from gemquad.report.sections import (
    Section,
    audit,
    comparisons,
    cost,
    data,
    diversity,
    leaks,
    pairs,
    paper,
    result,
    rounds,
    samples,
    sweeps,
    transfer,
)
from gemquad.report.verdict import verdict

_SECTIONS = (result, rounds, samples, comparisons, paper, audit, transfer, sweeps, cost, diversity, leaks, data, pairs)


def page(content: PageContent) -> str:
    """The complete HTML file; equal content gives equal text."""
    sections = [made for module in _SECTIONS if (made := module.section(content))]
    conclusion = verdict(content)
    script = _asset("page.js") + _asset("pairs.js")
    return _fill(
        _asset("page.html"),
        {
            "policy": f"default-src 'none'; style-src 'unsafe-inline'; script-src '{_hash(script)}'",
            "style": Markup(_asset("page.css")),
            "script": Markup(script),
            "name": content.name,
            "selection": conclusion.selection,
            "gain": conclusion.gain,
            "gains": gains(content),
            "settings": _settings(content.settings),
            "contents": join(_link(section) for section in sections),
            "sections": join(_written(section) for section in sections),
        },
    )


def _settings(settings: Mapping[str, str]) -> Markup:
    return folded("Settings", definitions(settings.items(), class_="facts"), open=True) if settings else Markup("")


def _link(section: Section) -> Markup:
    return element("li", element("a", section.title, href=f"#{section.id}"))


def _written(section: Section) -> Markup:
    heading = f"{section.id}-title"
    return element(
        "section", element("h2", section.title, id=heading), section.body, id=section.id, aria_labelledby=heading
    )


def _fill(frame: str, parts: Mapping[str, str]) -> str:
    """`frame` with every {{name}} replaced, in one pass: braces within a part stay as they are."""
    return re.sub(r"\{\{(\w+)\}\}", lambda match: join([parts[match[1]]]), frame)


def _hash(script: str) -> str:
    """How a policy names an inline script."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def _asset(name: str) -> str:
    return (files("gemquad.report") / name).read_text(encoding="utf-8")
