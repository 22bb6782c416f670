#!/usr/bin/env bash
# Generation, training and labelling on a GPU, each beside its plain counterpart, in about five minutes: bash benchmarks/gpu.sh
set -euo pipefail
cd "$(dirname "$0")/.."
python benchmarks/generation.py --prompts 2016 --plain-batch 512 --batch-tokens 524288 --skip-server
python benchmarks/training.py --questions 300 --epochs 8 --batch 32 --before
python benchmarks/labelling.py --pairs 2000
