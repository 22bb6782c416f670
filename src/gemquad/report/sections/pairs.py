"""The browser of synthetic pairs: its controls and its data; `pairs.js` does the rest."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from gemquad.report.content import PageContent
from gemquad.report.formatting import count, counted
from gemquad.report.languages import direction, language_name
from gemquad.report.markup import Markup, element, join, paragraph
from gemquad.report.sections import Section

_OUTCOMES = [
    ("", "kept or dropped"),
    ("kept", "kept"),
    ("dropped", "dropped"),
    ("changed", "changed by round"),
]
_MOST_ANSWERS = 20


def section(content: PageContent) -> Section:
    """Search, filters, an empty list, and the pairs as JSON."""
    if not content.pairs:
        return Section("pairs", "Synthetic pairs", paragraph("There are no synthetic pairs."))
    parts = [
        paragraph(_extent(content)),
        *([_key()] if content.passages else []),
        _controls(content),
        element("p", id="pair-count", role="status"),
        element("ol", id="pair-list"),
        element("button", "Show more", id="pair-more", type="button", hidden=True),
        element("noscript", paragraph("Browsing the pairs needs JavaScript; nothing else on this page does.")),
        element("script", Markup(_json(content)), type="application/json", id="pair-data"),
    ]
    return Section("pairs", "Synthetic pairs", join(parts))


def _extent(content: PageContent) -> str:
    held, total = len(content.pairs), max(content.pairs_total, len(content.pairs))
    if held < total:
        return f"This page holds a sample: {count(held)} of {counted(total, 'synthetic pair')}."
    return f"All {counted(total, 'synthetic pair')} of this run." if total > 1 else "The synthetic pair of this run."


def _key() -> Markup:
    return paragraph(
        "In the passage: ",
        element("mark", "the generator's answer", class_="generator"),
        " and ",
        element("mark", "the weak labeler's answer", class_="labeler"),
        ", of the round in the filter or else of the last one.",
        class_="note",
    )


def _controls(content: PageContent) -> Markup:
    languages = dict.fromkeys(pair["language"] for pair in content.pairs)
    rounds = sorted({judged["round"] for pair in content.pairs for judged in pair["rounds"]})
    search = element("input", id="pair-search", type="search", autocomplete="off", spellcheck="false")
    return element(
        "form",
        element("label", "Search", search, class_="wide"),
        _select("pair-language", "Language", [("", "all"), *((x, language_name(x)) for x in languages)]),
        *_answers(content),
        _select("pair-round", "Round", [("", "any"), *((str(r), f"round {r}") for r in rounds)]),
        _select("pair-outcome", "Outcome", _OUTCOMES),
        id="pair-filters",
        role="search",
    )


def _answers(content: PageContent) -> list[Markup]:
    """A filter by answer where answers are few and repeat, as classes do."""
    found = Counter(pair["answer"] for pair in content.pairs)
    if not 2 <= len(found) <= min(_MOST_ANSWERS, len(content.pairs) // 2):
        return []
    options = ((answer, f"{answer} ({count(found[answer])})") for answer in sorted(found))
    return [_select("pair-answer", "Answer", [("", "any"), *options])]


def _select(identifier: str, title: str, options: Sequence[tuple[str, str]]) -> Markup:
    return element(
        "label", title, element("select", *(element("option", shown, value=v) for v, shown in options), id=identifier)
    )


def _json(content: PageContent) -> str:
    """The data of the browser, harmless inside a script element: no `<` is left in it."""
    languages = sorted({pair["language"] for pair in content.pairs})
    value: dict[str, Any] = {
        "languages": {x: {"name": language_name(x), "lang": x, "dir": direction(x)} for x in languages},
        "passages": content.passages,
        "pairs": content.pairs,
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
