from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from gemquad.files import write_json, write_result
from gemquad.generation.accounting import account
from gemquad.params import Params, load_params
from gemquad.params.data import LanguageFiles
from gemquad.parquet import write_records
from gemquad.report.assemble import assemble, browsed, sampled, settings
from gemquad.report.page import page
from gemquad.report.summary import summary
from gemquad.rounds.audit import audit, summarise
from gemquad.rounds.silver import count, judge
from gemquad.schema import Completion, Judgement, LabelledText, SyntheticPair
from gemquad.schema.results import SELECTION, Decision, RoundResult, Selection
from gemquad.scoring.diversity import diversity_by
from gemquad.scoring.intervals import intervals
from gemquad.scoring.sheets import SystemAnswers, answers, sheets
from gemquad.settings.compose import compose
from gemquad.tasks.answers import Answer
from gemquad.tasks.loading import load_saved_task
from gemquad.views.loading import load_view
from gemquad.workspace import Workspace
from task_sections import prompting_of, task_of, wording_of

ROOT = Path(__file__).parents[1]
READING = load_saved_task({"name": "reading", "kind": "extractive_qa"})
CAPTIONS = task_of(
    {
        "name": "captions",
        "kind": "pair_classification",
        "labels": {"entailment": "0", "contradiction": "1", "neutral": "2"},
        "columns": {"text": "text", "second": "other", "label": "label"},
        "metrics": ["accuracy"],
    }
)


def of_captions(defaults: Params) -> Params:
    stopping = replace(defaults.stopping, metric="accuracy")
    return replace(
        defaults, task=CAPTIONS, prompting=prompting_of(wording_of(CAPTIONS.labels), CAPTIONS), stopping=stopping
    )


@pytest.fixture(scope="module")
def defaults(tmp_path_factory: pytest.TempPathFactory) -> Params:
    """The shipped configuration, with one round."""
    target = tmp_path_factory.mktemp("composed") / "params.yaml"
    return load_params(compose(ROOT, ["stopping.max_rounds=1", "filter.min_f1=0.8"], target))


def pair(identifier: str, passage: str = "Ana vive en Lima y trabaja en Cusco.", answer: str = "Lima") -> SyntheticPair:
    return SyntheticPair(identifier, "es", "x", passage, "¿Dónde vive Ana?", answer, passage.index(answer))


def judgement(identifier: str, agreement: float, kept: bool) -> Judgement:
    return Judgement(identifier, "es", "Lima", 12, 0.51239, agreement, float(kept), 0.51239, False, 1.0, kept)


def caption(number: int, label: str) -> LabelledText:
    return LabelledText(f"c{number}", "ja", f"犬が走る、{number}", "動物がいる", label)


def test_a_sample_is_fixed_and_in_order() -> None:
    pairs = [pair(f"p{i}") for i in range(50)]
    chosen = sampled(pairs, 50, 7)
    assert chosen == sampled(pairs, 50, 7) and len(chosen) == 7
    assert [p.id for p in chosen] == [p.id for p in pairs if p in chosen]
    assert sampled(pairs, 50, None) == sampled(pairs, 50, 50) == pairs


def test_a_pair_shows_what_every_round_said_of_it(defaults: Params) -> None:
    other = pair("q", "Luis vive en Lima.")
    made = {1: [judgement("p", 0.5, False), judgement("q", 1.0, True)], 2: [judgement("p", 1.0, True)]}
    passages, (first, second) = browsed([pair("p"), other], made, defaults.filter, READING, load_view(READING))
    assert passages == ["Ana vive en Lima y trabaja en Cusco.", "Luis vive en Lima."]
    assert first["lines"] == [("question", "¿Dónde vive Ana?")]
    assert [(r["round"], r["agreement"], r["kept"]) for r in first["rounds"]] == [(1, 0.5, False), (2, 1.0, True)]
    assert "0.80 is asked for" in first["rounds"][0]["why"] and "agrees" in first["rounds"][1]["why"]
    assert (second["passage"], second["start"], second["rounds"][0]["confidence"]) == (1, 13, 0.5124)


def test_a_pair_that_no_round_judged_says_why(defaults: Params) -> None:
    rule = replace(defaults.filter, keep_fraction=0.125)
    made = {1: [judgement("p", 0.5, False)], 2: [judgement("p", 1.0, True)]}
    _, (judged, cut) = browsed([pair("p"), pair("q")], made, rule, READING, load_view(READING))
    assert "why" not in judged and cut["rounds"] == []
    assert cut["why"] == "not among the likeliest 12.5% (filter.keep_fraction)"
    _, (entry,) = browsed([pair("p")], {}, rule, READING, load_view(READING))
    assert "why" not in entry, "no round has judged"


def test_pairs_without_a_passage_have_none(defaults: Params) -> None:
    captions = load_saved_task(CAPTIONS)
    passages, (entry,) = browsed([caption(1, "neutral")], {}, defaults.filter, captions, load_view(captions))
    assert passages == []
    assert entry["lines"] == [("text", "犬が走る、1"), ("second text", "動物がいる")]
    assert (entry["answer"], entry["passage"], entry["start"]) == ("neutral", None, -1)


def test_settings_are_the_numbers_of_the_task_and_say_where_there_is_no_gold(defaults: Params) -> None:
    found = settings(defaults, READING)
    assert (found["shots"], found["prompts per passage"]) == ("4", "6")
    assert (found["agreement threshold"], found["decides on dev"]) == ("0.8", "F1")
    assert found["gold"] == "data/sample/gold.en.json"
    bare = replace(of_captions(defaults), data=replace(defaults.data, gold=None))
    found = settings(bare, load_saved_task(CAPTIONS))
    assert [found[name] for name in ("gold", "shots", "prompts", "words share")] == ["no gold", "0", "900", "0.5"]
    assert {"solve", "words"}.isdisjoint(found)


def finished_run(folder: Path, defaults: Params) -> tuple[Params, Workspace]:
    """What the stages leave of a run over three classes: a baseline, a round, and prompting beside them."""
    task = load_saved_task(CAPTIONS)
    labels = list(task.classes)
    dev, test = ([caption(i, labels[i % 3]) for i in range(first, first + 12)] for first in (0, 12))
    pairs = [caption(i, labels[i % 2]) for i in range(100, 106)]

    def system(name: str, right: int, **updates: int) -> SystemAnswers:
        """The first `right` examples of each split have their own class, the others the next one."""
        said = [
            task.prediction(example, split, Answer(labels[(i + (i % 12 >= right)) % 3], -1, 0.9))
            for split, examples in (("dev", dev), ("test", test))
            for i, example in enumerate(examples)
        ]
        return SystemAnswers(name, "", updates, {13: answers(said)})

    rounds = [system("baseline", 6, gold=10), system("round-1", 9, silver=5, gold=10)]
    splits = sheets({"dev": dev, "test": test}, task)
    judged = judge(pairs, [[[Answer("entailment", -1, 0.7)]]] * len(pairs), set(), defaults.filter, task)
    probes = task.audit_pairs(dev, seed=13)
    audited = audit(probes, [[[Answer("neutral", -1, 0.5)]]] * len(probes), defaults.filter, task)
    silver = count(judged, set())
    history = [RoundResult(0, 50.0), RoundResult(1, 75.0, 6, 3, 3)]
    completions = [Completion(p.id, [p.id], "ja", p.text, "ok", 0.0, 0.0, 9, 5, 0) for p in pairs]
    files = Workspace(folder)
    write_json(files.round(0).silver_counts, {})
    write_json(files.round(1).silver_counts, silver)
    write_json(files.round(1).audit, summarise(audited, task))
    write_records(files.round(1).judgements, Judgement, judged)
    card = {"key": "gold", "role": "gold", "language": "ja", "path": "gold.jsonl", "records": 12, "hub": None}
    write_json(files.card("gold"), {**card, "labels": Counter(e.label for e in dev)})
    write_json(files.round(1).decision, Decision(True, "round 1: the only round (stopping.max_rounds)", history))
    write_result(files.selection, SELECTION, Selection(**asdict(history[1]), stopped="", system="round-1"))
    write_json(files.generation, account(completions, pairs, defaults.prices, task, generator={}))
    write_json(files.intervals, intervals(rounds, [system("zero_shot_llm", 3)], "round-1", splits, task))
    write_json(files.overlaps, [])
    write_records(files.synthetic, LabelledText, pairs)
    write_json(files.diversity, {"ja": diversity_by({"all": [p.text for p in pairs], "few": [pairs[0].text]})})
    data = replace(defaults.data, gold_language="ja", languages={"ja": LanguageFiles()}, sources={"gold": "gold.jsonl"})
    found = replace(of_captions(defaults), lang=["ja"], data=data)
    return replace(found, stopping=replace(found.stopping, max_rounds=1)), files


def test_what_the_stages_wrote_becomes_a_page(tmp_path: Path, defaults: Params) -> None:
    content = assemble(*finished_run(tmp_path, defaults))
    assert (content.name, content.best) == ("captions, ja, seed 13", "round-1")
    assert content.prompted == ["zero_shot_llm"]
    assert [entry["rounds"][0]["kept"] for entry in content.pairs] == [True, False] * 3
    assert content.warnings[0][0] == "ja" and "'neutral'" in content.warnings[0][1]
    text = page(content)
    for said in (
        "Not enough evidence to ship round 1",
        "Round 1 minus baseline on",
        "+25.0 accuracy",
        "Diversity",
        "other label",
        "Examples by label",
    ):
        assert said in text
    lines = [line for line in summary(content).splitlines() if line.startswith("|")]
    assert lines[3] == "| ja | **round-1** | 75.0 | 75.0 | 12 | 3 of 6 |"
    assert lines[4] == "| ja | zero_shot_llm | 25.0 | 25.0 | 12 | – |"
