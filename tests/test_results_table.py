"""The table to publish: the same cells in Markdown and LaTeX, and nothing in it that LaTeX takes for a command."""

import re
import shutil
from contextlib import chdir
from pathlib import Path

import pytest

from conftest import ROOT
from gemquad.commands.results import summary
from gemquad.errors import UserError
from gemquad.report.results_table import latex, results_table
from test_page import NUMBERS, content, labelled

POWER = ["F1: a difference of two systems has ±3.1 points; 50% & more"]
COMMAND = "dvc exp run -S 'lang=[hi]' -S filter.min_f1=0.5"


def test_markdown_has_scores_gains_power_and_the_command() -> None:
    lines = results_table(content(), POWER, COMMAND).markdown().splitlines()
    assert lines[:4] == [
        "| language | system | F1 | EM | gain in F1 | gain in EM | silver |",
        "| --- | --- | --: | --: | --: | --: | --: |",
        "| Spanish | baseline | 58.5 (54.5–62.5) | 48.5 (44.5–52.5) | – | – | – |",
        "| Spanish | **round 1** | 60.9 (56.9–64.9) | 50.9 (46.9–54.9) | +2.4 (−1.0 to +5.8) n.s. | +6.5 (+1.2 to +11.8) | 5 |",
    ]
    assert "| German | baseline | 59.5 (55.5–63.5) | 49.5 (45.5–53.5) | – | – | – |" in lines, "not trained, but tested"
    assert any(
        "Selected on dev: round 1. Test questions: 153 in Spanish, 153 in German. Seeds: 13." in x for x in lines
    )
    assert "F1: a difference of two systems has ±3.1 points; 50% \\& more." in lines
    assert lines[-1] == f"    {COMMAND}"


def test_latex_has_the_same_cells() -> None:
    lines = results_table(content(), POWER, COMMAND).latex().splitlines()
    assert lines[3] == r"\begin{tabular}{llrrrrr}"
    assert lines[8] == (
        r"Spanish & \textbf{round 1} & 60.9 (56.9--64.9) & 50.9 (46.9--54.9) & +2.4 ($-$1.0 to +5.8) n.s. & +6.5 (+1.2 to +11.8) "
        r"& 5 \\"
    )
    (caption,) = [line for line in lines if line.startswith(r"\caption{")]
    assert r"has $\pm$3.1 points; 50\% \& more." in caption
    assert r"\texttt{dvc exp run -S \textquotesingle{}lang=[hi]\textquotesingle{} -S filter.min\_f1=0.5}" in caption


def test_latex_is_balanced_and_has_a_cell_for_every_column() -> None:
    for shown in (content(), labelled(NUMBERS, -3.2)):
        text = results_table(shown, ["a {brace} and $5 of #1"], "dvc exp run -S 'task.labels={a_b:1}'").latex()
        plain = re.sub(r"\\[{}&%$#_]", "", text)
        assert (
            plain.count("{") == plain.count("}") and plain.count("$") % 2 == 0 and "#" not in plain and "_" not in plain
        )
        body = plain[plain.index(r"\toprule") : plain.index(r"\bottomrule")]
        columns = len(re.search(r"\{(l+r+)\}", plain)[1])  # type: ignore[index]
        assert {line.count("&") + 1 for line in body.splitlines() if line.endswith(r"\\")} == {columns}
        assert text.isascii()


def test_what_latex_would_read_is_escaped() -> None:
    assert latex(r"50% & {x}_1 #2 ~ ^ \ $") == (
        r"50\% \& \{x\}\_1 \#2 \textasciitilde{} \textasciicircum{} \textbackslash{} \$"
    )


def test_a_table_never_carries_the_command_of_another_run(tmp_path: Path) -> None:
    for name in ("params.yaml", "dvc.lock", "reports/summary.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    params = tmp_path / "params.yaml"
    params.write_text(params.read_text(encoding="utf-8").replace("seed: 13", "seed: 14"), encoding="utf-8")
    with (
        chdir(tmp_path),
        pytest.raises(UserError, match=r"params\.yaml has other settings than the run that ended last"),
    ):
        summary("latex")
