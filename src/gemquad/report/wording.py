"""How the page writes numbers, lists and the names of systems."""

MISSING = "–"
_LABELS = {
    "longer_baseline": "baseline, longer",
    "weakdap": "WeakDAP",
    "baseline_over_seeds": "baseline, several seeds",
}


def score(value: float) -> str:
    """A score in percent: "58.5"."""
    return f"{value:.1f}"


def signed(value: float, digits: int = 1) -> str:
    """A difference in points with its sign: "+2.4", "−1.0", "±0.0"."""
    written = f"{abs(value):.{digits}f}"
    if float(written) == 0:
        return f"±{written}"
    return f"{'+' if value > 0 else '−'}{written}"


def percent(share: float) -> str:
    """A share of 0 to 1: "16.6%"."""
    return f"{share:.1%}"


def count(number: int) -> str:
    """A whole number with thousands apart: "10,000"."""
    return f"{number:,}"


def counted(number: int, singular: str) -> str:
    """A number of things: "1 seed", "3 seeds"."""
    return f"{count(number)} {singular}{'' if number == 1 else 's'}"


def money(amount: float) -> str:
    """An amount in the currency of the prices: four digits below 1, two above."""
    return f"{amount:,.4g}" if abs(amount) < 1 else f"{amount:,.2f}"


def listed(parts: list[str]) -> str:
    """Parts of a sentence: "a", "a and b", "a, b and c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def system_label(name: str) -> str:
    """The name of a system as people write it: "round-1" is "round 1"."""
    return _LABELS.get(name, name.replace("-", " ").replace("_", " "))
