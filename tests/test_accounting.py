"""What a generation gave and cost, written out for four completions; and what the store remembers of the time it took."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import completion, labelled, pair, sample_prompts
from gemquad.generation.accounting import account, provenance, timing
from gemquad.generation.backend import Promises
from gemquad.generation.backends.scripted import ScriptedBackend
from gemquad.generation.engine import Engine
from gemquad.generation.pairs import Plan, generate_pairs
from gemquad.generation.request import Generated
from gemquad.generation.store import Store
from gemquad.params import Prices, load_params
from gemquad.tasks.kinds import load_task
from gemquad.tasks.prompts import load_prompter
from task_sections import task_of

PARAMS = load_params(Path(__file__).parents[1] / "params.yaml")
TASK = load_task(PARAMS.task)
PRICES = Prices(prompt_tokens=2.0, completion_tokens=10.0, hour=900.0)
COMPLETIONS = [
    completion("a", keys=["a", "judged a"], prompt_tokens=3, completion_tokens=2, judged_tokens=5),
    completion("b", keys=["b"], prompt_tokens=10, completion_tokens=4, outcome="unfinished"),
    completion("c", keys=["c", "judged c"], prompt_tokens=7, completion_tokens=1, judged_tokens=6, language="hi"),
    completion("d", keys=["d"], prompt_tokens=1, completion_tokens=1, outcome="repeated pair", language="hi"),
]
PAIRS = [pair("a"), replace(pair("c", language="hi"), answer_start=0)]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """What the completions took: 32 tokens in, 8 out, 4 seconds; and one that is none of them."""
    store = Store(tmp_path / "completions.db")
    store.add({"model": "m"}, {"a": Generated(prompt_tokens=3, completion_tokens=2)}, seconds=0.5)
    store.add({"model": "m"}, {"b": Generated(prompt_tokens=10, completion_tokens=4)}, seconds=1.5)
    rest = {"c": Generated(prompt_tokens=7, completion_tokens=1), "d": Generated(prompt_tokens=1, completion_tokens=1)}
    store.add({"model": "m"}, rest, seconds=1.25)
    store.add(
        {"model": "m"}, {"judged a": Generated(prompt_tokens=5), "judged c": Generated(prompt_tokens=6)}, seconds=0.75
    )
    store.add({"model": "m"}, {"another": Generated(prompt_tokens=1000, completion_tokens=1000)}, seconds=1000.0)
    return store


def test_counts_and_costs_by_language_and_in_total() -> None:
    report = account(COMPLETIONS, PAIRS, PRICES, TASK)
    assert report["languages"] == {
        "es": {
            "prompts": 2,
            "outcomes": {"ok": 1, "unfinished": 1},
            "synthetic_pairs": 1,
            "prompt_tokens": 13,
            "completion_tokens": 6,
            "judged_tokens": 5,
            "cost": 0.000096,
            "cost_per_pair": 0.000096,
            "facts": {"extractive_share": 1.0},
            "warnings": [],
        },
        "hi": {
            "prompts": 2,
            "outcomes": {"ok": 1, "repeated pair": 1},
            "synthetic_pairs": 1,
            "prompt_tokens": 8,
            "completion_tokens": 2,
            "judged_tokens": 6,
            "cost": 0.000048,
            "cost_per_pair": 0.000048,
            "facts": {"extractive_share": 0.0},
            "warnings": [],
        },
    }
    assert report["total"] == {
        "prompts": 4,
        "outcomes": {"ok": 2, "repeated pair": 1, "unfinished": 1},
        "synthetic_pairs": 2,
        "prompt_tokens": 21,
        "completion_tokens": 8,
        "judged_tokens": 11,
        "cost": 0.000144,
        "cost_per_pair": 0.000072,
    }


def test_without_pairs_nothing_is_divided_by_them() -> None:
    report = account(COMPLETIONS, [], PRICES, TASK)
    total, facts = report["total"], report["languages"]["es"]["facts"]
    assert (total["synthetic_pairs"], facts["extractive_share"], total["cost_per_pair"]) == (0, 0.0, 0.0)
    assert total["cost"] == 0.000144
    assert account([], [], PRICES, TASK)["languages"] == {}


def test_what_the_task_finds_wrong_is_told_by_language() -> None:
    settings = {
        "name": "reviews",
        "kind": "text_classification",
        "labels": {"positive": "1", "negative": "0"},
        "columns": {"text": "text", "label": "label"},
        "metrics": ["accuracy"],
    }
    made = [labelled("a", language="es"), labelled("c", language="hi"), labelled("d", label="negative", language="hi")]
    report = account(COMPLETIONS, made, PRICES, load_task(task_of(settings)))
    assert report["languages"]["es"]["facts"] == {"label_positive": 1, "label_negative": 0}
    assert len(report["languages"]["es"]["warnings"]) == 1
    assert report["languages"]["hi"]["facts"] == {"label_positive": 1, "label_negative": 1}
    assert report["languages"]["hi"]["warnings"] == []


def test_time_is_what_the_store_remembers(store: Store) -> None:
    taken = timing(COMPLETIONS, len(PAIRS), store, PRICES)["time"]
    assert taken == {
        "seconds": 4.0,
        "tokens_per_second": 10.0,
        "completion_tokens_per_second": 2.0,
        "pairs_per_minute": 30.0,
        "cost_with_hours": pytest.approx(1.000144),
        "cost_per_pair_with_hours": pytest.approx(0.500072),
    }
    assert timing(COMPLETIONS, 0, store, PRICES)["time"]["cost_per_pair_with_hours"] == 0.0


def test_a_judgement_that_two_completions_share_took_its_time_once(store: Store) -> None:
    sharing = [replace(COMPLETIONS[0], keys=["a", "judged c"]), replace(COMPLETIONS[2], keys=["c", "judged c"])]
    assert timing(sharing, 2, store, PRICES)["time"]["seconds"] == 1.5


def test_both_reports_name_the_same_completions(store: Store) -> None:
    digest = account(COMPLETIONS, PAIRS, PRICES, TASK)["completions"]
    assert len(digest) == 16 and set(digest) <= set("0123456789abcdef")
    assert timing(COMPLETIONS, len(PAIRS), store, PRICES)["completions"] == digest
    assert account(COMPLETIONS, [], Prices(), TASK)["completions"] == digest
    assert account(COMPLETIONS[:3], [], PRICES, TASK)["completions"] != digest
    changed = [*COMPLETIONS[:3], replace(COMPLETIONS[3], keys=["e"])]
    assert account(changed, PAIRS, PRICES, TASK)["completions"] != digest


def test_a_second_run_writes_the_same_reports(tmp_path: Path) -> None:
    generation = replace(PARAMS.generation, rank_by="answer_gain")
    plan = Plan(load_prompter(PARAMS.task, PARAMS.prompting, generation), generation)
    engine = Engine(ScriptedBackend(), Store(tmp_path / "completions.db"))
    reports = []
    for _ in range(2):
        completions, pairs = generate_pairs(sample_prompts(4, 3), engine, plan)
        taken = timing(completions, len(pairs), engine.store, PRICES)
        reports.append(json.dumps([account(completions, pairs, PRICES, TASK), taken, provenance(engine)]))
    assert reports[0] == reports[1]


def test_provenance_names_the_generator_its_promises_and_whether_it_was_found_to_heed_seeds(tmp_path: Path) -> None:
    engine = Engine(ScriptedBackend(), Store(tmp_path / "completions.db"))
    assert provenance(engine) == {
        "backend": "scripted",
        "model": "scripted",
        "promises": {
            "seeds": True,
            "independent": True,
            "constraint": True,
            "likelihoods": True,
            "ignored": "temperature, top_k, top_p",
        },
    }
    engine.store.note_promises(engine.backend.identity, Promises(False, False, True, True, ("top_k",)))
    assert provenance(engine)["promises"] == {
        "seeds": False,
        "independent": True,
        "constraint": True,
        "likelihoods": True,
        "ignored": "temperature, top_k, top_p",
    }, "the rest follows from the settings of now, which another run with the same generator may not share"
