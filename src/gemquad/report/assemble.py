"""Fill the report page from what the stages wrote."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from gemquad.params import Filter, Params
from gemquad.records import count_records, iterate_records, read_json
from gemquad.report.content import JudgedPair, PageContent, Pair
from gemquad.rounds.silver import why
from gemquad.rounds.stopping import Decision, best_round, system_name
from gemquad.schema import Example, Judgement
from gemquad.tasks.kinds import load_task
from gemquad.tasks.kinds.base import AnyTask

E = TypeVar("E", bound=Example)


@dataclass(frozen=True)
class Files:
    """Where the stages left what the page shows: folders of rounds and data cards, and single files."""

    rounds: Path
    judged: Path
    cards: Path
    decision: Path
    generation: Path
    evidence: Path
    overlaps: Path
    synthetic: Path
    diversity: Path

    @classmethod
    def of_workspace(cls, max_rounds: int) -> "Files":
        """Where `dvc.yaml` has them."""
        metrics, data = Path("metrics"), Path("data")
        return cls(
            rounds=metrics / "rounds",
            judged=data / "rounds",
            cards=data / "read",
            decision=metrics / f"rounds/{max_rounds}/decision.json",
            generation=metrics / "generation.json",
            evidence=metrics / "evidence.json",
            overlaps=data / "prepared/overlaps.json",
            synthetic=data / "synthetic.parquet",
            diversity=metrics / "diversity.json",
        )


def assemble(params: Params, files: Files) -> PageContent:
    """The content of the page: scores of the rounds that were trained, silver and audit of those that filtered.

    Raises:
        UserError: a file is missing or of another version.
    """
    task = load_task(params.task)
    recorded = read_json(files.decision)
    decision = Decision.from_json(recorded)
    evidence = read_json(files.evidence)
    total = count_records(files.synthetic, task.records.synthetic)
    pairs = sampled(iterate_records(files.synthetic, task.records.synthetic), total, params.report.pairs)
    judged = {r: files.judged / f"{r}/judgements.parquet" for r in range(1, params.stopping.max_rounds + 1)}
    filtered = [r for r, path in judged.items() if count_records(path, Judgement)]
    shown = {pair.id for pair in pairs}
    judgements = {r: [one for one in iterate_records(judged[r], Judgement) if one.id in shown] for r in filtered}
    passages, entries = browsed(pairs, judgements, params.filter, task)
    used = [key for key in params.data.sources if _is_used(*params.data.role_of(key), params.lang)]
    cards = [read_json(files.cards / f"{key}.card.json") for key in used]
    return PageContent(
        name=f"{task.name}, {' and '.join(params.lang)}, seed {params.seed}",
        metrics=task.metrics,
        nouns=task.nouns,
        settings=settings(params, task),
        systems=evidence["systems"],
        deltas=evidence["deltas"],
        trained=params.lang,
        rounds=[{"round": r, "silver": read_json(files.rounds / str(r) / "silver.json")} for r in [0, *filtered]],
        decision=recorded,
        best=system_name(best_round(decision.history).round),
        generation=read_json(files.generation),
        audit=[{"round": r, "languages": read_json(files.rounds / str(r) / "audit.json")} for r in filtered],
        leaks=read_json(files.overlaps),
        diversity=read_json(files.diversity),
        paper=[published for published in task.published if published.language in params.lang],
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
    pairs: Sequence[Example], judgements: Mapping[int, Sequence[Judgement]], rule: Filter, task: AnyTask
) -> tuple[list[str], list[Pair]]:
    """The distinct passages of `pairs`, and the pairs with what each round's labeler said of them."""
    shown = [task.shown(pair) for pair in pairs]
    places = {passage: i for i, passage in enumerate(dict.fromkeys(one.passage for one in shown if one.passage))}
    said = {number: {judgement.id: judgement for judgement in made} for number, made in judgements.items()}
    entries: list[Pair] = [
        {
            "id": pair.id,
            "language": pair.language,
            "lines": one.lines,
            "passage": places.get(one.passage),
            "answer": one.answer,
            "start": one.start,
            "rounds": [_judged(number, made[pair.id], rule, task) for number, made in said.items() if pair.id in made],
        }
        for pair, one in zip(pairs, shown, strict=True)
    ]
    return list(places), entries


def settings(params: Params, task: AnyTask) -> dict[str, str]:
    """The settings a reader asks for first; of `prompting`, whose keys depend on the task, all numbers."""
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
        "agreement threshold": f"{task.least_agreement(params.filter):.3g}",
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


def _judged(number: int, judgement: Judgement, rule: Filter, task: AnyTask) -> JudgedPair:
    return {
        "round": number,
        "answer": judgement.labeler_answer,
        "start": judgement.labeler_start,
        "confidence": round(judgement.labeler_confidence, 4),
        "agreement": round(judgement.agreement, 4),
        "kept": judgement.kept,
        "why": why(judgement, rule, task),
    }
