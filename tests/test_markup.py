from gemquad.report.markup import Markup, element, folded, join


def test_text_is_escaped_and_markup_is_not() -> None:
    assert element("p", "a < b & ", element("b", "c")) == "<p>a &lt; b &amp; <b>c</b></p>"
    assert join(["<", Markup("<i></i>")]) == "&lt;<i></i>"


def test_attributes_are_quoted_renamed_and_left_out() -> None:
    written = element("td", "x", class_="a", aria_label='"q" <', hidden=True, colspan=2, id=None, title=False)
    assert written == '<td class="a" aria-label="&quot;q&quot; &lt;" hidden colspan="2">x</td>'


def test_a_void_element_has_no_end() -> None:
    assert element("input", type="search") == '<input type="search">'


def test_folded_content() -> None:
    assert folded("more", "text") == "<details><summary>more</summary>text</details>"
