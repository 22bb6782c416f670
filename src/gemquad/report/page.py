"""The report page: one HTML file with style, script, drawings and data inside, which asks the network for nothing.

`templates/page.html` is the frame and lists the sections, each a template that gets the content and the functions below; `page.css`
and the scripts are inline. All text is escaped by Jinja. The page's own policy (`Content-Security-Policy`) forbids every
request, and every script but the one whose hash it names.
"""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from inspect import isfunction
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gemquad.report import figures, formatting, languages
from gemquad.report.content import PageContent
from gemquad.report.languages import direction, language_name
from gemquad.report.verdict import QUESTION, STARTS_ANEW, shown_system, verdict
from gemquad.rounds.stopping import system_name
from gemquad.schema.results import ALL, AVERAGED

_MODULES = (figures, formatting, languages)
"""Their functions may be called by templates."""
_MOST_ANSWERS = 20


def page(content: PageContent) -> str:
    """The complete HTML file; equal content gives equal text."""
    scripts = ("page.js", "corrections.js", "corrected_files.js", "pairs.js")
    script = Markup().join(map(_asset, scripts))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    template = _environment().get_template("page.html")
    return template.render(
        content=content,
        question=QUESTION,
        starts_anew=STARTS_ANEW,
        verdict=verdict(content),
        shown=shown_system(content),
        style=_asset("page.css"),
        script=script,
        policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'",
        pair_data=_pair_data(content),
        answers=_answers(content),
    )


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("gemquad.report"),
        autoescape=True,
        extensions=["jinja2.ext.do"],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    functions = {name: one for module in _MODULES for name, one in vars(module).items() if isfunction(one)}
    made.globals.update(functions, each=each, union=union, system_name=system_name, baseline=system_name(0))
    made.globals.update(MISSING=formatting.MISSING, ALL=ALL, AVERAGED=AVERAGED)
    made.filters.update({name: functions[name] for name in ("language_name", "spoken", "system_label")})
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":"), "allow_nan": False}
    return made


def each(pattern: str, names: Iterable[object]) -> list[str]:
    """The pattern filled with every name: "dev {}" with F1 and EM is "dev F1" and "dev EM"."""
    return [pattern.format(name) for name in names]


def union(collections: Iterable[Iterable[str]]) -> list[str]:
    """Every item of the collections, or key of the mappings, once, in the order of their first mention."""
    return list(dict.fromkeys(item for collection in collections for item in collection))


def _pair_data(content: PageContent) -> dict[str, Any]:
    """What `pairs.js` reads."""
    languages = sorted({pair["language"] for pair in content.pairs})
    told = json.dumps([content.passages, content.pairs], ensure_ascii=False).encode()
    return {
        "run": hashlib.sha256(told).hexdigest()[:12],
        "corrections": content.corrections._asdict(),
        "languages": {x: {"name": language_name(x), "lang": x, "dir": direction(x)} for x in languages},
        "passages": content.passages,
        "pairs": content.pairs,
    }


def _answers(content: PageContent) -> dict[str, int]:
    """How often each answer occurs, where answers are few and repeat, as classes do; else empty."""
    found = Counter(pair["answer"] for pair in content.pairs)
    return dict(sorted(found.items())) if 2 <= len(found) <= min(_MOST_ANSWERS, len(content.pairs) // 2) else {}


def _asset(name: str) -> Markup:
    return Markup((files("gemquad.report") / name).read_text(encoding="utf-8"))
