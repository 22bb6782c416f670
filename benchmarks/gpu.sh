#!/usr/bin/env bash
# Generation, training and labelling on a GPU, each beside its plain counterpart, in about five minutes: bash benchmarks/gpu.sh
set -euo pipefail
cd "$(dirname "$0")/.."
python benchmarks/generation.py --prompts 1024 --plain-batch 512 --batch-tokens 524288 --skip-server
python benchmarks/training.py --questions 300 --epochs 16 --batch 32 --systems ours,before
python benchmarks/labelling.py --pairs 153
