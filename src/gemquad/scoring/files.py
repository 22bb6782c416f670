"""Score a file of predictions, as `gemquad score` does."""

from pathlib import Path
from typing import Any

from gemquad.errors import UserError
from gemquad.files import read_json
from gemquad.scoring.qa import best_over_references
from gemquad.text.characters import flaw, shown
from gemquad.text.languages import is_language, nearest_language


def score_file(path: Path, with_rows: bool) -> dict[str, Any]:
    """{"f1", "exact_match"} in percent over all rows; with `with_rows` also {"id", "f1", "exact_match"} (0 to 1) of each.

    The file is {"language": …, "rows": [{"id", "prediction", "references": [...]}]}.

    Raises:
        UserError: the file is missing, malformed or empty.
    """
    document = read_json(path)
    if not isinstance(document, dict) or not isinstance(document.get("language"), str):
        raise UserError(f'{path}: expected an object with "language" and "rows". See `gemquad score --help`.')
    language = document["language"]
    if not is_language(language):
        raise UserError(
            f"{path}: {shown(language)} is no language code (BCP-47); nearest: {nearest_language(language)}. Correct it there."
        )
    rows = document.get("rows")
    if not isinstance(rows, list) or not rows:
        raise UserError(f'{path}: "rows" is missing or empty. Add the predictions to score.')
    scored = [_score_row(row, language, f"{path}: rows[{i}]") for i, row in enumerate(rows)]
    result: dict[str, Any] = {
        metric: 100 * sum(row[metric] for row in scored) / len(scored) for metric in ("f1", "exact_match")
    }
    return {**result, "rows": scored} if with_rows else result


def _score_row(row: Any, language: str, where: str) -> dict[str, Any]:
    if not isinstance(row, dict) or not isinstance(row.get("prediction"), str):
        raise UserError(f'{where}: "prediction" is missing or not a string. Give every row one (it may be empty).')
    references = row.get("references")
    if not isinstance(references, list) or not references or not all(isinstance(r, str) for r in references):
        raise UserError(f'{where}: "references" is not a list of strings with at least one. Mend the row.')
    identifier = row.get("id")
    if not isinstance(identifier, str | int | None):
        raise UserError(
            f'{where}: "id" is {shown(identifier)}, neither a string nor a whole number. Correct or remove it.'
        )
    for found in filter(None, map(flaw, (str(identifier), row["prediction"], *references))):
        raise UserError(f"{where}: holds {found}. Mend the row.")
    f1, exact_match = best_over_references(row["prediction"], references, language)
    return {"id": identifier, "f1": f1, "exact_match": exact_match}
