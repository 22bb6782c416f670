"""Write the page, its verdict, the table of rounds, what DVC shows as metrics and plots, and the folders to share with cards."""

from gemquad.cards.dataset import dataset_card
from gemquad.cards.model import model_card
from gemquad.cards.silver import shared_round, write_silver
from gemquad.commandline import run_stage
from gemquad.copying import link_or_copy_files
from gemquad.files import read_json, read_result, write_json, write_text
from gemquad.params import Params, load_params
from gemquad.report.answer import answer
from gemquad.report.assemble import assemble
from gemquad.report.content import PageContent
from gemquad.report.page import page
from gemquad.report.plots import loss_rows, score_rows, silver_rows
from gemquad.report.summary import summary
from gemquad.report.verdict import verdict
from gemquad.schema.results import SELECTION
from gemquad.workspace import Workspace


def main() -> None:
    files = Workspace()
    params = load_params(files.params)
    content = assemble(params, files)
    write_text(files.page, page(content))
    write_text(files.verdict, f"{verdict(content).text}\n")
    write_text(files.summary, summary(content))
    write_json(files.answer, answer(content))
    write_json(files.score_plot, list(score_rows(content)))
    write_json(files.silver_plot, list(silver_rows(content)))
    curves = {number: read_json(files.round(number).curve) for number in content.round_numbers}
    write_json(files.loss_plot, list(loss_rows(curves)))
    release(content, params, files)


def release(content: PageContent, params: Params, files: Workspace) -> None:
    """The selected student and the silver as folders to share."""
    link_or_copy_files(files.best, files.released_model)
    write_text(files.model_card, model_card(content, params, read_json(files.best / "config.json")))
    number = shared_round(content.decision, read_result(files.selection, SELECTION).round)
    parts = write_silver(files, number, params)
    write_text(files.data_card, dataset_card(content, params, parts, number))


if __name__ == "__main__":
    run_stage(main)
