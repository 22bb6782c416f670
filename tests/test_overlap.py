import time

import pytest

from gemquad.errors import UserError
from gemquad.schema.results import Overlap
from gemquad.sources.overlap import Located, find_overlaps, refuse_overlaps

SPANISH = (
    "El faro de la isla se encendió por primera vez en 1871, y durante noventa años lo cuidó la misma familia de pescadores, "
    "que subía cada tarde los ciento doce escalones con una lámpara de aceite en la mano."
)
HINDI = (
    "द्वीप का दीपस्तंभ पहली बार १८७१ में जला और नब्बे साल तक मछुआरों का एक ही परिवार उसकी देखभाल करता रहा, जो हर शाम हाथ में "
    "तेल का दीया लेकर एक सौ बारह सीढ़ियाँ चढ़ता था।"
)
JAPANESE = "灯台は1871年に初めて点灯され、九十年のあいだ同じ漁師の一家が毎日百十二段の階段を上って守り続けた。"


def compare(
    roles: str, sources: list[str], targets: list[str], allowed: list[str] | None = None, least: int = 1
) -> Overlap:
    first, second = roles.split("-")
    held = {first: [Located(text, "a.json") for text in sources], second: [Located(text, "b.json") for text in targets]}
    return next(overlap for overlap in find_overlaps(held, allowed or [], least) if overlap.roles == roles)


def test_finds_shared_passages_up_to_case_and_white_space() -> None:
    found = compare("passages-test", ["Uno  \n dos.", "Tres."], ["uno dos."])
    assert (found.compared, found.identical, found.near) == ((2, 1), 1, 0)
    assert found.examples[0].beginnings == ("Uno dos.", "uno dos.") and found.examples[0].files == ("a.json", "b.json")


@pytest.mark.parametrize("passage", [SPANISH, HINDI, JAPANESE])
def test_finds_an_excerpt_whichever_role_it_stands_in(passage: str) -> None:
    excerpt = passage[: len(passage) // 3]
    for source, target in ((passage, excerpt), (excerpt, passage)):
        found = compare("gold-dev", [source], [target])
        assert (found.identical, found.near) == (0, 1)
        assert found.examples[0].beginnings == (source[:60], target[:60])


def test_finds_a_light_edit() -> None:
    assert compare("exemplars-test", [SPANISH.replace("misma", "única")], [SPANISH]).near == 1


def test_a_shared_phrase_is_no_leak() -> None:
    other = "Durante noventa años lo cuidó la misma familia de pescadores y nadie más quiso aquel oficio ni aquella soledad."
    found = compare("passages-test", [other], [SPANISH])
    assert (found.identical, found.near, found.examples) == (0, 0, ())


def test_characters_of_a_script_without_spaces_count_one_by_one_also_after_a_number() -> None:
    assert compare("gold-dev", [JAPANESE], [f"昔、{JAPANESE[3:14]}。"]).near == 1


def test_a_passage_of_under_eight_words_is_found_only_whole() -> None:
    assert compare("gold-dev", ["El faro de la isla"], [SPANISH]).near == 0
    assert compare("gold-dev", ["¡El faro de la isla!"], ["El faro de la isla"]).near == 1


def test_short_texts_of_which_half_is_the_same_are_counted_and_not_refused() -> None:
    captions = ("赤い傘の女の子が橋を渡っています。", "赤い傘の女の子が橋を渡っていました。")
    minimal_pair, excerpt = [captions[0]], [JAPANESE[: len(JAPANESE) // 2]]
    found = compare("gold-dev", [captions[1], JAPANESE], [*minimal_pair, *excerpt, "昔の話です。"], least=10)
    assert (found.compared, found.identical, found.near, found.alike) == ((2, 3), 0, 1, 1)
    assert [example.beginnings[1] for example in found.examples] == excerpt
    alone = compare("gold-dev", [captions[1]], minimal_pair, least=10)
    assert (alone.near, alone.alike, alone.examples) == (0, 1, ())
    refuse_overlaps([alone])


def test_a_short_text_is_still_refused_where_it_is_identical() -> None:
    assert compare("gold-dev", ["本を読んだ。"], ["本を読んだ。"], least=64).identical == 1


def test_of_several_sources_the_one_that_shares_most_is_shown() -> None:
    less, more = SPANISH[: len(SPANISH) // 2], SPANISH[:-9]
    found = compare("gold-dev", [less, more], [SPANISH])
    assert (found.near, found.examples[0].beginnings) == (1, (more[:60], SPANISH[:60]))


def test_at_most_five_examples_are_shown_identical_ones_first() -> None:
    identical = [f"Frase número {i}." for i in range(4)]
    found = compare("passages-dev", [SPANISH, HINDI, *identical], [SPANISH[:-9], HINDI[:-9], *identical])
    assert (found.compared, found.identical, found.near) == ((6, 6), 4, 2)
    assert [example.beginnings[1] for example in found.examples] == [*identical, SPANISH[:60]]


def test_every_pair_with_evaluation_is_reported_and_sharing_between_sources_is_fine() -> None:
    same = [Located("a", "x")]
    found = find_overlaps({"gold": [], "exemplars": same, "passages": same, "translated": [], "dev": [], "test": []})
    assert [overlap.roles for overlap in found] == [
        *(f"{source}-dev" for source in ("gold", "translated", "exemplars", "passages")),
        *(f"{source}-test" for source in ("gold", "translated", "exemplars", "passages")),
        "dev-test",
    ]
    refuse_overlaps(found)


def test_dev_and_test_must_differ_too() -> None:
    assert compare("dev-test", ["a"], ["a"]).identical == 1


def test_refuses_unless_named() -> None:
    found = r"gold and dev share texts \(1 identical, 0 nearly, 0 of one data set\), e\.g\. “Uno…” in a\.json "
    with pytest.raises(UserError, match=found + r"and “UNO…” in b\.json\. Remove .*allow_overlap=\[gold-dev\]"):
        refuse_overlaps([compare("gold-dev", ["Uno"], ["UNO"])])
    with pytest.raises(UserError, match=r"gold and dev share texts \(1 identical, 1 nearly"):
        refuse_overlaps([compare("gold-dev", ["Uno", SPANISH], ["Uno", SPANISH[:99]])])
    refuse_overlaps([compare("gold-dev", ["Uno"], ["Uno"], allowed=["gold-dev"])])


def test_thousands_of_passages_take_seconds() -> None:
    """A guard against comparing all with all; 100,000 with 10,000 took half a minute on one core."""
    many = [" ".join(f"w{(i * 7919 + j * j) % 9973}" for j in range(80)) for i in range(5_000)]
    began = time.monotonic()
    found = compare("gold-test", many, [*many[:10], *(f"x{passage}" for passage in many[10:2000])])
    assert (found.identical, found.near) == (10, 1990)
    assert time.monotonic() - began < 30


def test_a_parallel_data_set_is_found_though_its_languages_look_nothing_alike() -> None:
    spanish, hindi = Located("Ana vive en Lima.", "hub:xquad"), Located("आना लीमा में रहती है।", "hub:xquad")
    other = Located("आना कुस्को में रहती है।", "hub:mlqa-test")
    found = {o.roles: o for o in find_overlaps({"passages": [spanish], "test": [hindi, other], "dev": [other]})}
    assert found["passages-test"].parallel == 1 and found["passages-dev"].parallel == 0
    with pytest.raises(UserError, match=r"1 of one data set.*hub:xquad"):
        refuse_overlaps([found["passages-test"]])
