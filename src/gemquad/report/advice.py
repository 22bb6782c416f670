"""Why a run gained nothing and what to do next, by rule, each with the number that was measured and its command."""

from collections.abc import Iterator

from gemquad.check.enough import LEAST_EVALUATED, LEAST_SILVER
from gemquad.report.content import PageContent
from gemquad.report.formatting import count, counted, percent, plural, score, signed, system_label
from gemquad.report.settle import Step, round_up
from gemquad.rounds.stopping import best_trained_round, system_name
from gemquad.schema.results import ALL, AVERAGED

_NEAR_0 = 10.0
"""Under such a score the student does not know the language, or student or data are broken."""
_LOW_YIELD = 0.5
_NEAR_MISSES = 3
_MOST_PROMPTS = 4
"""So many times the prompts are worth a try; where more were needed, their number is not what is missing."""

_RUN = "dvc exp run -S "
_STUDENT = "xlm-roberta-base"


def advice(content: PageContent, language: str) -> Iterator[Step]:
    """What holds a language back; of `ALL`, and of a language that is alone, what holds back the loop."""
    if language != ALL:
        yield from _baseline(content, language)
        yield from _yield(content, language)
        yield from _silver(content, language)
        yield from _dev(content, language)
    if language == ALL or not content.pooled:
        yield from _rounds(content)


def _baseline(content: PageContent, language: str) -> Iterator[Step]:
    """Where the baseline knows nothing, the filter that it is has nothing to say."""
    metric = content.first_metric
    found = content.round_systems[0].estimate("dev", language, metric.name) if content.round_systems else None
    if found is None or found.value >= _NEAR_0:
        return
    student = content.settings.get("student", "")
    other = (
        f"{_RUN}student={_STUDENT}"
        if _STUDENT not in student
        else "gemquad predict --model models/students/round-0 --file FILE"
    )
    known = f"the baseline scores {score(found.value)} {metric.label} on dev"
    yield Step(
        f"{known}: the student does not know the language, or it or the data are broken",
        "read its answers to dev; check gold and dev; take a student that was pre-trained on the language",
        other,
    )


def _yield(content: PageContent, language: str) -> Iterator[Step]:
    """Where most of what the generator wrote is no pair."""
    made = content.generation.languages.get(language)
    if made is None or not made.prompts or made.synthetic_pairs >= _LOW_YIELD * made.prompts:
        return
    lost = {reason: number for reason, number in made.outcomes.items() if reason != "ok"}
    most = max(lost, key=lambda reason: lost[reason], default="")
    said = f", {count(lost[most])} being “{most}”" if most else ""
    pairs = f"{count(made.synthetic_pairs)} of {counted(made.prompts, 'completion')} became pairs"
    yield Step(
        f"{pairs} ({percent(made.synthetic_pairs / made.prompts)}){said}",
        "take a larger generator",
        _larger_generator(content),
    )


def _silver(content: PageContent, language: str) -> Iterator[Step]:
    """Where the round had little to learn from: stricter than need be, too few candidates, too few prompts, or a poor generator."""
    counts = content.silver(best_trained_round(content.decision.history) or max(content.rounds), language)
    silver, candidates = (counts.silver, counts.synthetic) if counts else (0, 0)
    if silver >= LEAST_SILVER:
        return
    said = f"{counted(silver, 'silver pair')} of {counted(candidates, 'candidate')}; under {LEAST_SILVER} teach little"
    looser = content.levers.looser
    near = looser.pairs.get(language, 0) if looser else 0
    if looser and near >= max(_NEAR_MISSES, silver // 4):
        why = f"the filter dropped {counted(near, 'candidate')} that {looser.override} would keep"
        yield Step(
            why,
            "keep them, and see in the filter audit how many wrong pairs come with them",
            f"{_RUN}{looser.override}",
        )
    yield Step(said, *_more_pairs(content, language, silver, candidates))


def _more_pairs(content: PageContent, language: str, silver: int, candidates: int) -> tuple[str, str]:
    """What to do for more silver, and its command."""
    levers, made = content.levers, content.generation.languages.get(language)
    held_back = made.synthetic_pairs - candidates if made else 0
    if levers.keep_fraction < 1 and held_back > 0:
        return (
            f"put the other {counted(held_back, 'synthetic pair')} before the filter too",
            f"{_RUN}filter.keep_fraction=1",
        )
    times = -(-LEAST_SILVER // silver) if silver else _MOST_PROMPTS + 1
    if times <= _MOST_PROMPTS and levers.prompts:
        more = round_up(times * levers.prompts_each)
        return f"write {times} times the prompts: that many keep about {LEAST_SILVER}", f"{_RUN}{levers.prompts}={more}"
    return "take a larger generator: more prompts of this one would not do", _larger_generator(content)


def _larger_generator(content: PageContent) -> str:
    return f"{_RUN}{override}" if (override := content.levers.larger_generator) else ""


def _dev(content: PageContent, language: str) -> Iterator[Step]:
    """Where rounds are chosen by little."""
    dev, metric = content.examples("dev", language), content.first_metric
    if not 0 < dev < LEAST_EVALUATED or content.best == AVERAGED:
        return
    found = content.round_systems[0].estimate("dev", language, metric.name) if content.round_systems else None
    width = f", on which a score has ±{(found.high - found.low) / 2:.1f} {metric.label}" if found else ""
    yield Step(
        f"{count(dev)} dev {plural(content.terms.example)}{width}: they choose a round mostly by chance",
        f"label {LEAST_EVALUATED - dev} more, or take the mean of all rounds, for which dev is not asked",
        f"{_RUN}stopping.choose=average",
    )


def _rounds(content: PageContent) -> Iterator[Step]:
    """Where the loop was ended by its length while dev still rose."""
    levers, scores = content.levers, [one.dev_score for one in content.decision.history]
    if not levers.max_rounds or len(scores) <= levers.max_rounds:
        return
    gained = scores[-1] - max(scores[:-1])
    if gained < max(levers.min_improvement, 0.1):
        return
    last = system_label(system_name(content.decision.history[-1].round))
    why = f"dev still rose by {signed(gained)} points in {last}, the last that stopping.max_rounds allows"
    yield Step(why, "let it go on", f"{_RUN}stopping.max_rounds={levers.max_rounds + 2}")
