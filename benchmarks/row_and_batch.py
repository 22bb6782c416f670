"""Whether a row's text depends on its batch: the same requests alone, in batches of 2 and of 32, in fp32 and in bf16.

python benchmarks/row_and_batch.py [--prompts 96]
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace

from generation import ROOT, requests_for, sample_prompts

from gemquad.generation.backends.in_process import TransformersBackend
from gemquad.generation.request import Request
from gemquad.params import load_params


def main() -> None:
    """Print the share of rows with the same text as alone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=96)
    args = parser.parse_args()
    params = load_params(ROOT / "params.yaml")
    requests = requests_for(params, sample_prompts(params, args.prompts))
    for dtype in ("float32", "bfloat16"):
        backend = TransformersBackend(params.generator, replace(params.generation, dtype=dtype))
        alone = texts(backend, requests, 1)
        for rows in (2, 32):
            together = texts(backend, requests, rows)
            same = sum(a == b for a, b in zip(alone, together, strict=True))
            print(
                f"{dtype}, batches of {rows}: {same} of {len(requests)} rows as alone ({same / len(requests):.1%})",
                flush=True,
            )


def texts(backend: TransformersBackend, requests: Sequence[Request], rows: int) -> list[dict[str, str]]:
    """The texts of all requests in batches of `rows`, in their order."""
    batches = [list(requests[at : at + rows]) for at in range(0, len(requests), rows)]
    return [one.texts for _, results in backend.run(batches) for one in results]


if __name__ == "__main__":
    main()
