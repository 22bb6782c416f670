"""Export an encoder student to ONNX, and say how far the two agree.

optimum runs in an environment of its own, which `make onnx` makes. The student and its export then answer the same examples, of the
dev set or of a file.
"""

import argparse
import sys
from pathlib import Path

from gemquad.workspace import Workspace

EXAMPLES = (
    "gemquad export",
    "gemquad export --model models/students/round-1 --out round-1-onnx --file questions.jsonl",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """The student, the output folder, and the examples on which student and export are compared."""
    parser.add_argument("--format", choices=["onnx"], default="onnx", help="of the export (default onnx)")
    parser.add_argument(
        "--model",
        type=Path,
        default=Workspace().best,
        metavar="FOLDER",
        help="the student's folder (default models/best)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Workspace().onnx,
        metavar="FOLDER",
        help="where the export goes (default models/onnx)",
    )
    parser.add_argument("--file", type=Path, help="rows to compare on, as for `gemquad predict` (default the dev set)")
    parser.add_argument("--examples", type=int, default=64, metavar="N", help="at most so many of them (default 64)")
    python = Path(sys.prefix) / "onnx/bin/python"
    parser.add_argument(
        "--python",
        type=Path,
        default=python,
        metavar="FILE",
        help="an interpreter that has optimum-onnx (default that of `make onnx`)",
    )


def run(args: argparse.Namespace) -> None:
    """Export the student, compare it with its export and print the result."""
    from gemquad.serving.onnx import export_onnx, inputs_to_compare, parity

    inputs = inputs_to_compare(args.model, args.file, args.examples)
    export_onnx(args.model, args.out, args.python)
    found = parity(args.model, args.out, inputs)
    print(
        f"{args.out}: on {found.examples} examples ({found.inputs} model inputs) logits differ from torch's in fp32 by at most "
        f"{found.difference:.1e}, and {found.equal:.1%} of the answers are equal"
    )
