"""Write the report page, the table of rounds, and the rows that `dvc plots` draws."""

from gemquad.commandline import parse_paths
from gemquad.errors import exit_on_user_error
from gemquad.files import read_json, write_json, write_text
from gemquad.params import load_params
from gemquad.report.assemble import Files, assemble
from gemquad.report.page import page
from gemquad.report.plots import loss_rows, score_rows, silver_rows
from gemquad.report.summary import summary

INPUTS = ("rounds", "judged", "cards", "decision", "generation", "evidence", "overlaps", "synthetic", "diversity")


def main() -> None:
    args = parse_paths(__doc__, *INPUTS, "params", "page", "summary", "score-rows", "silver-rows", "loss-rows")
    content = assemble(load_params(args.params), Files(**{name: getattr(args, name) for name in INPUTS}))
    write_text(args.page, page(content))
    write_text(args.summary, summary(content))
    write_json(args.score_rows, score_rows(content))
    write_json(args.silver_rows, silver_rows(content))
    curves = {number: read_json(args.judged / f"{number}/curve.json") for number in content.round_numbers}
    write_json(args.loss_rows, loss_rows(curves))


if __name__ == "__main__":
    exit_on_user_error(main)
