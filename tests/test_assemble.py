from dataclasses import replace

from conftest import pair
from gemquad.params import Filter
from gemquad.report.assemble import browsed, sampled
from gemquad.schema import Judgement

RULE = Filter("f1", 0.8, 0.0, "reselect")


def judgement(identifier: str, f1: float, kept: bool) -> Judgement:
    return Judgement(identifier, "es", "Lima", 12, 0.51239, f1, float(f1 == 1.0), kept)


def test_a_sample_is_fixed_and_in_order() -> None:
    pairs = [pair(f"p{i}") for i in range(50)]
    chosen = sampled(pairs, 7)
    assert chosen == sampled(pairs, 7) and len(chosen) == 7
    assert [p.id for p in chosen] == [p.id for p in pairs if p in chosen]
    assert sampled(pairs, None) == sampled(pairs, 50) == pairs


def test_a_pair_shows_what_every_round_said_of_it() -> None:
    other = replace(pair("q"), passage="Luis vive en Lima.", answer_start=13)
    made = {1: [judgement("p", 0.5, False), judgement("q", 1.0, True)], 2: [judgement("p", 1.0, True)]}
    passages, (first, second) = browsed([pair("p"), other], made, RULE)
    assert passages == ["Ana vive en Lima y trabaja en Cusco.", "Luis vive en Lima."]
    assert [(r["round"], r["kept"], r["why"]) for r in first["rounds"]] == [
        (1, False, "F1 0.50; F1 of 0.8 is asked for"),
        (2, True, "the labeler agrees, F1 1.00"),
    ]
    assert (second["passage"], second["rounds"][0]["confidence"]) == (1, 0.5124)
