"""Files of labelled texts, one or two in a row (`sources.labelled`)."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from gemquad.errors import UserError
from gemquad.schema import LabelledText
from gemquad.sources.cleaning import Tally
from gemquad.sources.faults import Faults
from gemquad.sources.format import FileFacts
from gemquad.sources.hub import Wanted
from gemquad.sources.labelled import read_card, read_labelled
from gemquad.sources.labelled_rows import labelled_rows
from gemquad.tasks.labelled.labels import Classes, Labels, Numbers
from gemquad.tasks.settings import Classification, Similarity


class LabelledFormat:
    """Reads files of labelled texts. Roles are compared by text, or by pair of texts.

    Single sentences look alike without a leak: JCoLA's are minimal pairs, and a caption stands in several pairs of JSTS. Texts of
    train and valid of which half is the same share up to 56 runs of eight characters there, so the gate refuses from 64 on.
    """

    record = LabelledText
    roles = ("dev", "test")
    least_shared_runs = 64

    def __init__(self, settings: Classification | Similarity) -> None:
        self._columns = settings.columns
        self._labels: Labels = (
            Classes(settings.labels) if isinstance(settings, Classification) else Numbers(*settings.range)
        )

    def read(self, path: Path, language: str, role: str, faults: Faults | None = None) -> list[Any]:
        """The labelled texts of a file, in its order."""
        if role == "passages":
            raise UserError(
                f"{path}: a task over labelled texts asks about no passages. Remove it: -S data.languages.{language}.passages=null."
            )
        return read_labelled(path, language, self._columns, self._labels.read, faults)

    def card(self, path: Path) -> dict[str, Any] | None:
        """The data card under the document's key "card"; None without one."""
        return read_card(path)

    def facts(self, role: str, examples: Sequence[LabelledText]) -> FileFacts:
        """The labels and the number of examples of each."""
        return self._labels.facts(role, [example.label for example in examples])

    def text(self, example: LabelledText) -> str:
        """The text, or both texts in any order, so that a pair equals its reverse."""
        return example.texts_in_any_order

    def clean(self, records: Iterable[Any], wanted: Wanted) -> tuple[dict[str, Any], Tally]:
        """The rows that have their texts and a label, and the counts of the rows."""
        rows, tally = labelled_rows(records, wanted, self._columns, self._labels.is_missing)
        return {"rows": rows}, tally
