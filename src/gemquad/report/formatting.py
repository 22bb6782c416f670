"""Numbers, lists and the names of systems as text, for the page, the cards and tables in a terminal."""

from collections.abc import Mapping

from gemquad.schema.results import AVERAGED, Delta, Interval
from gemquad.views.task_view import Terms

MISSING, NOT_SIGNIFICANT = "–", "n.s."
_LABELS = {
    AVERAGED: "average of all rounds",
    "longer_baseline": "baseline, longer",
    "weakdap": "WeakDAP",
    "baseline_over_seeds": "baseline, several seeds",
    "zero_shot_llm": "LLM prompted, zero-shot",
    "few_shot_llm": "LLM prompted, few-shot",
}


def score(value: float) -> str:
    """A score in percent: "58.5", "−3.2"."""
    return f"{value:.1f}".replace("-", "−")


def interval(low: float, high: float) -> str:
    """The interval of a score: "54.5–62.5", "−1.2 to 3.4"."""
    return f"{score(low)}{'–' if low >= 0 else ' to '}{score(high)}"


def signed(value: float, digits: int = 1) -> str:
    """A difference in points with its sign: "+2.4", "−1.0", "±0.0"."""
    written = f"{abs(value):.{digits}f}"
    if float(written) == 0:
        return f"±{written}"
    return f"{'+' if value > 0 else '−'}{written}"


def mark(found: Interval) -> str:
    """What stands behind a difference whose interval contains 0, everywhere: "n.s." (not significant); else ""."""
    return NOT_SIGNIFICANT if found.contains_zero else ""


def change(found: Interval, remark: str = "", label: str = "") -> str:
    """A difference with its interval and its mark: "+2.4 F1 (−1.0 to +5.8) n.s."; a `remark` stands behind the interval."""
    value, ends = (
        " ".join(filter(None, (signed(found.value), label))),
        f"{signed(found.low)} to {signed(found.high)}{remark}",
    )
    return " ".join(filter(None, (value, f"({ends})", mark(found))))


def widths(delta: Delta) -> str:
    """Half the width of an interval as dev let one expect it, beside what was found: "predicted ±3.1, found ±3.3"; else ""."""
    return "" if delta.predicted is None else f"predicted ±{delta.predicted:.1f}, found ±{delta.found:.1f}"


def percent(share: float) -> str:
    """A share of 0 to 1: "16.6%"."""
    return f"{share:.1%}"


def count(number: int) -> str:
    """A whole number with thousands apart: "10,000"."""
    return f"{number:,}"


def plural(singular: str) -> str:
    """The regular plural of a noun."""
    return f"{singular}s"


def counted(number: int, singular: str) -> str:
    """A number of things: "1 seed", "3 seeds"."""
    return f"{count(number)} {singular if number == 1 else plural(singular)}"


def counted_examples(examples: int, groups: int, terms: Terms) -> str:
    """The number of scored examples in words: "153 questions on 51 passages", or "300 pairs" for examples without groups."""
    examples_text = counted(examples, terms.example)
    return examples_text if groups == examples else f"{examples_text} on {counted(groups, terms.group)}"


def fact(name: str, value: float) -> tuple[str, str]:
    """A fact of `metrics/generation.json` as (name, value) texts: ("extractive", "100.0%"), ("label neutral", "28")."""
    if name.endswith("_share"):
        return name.removesuffix("_share").replace("_", " "), percent(value)
    return name.replace("_", " "), count(value) if isinstance(value, int) else f"{value:.3g}"


def money(amount: float) -> str:
    """An amount in the currency of the prices: four digits below 1, two above."""
    return f"{amount:,.4g}" if abs(amount) < 1 else f"{amount:,.2f}"


def spoken(value: object) -> str:
    """What a file of results holds, as text: yes and no, numbers with thousands apart, lists and mappings item by item."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {spoken(item)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(spoken, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return count(value) if isinstance(value, int) else str(value)


def listed(parts: list[str]) -> str:
    """Parts of a sentence: "a", "a and b", "a, b and c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def capitalised(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def system_label(name: str) -> str:
    """The readable name of a system: "round-1" is "round 1"."""
    return _LABELS.get(name, name.replace("-", " ").replace("_", " "))
