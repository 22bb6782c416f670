"""Put the selected student and the silver in folders to share, each with its card."""

from gemquad.cards.dataset import dataset_card
from gemquad.cards.model import model_card
from gemquad.cards.silver import shared_round, write_silver
from gemquad.commandline import parse_paths
from gemquad.copying import link_or_copy
from gemquad.errors import exit_on_user_error
from gemquad.files import read_json, read_result, write_text
from gemquad.params import load_params
from gemquad.report.assemble import Files, assemble
from gemquad.schema.results import DECISION

INPUTS = ("rounds", "judged", "cards", "decision", "generation", "evidence", "overlaps", "synthetic", "diversity")


def main() -> None:
    args = parse_paths(__doc__, *INPUTS, "params", "best", "model", "dataset")
    params = load_params(args.params)
    content = assemble(params, Files(**{name: getattr(args, name) for name in INPUTS}))
    link_or_copy(args.best, args.model)
    write_text(args.model / "README.md", model_card(content, params, read_json(args.best / "config.json")))
    number = shared_round(read_result(args.decision, DECISION))
    parts = write_silver(args.dataset, args.synthetic, args.judged / f"{number}/judgements.parquet", params)
    write_text(args.dataset / "README.md", dataset_card(content, params, parts, number))


if __name__ == "__main__":
    exit_on_user_error(main)
