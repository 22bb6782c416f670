"""One table for a paper: every system by language with its intervals, what the test set could show, and the command that made it.

Markdown or LaTeX with the package booktabs, of one content.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gemquad.report.content import PageContent
from gemquad.report.formatting import MISSING, change, count, interval, score, system_label
from gemquad.report.languages import language_name
from gemquad.report.markdown import escaped
from gemquad.rounds.stopping import system_name
from gemquad.schema.results import ALL

_LATEX = str.maketrans(
    {character: f"\\{character}" for character in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "'": r"\textquotesingle{}"}
    | {"<": r"\textless{}", ">": r"\textgreater{}", "−": "$-$", "±": r"$\pm$", "–": "--"}
)
"""What pdfLaTeX takes for a command or does not have."""


@dataclass(frozen=True)
class ResultsTable:
    """The heads of the columns, the rows with whether the system is the selected one, and sentences for below."""

    heads: Sequence[str]
    rows: Sequence[tuple[Sequence[str], bool]]
    notes: Sequence[str]
    command: str

    def markdown(self) -> str:
        """A table, its notes and the command as paragraphs."""
        lines = [map(escaped, self.heads), ("---",) * 2 + ("--:",) * (len(self.heads) - 2)]
        lines += [(cells[0], f"**{cells[1]}**", *cells[2:]) if selected else cells for cells, selected in self.rows]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return "\n\n".join([table, *map(escaped, self.notes), f"    {self.command}"])

    def latex(self) -> str:
        """A floating table; its document needs `\\usepackage{booktabs}` and, for the quotes of the command, textcomp."""
        rows = [
            [rf"\textbf{{{latex(cell)}}}" if selected and i == 1 else latex(cell) for i, cell in enumerate(cells)]
            for cells, selected in self.rows
        ]
        body = [r" & ".join(line) + r" \\" for line in rows]
        notes = " ".join([*map(latex, self.notes), rf"Made by \texttt{{{latex(self.command)}}}."])
        return "\n".join(
            [
                r"% \usepackage{booktabs}",
                r"\begin{table}",
                r"\centering",
                rf"\begin{{tabular}}{{ll{'r' * (len(self.heads) - 2)}}}",
                r"\toprule",
                " & ".join(map(latex, self.heads)) + r" \\",
                r"\midrule",
                *body,
                r"\bottomrule",
                r"\end{tabular}",
                rf"\caption{{{notes}}}",
                r"\end{table}",
            ]
        )


def latex(text: str) -> str:
    """The text as pdfLaTeX sets it."""
    return text.translate(_LATEX)


def results_table(content: PageContent, power: Sequence[str], command: str) -> ResultsTable:
    """The table of a finished run; `power` are the sentences of `scoring.power_forecast`."""
    labels = content.labels
    heads = ["language", "system", *labels, *(f"gain in {label}" for label in labels), "silver"]
    tested = [language for language in content.tested if language not in content.trained]
    rows = [row for language in [*content.shown, *tested] for row in _rows(content, language)]
    seeds = ", ".join(map(str, sorted({seed for system in content.systems for seed in system.seeds})))
    scored = ", ".join(f"{count(content.examples('test', x))} in {language_name(x)}" for x in content.tested)
    notes = [
        f"On test, in percent, with 95% intervals; a gain is over the baseline, in points. Selected on dev: "
        f"{system_label(content.best)}. Test {content.terms.example}s: {scored}. Seeds: {seeds}.",
        *(f"{line[:1].upper()}{line[1:]}." for line in power),
    ]
    return ResultsTable(heads, rows, notes, command)


def _rows(content: PageContent, language: str) -> Iterator[tuple[Sequence[str], bool]]:
    numbers = {system_name(number): number for number in content.round_numbers}
    for system in content.systems_in_order:
        if system.score("test", language) is None:
            continue
        scores = [f"{score(one.value)} ({interval(one.low, one.high)})" if one else MISSING
                  for one in content.scores(system, "test", language)]  # fmt: skip
        gains = [
            change(one) if one else MISSING for one in content.differences(system.system, system_name(0), language)
        ]
        silver = content.silver(numbers.get(system.system, 0), language)
        name = "all" if language == ALL else language_name(language)
        made = count(silver.silver) if silver else MISSING
        yield [name, system_label(system.system), *scores, *gains, made], system.system == content.best
