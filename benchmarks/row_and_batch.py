"""Whether a row's text depends on its batch: the same requests alone, in batches of 2, of 32 and of 512 rows at once.

python benchmarks/row_and_batch.py [--prompts 96] [--dtype float32]
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace

from generation import ROOT, requests_for, sample_prompts

from gemquad.generation.backends.in_process import TransformersBackend
from gemquad.params import load_params
from gemquad.tasks.requests import Request


def main() -> None:
    """Print the share of rows with the same text as alone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--prompts", type=int, default=96, help="rows that are compared; 512 of them have others beside them"
    )
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32")
    args = parser.parse_args()
    params = load_params(ROOT / "params.yaml")
    requests = requests_for(params, sample_prompts(params, max(args.prompts, 512)))
    some = requests[: args.prompts]
    # So many tokens that all rows of a batch are on their way at once.
    generation = replace(params.generation, dtype=args.dtype, batch_tokens=2**20)
    backend = TransformersBackend(params.generator, generation)
    alone = texts(backend, some, 1)
    for rows in (2, 32, 512):
        together = texts(backend, requests[: max(rows, len(some))], rows)
        same = sum(a == b for a, b in zip(alone, together, strict=False))
        print(f"{args.dtype}, batches of {rows}: {same} of {len(some)} rows as alone", flush=True)
        print(f"ratio row-in-{rows} {same / len(some):.3f}")


def texts(backend: TransformersBackend, requests: Sequence[Request], rows: int) -> list[dict[str, str]]:
    """The texts of all requests in batches of `rows`, in their order."""
    batches = [list(requests[at : at + rows]) for at in range(0, len(requests), rows)]
    return [one.texts for _, results in backend.run(batches) for one in results]


if __name__ == "__main__":
    main()
