"""Fill the report page from what the stages wrote."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TypeVar

from gemquad.files import read_result
from gemquad.params import Filter, Params
from gemquad.parquet import count_records, iterate_records
from gemquad.report.content import JudgedPair, PageContent, Pair
from gemquad.rounds.silver import why
from gemquad.rounds.stopping import best_round, system_name
from gemquad.schema import Example, Judgement
from gemquad.schema.results import AUDIT, CARD, DECISION, DIVERSITY, GENERATION, INTERVALS, OVERLAPS, SILVER
from gemquad.tasks.base import AnyDefinition
from gemquad.tasks.loading import load_task
from gemquad.views.loading import load_view
from gemquad.views.task_view import AnyTaskView
from gemquad.workspace import Workspace

E = TypeVar("E", bound=Example)


def assemble(params: Params, files: Workspace) -> PageContent:
    """The content of the page: scores of the rounds that were trained, silver and audit of those that filtered.

    Raises:
        UserError: a file is missing or of another version.
    """
    task = load_task(params)
    view = load_view(task)
    decision = read_result(files.round(params.stopping.max_rounds).decision, DECISION)
    intervals = read_result(files.intervals, INTERVALS)
    total = count_records(files.synthetic, task.records.synthetic)
    pairs = sampled(iterate_records(files.synthetic, task.records.synthetic), total, params.report.pairs)
    judged = {r: files.round(r).judgements for r in range(1, params.stopping.max_rounds + 1)}
    filtered = [r for r, path in judged.items() if count_records(path, Judgement)]
    shown = {pair.id for pair in pairs}
    judgements = {r: [one for one in iterate_records(judged[r], Judgement) if one.id in shown] for r in filtered}
    passages, entries = browsed(pairs, judgements, params.filter, task, view)
    used = [key for key in params.data.sources if _is_used(*params.data.role_of(key), params.lang)]
    cards = [read_result(files.card(key), CARD) for key in used]
    return PageContent(
        name=f"{task.name}, {' and '.join(params.lang)}, seed {params.seed}",
        metrics=task.metrics,
        terms=view.terms,
        settings=settings(params, task),
        systems=intervals.systems,
        deltas=intervals.deltas,
        trained=params.lang,
        rounds={r: read_result(files.round(r).silver_counts, SILVER) for r in [0, *filtered]},
        decision=decision,
        best=system_name(best_round(decision.history).round),
        generation=read_result(files.generation, GENERATION),
        audit={r: read_result(files.round(r).audit, AUDIT) for r in filtered},
        overlaps=read_result(files.overlaps, OVERLAPS),
        diversity=read_result(files.diversity, DIVERSITY),
        paper=[published for published in view.published if published.language in params.lang],
        cards=[card["hub"] for card in cards if card["hub"]],
        sources=cards,
        passages=passages,
        pairs=entries,
        pairs_total=total,
    )


def _is_used(role: str, language: str, trained: Sequence[str]) -> bool:
    """Whether a run in the languages `trained` reads a source: gold and test always, the other roles for a language to train."""
    return role in ("gold", "test") or language in trained


def sampled(pairs: Iterable[E], total: int, at_most: int | None) -> list[E]:
    """All `total` pairs, or a fixed random sample of `at_most`; in their order."""
    if at_most is None or total <= at_most:
        return list(pairs)
    chosen = set(random.Random(0).sample(range(total), at_most))
    return [pair for i, pair in enumerate(pairs) if i in chosen]


def browsed(
    pairs: Sequence[Example],
    judgements: Mapping[int, Sequence[Judgement]],
    rule: Filter,
    task: AnyDefinition,
    view: AnyTaskView,
) -> tuple[list[str], list[Pair]]:
    """The distinct passages of `pairs`, and the pairs with each round's judgement of them."""
    shown = [view.pair(pair) for pair in pairs]
    places = {passage: i for i, passage in enumerate(dict.fromkeys(one.passage for one in shown if one.passage))}
    by_round = {number: {judgement.id: judgement for judgement in made} for number, made in judgements.items()}
    entries: list[Pair] = [
        {
            "id": pair.id,
            "language": pair.language,
            "lines": one.lines,
            "passage": places.get(one.passage),
            "answer": one.answer,
            "start": one.start,
            "rounds": [
                _judged(number, made[pair.id], rule, task) for number, made in by_round.items() if pair.id in made
            ],
        }
        for pair, one in zip(pairs, shown, strict=True)
    ]
    return list(places), entries


def settings(params: Params, task: AnyDefinition) -> dict[str, str]:
    """The main settings of the run; of `prompting`, whose keys depend on the task, all numbers."""
    labels = {metric.name: metric.label for metric in task.metrics}
    numbers = {key.replace("_", " "): value for key, value in asdict(params.prompting).items() if _is_number(value)}
    return {
        "data": params.data.source,
        "gold": params.data.gold or "no gold",
        "generator": params.generator.name,
        "student": params.student.model.name,
        "seed": str(params.seed),
        **{name: f"{value:g}" for name, value in numbers.items()},
        "temperature": _range(params.sampling.temperature),
        "top-k": _range(params.sampling.top_k),
        "top-p": _range(params.sampling.top_p),
        "agreement threshold": f"{task.agreement_threshold(params.filter):.3g}",
        "decides on dev": labels.get(params.stopping.metric, params.stopping.metric),
        "k (patience)": str(params.stopping.patience),
        "e (least gain)": f"{params.stopping.min_improvement:g}",
        "v (least new silver)": f"{params.stopping.min_new_fraction:.1%}",
    }


def _range(bounds: tuple[float, float]) -> str:
    low, high = bounds
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _judged(number: int, judgement: Judgement, rule: Filter, task: AnyDefinition) -> JudgedPair:
    return {
        "round": number,
        "answer": judgement.labeler_answer,
        "start": judgement.labeler_start,
        "confidence": round(judgement.labeler_confidence, 4),
        "agreement": round(judgement.agreement, 4),
        "kept": judgement.kept,
        "why": why(judgement, rule, task),
    }
