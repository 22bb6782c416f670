"""Fill the report page from what the stages wrote."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from gemquad.files import read_result
from gemquad.params import Filter, Params
from gemquad.parquet import count_records, iterate_records
from gemquad.report.content import PageContent, Pair
from gemquad.report.levers import levers
from gemquad.rounds.reasons import why
from gemquad.rounds.worth import unaudited
from gemquad.schema import Example, Judgement
from gemquad.schema.results import AUDIT, CARD, DECISION, DIVERSITY, GENERATION, INTERVALS, OVERLAPS, SELECTION, SILVER
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
    last = iterate_records(judged[filtered[-1]], Judgement) if filtered else ()
    # gold and test are read in every language, the other roles in the languages to train
    roles = {key: params.data.role_of(key) for key in params.data.sources}
    used = [key for key, (role, language) in roles.items() if role in ("gold", "test") or language in params.lang]
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
        best=read_result(files.selection, SELECTION).system,
        generation=read_result(files.generation, GENERATION),
        levers=levers(params, last, task),
        audit={r: read_result(files.round(r).audit, AUDIT) for r in filtered},
        unaudited=unaudited(params.filter),
        overlaps=read_result(files.overlaps, OVERLAPS),
        diversity=read_result(files.diversity, DIVERSITY),
        paper=[published for published in view.published if published.language in params.lang],
        sources=[read_result(files.card(key), CARD) for key in used],
        passages=passages,
        pairs=entries,
        pairs_total=total,
        corrections=view.corrections,
    )


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
    """The distinct passages of `pairs`, and the pairs with each round's judgement of them, or why there is none."""
    shown = [view.pair(pair) for pair in pairs]
    places = {passage: i for i, passage in enumerate(dict.fromkeys(one.passage for one in shown if one.passage))}
    judged: dict[str, list[dict[str, Any]]] = {pair.id: [] for pair in pairs}
    for number, made in judgements.items():
        for judgement in made:
            judged[judgement.id].append({"round": number, **_judged(judgement, rule, task)})
    return list(places), [
        {"id": pair.id, "language": pair.language, "rounds": judged[pair.id]}
        | {"lines": one.lines, "passage": places.get(one.passage), "answer": one.answer, "start": one.start}
        | ({"why": f"not among {_likeliest(rule)}"} if judgements and not judged[pair.id] else {})
        for pair, one in zip(pairs, shown, strict=True)
    ]


def settings(params: Params, task: AnyDefinition) -> dict[str, str]:
    """The main settings of the run; of `prompting`, whose keys depend on the task, all numbers."""
    labels = {metric.name: metric.label for metric in task.metrics}
    numbers = {key: value for key, value in asdict(params.prompting).items() if type(value) in (int, float)}
    return {
        "data": params.data.source,
        "gold": params.data.gold or "no gold",
        "generator": _generator(params),
        "student": params.student.model.name,
        "seed": str(params.seed),
        **{name.replace("_", " "): f"{value:g}" for name, value in numbers.items()},
        "temperature": _range(params.sampling.temperature),
        "top-k": _range(params.sampling.top_k),
        "top-p": _range(params.sampling.top_p),
        "agreement threshold": f"{task.agreement_threshold(params.filter):.3g}",
        **({"silver weighed by": params.filter.weights} if params.filter.weights != "none" else {}),
        "chosen student": params.stopping.choose.replace("_", " "),
        "decides on dev": labels.get(params.stopping.metric, params.stopping.metric),
        "k (patience)": str(params.stopping.patience),
        "e (least gain)": f"{params.stopping.min_improvement:g}",
        "v (least new silver)": f"{params.stopping.min_new_fraction:.1%}",
    }


def _generator(params: Params) -> str:
    if params.backend.name == "scripted":
        return "a script without a model"
    return params.generator.name + (f", tuned on {params.taught}" if params.taught else "")


def _range(bounds: tuple[float, float]) -> str:
    return " to ".join(f"{bound:g}" for bound in dict.fromkeys(bounds))


def _likeliest(rule: Filter) -> str:
    """Of all synthetic pairs those that the weak labeler is asked, in words."""
    return f"the likeliest {100 * rule.keep_fraction:.3g}% (filter.keep_fraction)"


def _judged(judgement: Judgement, rule: Filter, task: AnyDefinition) -> dict[str, Any]:
    return {
        "answer": judgement.labeler_answer,
        "start": judgement.labeler_start,
        "confidence": round(judgement.labeler_confidence, 4),
        "agreement": round(judgement.agreement, 4),
        "kept": judgement.kept,
        "why": why(judgement, rule, task),
    }
