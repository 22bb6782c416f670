"""The drawings as text: what they say, how they take colours, and that nothing in a label becomes markup."""

import re
from xml.etree import ElementTree

from markupsafe import Markup

from gemquad.report.charts import Row, interval_chart, line_chart
from gemquad.schema.results import Delta, Interval

ROWS = [Row("es F1", Interval(2.0, 1.0, 3.0)), Row("hi F1", Interval(-2.5, -7.0, 2.0))]


def gain(low: float, high: float) -> Delta:
    value = (low + high) / 2
    where = {"system": "a", "against": "b", "split": "test", "language": "es", "metric": "f1"}
    return Delta(**where, value=value, low=low, high=high, seeds=[1], holds_zero=low <= 0 <= high)


def drawn(rows: list[Row], name: str = "x") -> Markup:
    return interval_chart(name, "Gains", rows, (-10.0, 10.0), with_sign=True)


def lines(**series: list[Interval | None]) -> Markup:
    return line_chart("y", "Scores", ["baseline", "round 1"], series, (0.0, 100.0), chosen=1)


def texts(drawing: Markup) -> list[str]:
    root = ElementTree.fromstring(str(drawing).replace("<svg ", '<svg xmlns:xlink="x" ', 1))
    return [node.text or "" for node in root.iter("text")]


def dots(drawing: Markup, colour: str) -> list[str]:
    """How the dots of a colour are filled."""
    return re.findall(rf"fill: var\(--([\w-]+)\); stroke: var\(--{colour}\)", drawing)


def test_a_chart_says_its_numbers_to_those_who_do_not_see_it() -> None:
    said = 'aria-label="Gains: es F1 +2.0 (+1.0 to +3.0); hi F1 −2.5 (−7.0 to +2.0) n.s."'
    assert said in drawn(ROWS) and 'role="img"' in drawn(ROWS)
    assert 'aria-label="Scores: test baseline 50.0 (40.0–60.0)."' in lines(test=[Interval(50.0, 40.0, 60.0), None])


def test_ticks_are_round_have_their_sign_and_labels_stand_once() -> None:
    assert texts(drawn(ROWS)) == ["−10", "−5", "0", "+5", "+10", "es F1", "hi F1"]


def test_a_dot_is_hollow_where_the_interval_holds_0() -> None:
    assert dots(drawn([Row("a", gain(1.0, 3.0))]), "accent")[-1] == "accent"
    assert dots(drawn([Row("a", gain(-1.0, 3.0))]), "accent")[-1] == "paper"


def test_series_differ_in_more_than_colour() -> None:
    found = [Interval(50.0, 40.0, 60.0), Interval(60.0, 50.0, 70.0)]
    drawing = lines(test=found, dev=found)
    assert "paper" in dots(drawing, "second") and "paper" not in dots(drawing, "accent")
    assert "stroke-dasharray" in drawing
    assert {"test", "dev", "selected", "baseline", "round 1"} <= set(texts(drawing))


def test_colours_are_those_of_the_style_sheet_and_nothing_else_is_styled() -> None:
    drawing = drawn(ROWS)
    assert not re.search("#[0-9a-f]{6}|font-family|<style|<metadata|<!--", drawing)
    assert "var(--accent)" in drawing and "var(--quiet)" in drawing


def test_labels_stay_text() -> None:
    label = '<script>alert(1)</script> $x^ "font-family: x; --> &lt;'
    assert label in texts(drawn([Row(label, Interval(1.0, 0.0, 2.0))]))
    assert "<script" not in drawn([Row(label, Interval(1.0, 0.0, 2.0))])


def test_equal_values_give_equal_text_and_identifiers_are_those_of_the_name() -> None:
    def ids(drawing: Markup) -> set[str]:
        return set(re.findall(r' id="([^"]*)"', drawing))

    assert drawn(ROWS) == drawn(ROWS)
    assert ids(drawn(ROWS)) and ids(drawn(ROWS)).isdisjoint(ids(drawn(ROWS, "another")))


def test_a_style_of_the_user_changes_nothing() -> None:
    import matplotlib

    before = drawn(ROWS)
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red"}):
        assert drawn(ROWS) == before
        assert matplotlib.rcParams["font.size"] == 30


def test_without_estimates_a_chart_is_empty() -> None:
    assert {"baseline", "round 1"} <= set(texts(lines(test=[None, None], dev=[None, None])))
