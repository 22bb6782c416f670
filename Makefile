# Everything a fresh machine needs is Python 3.11+ and make; `make help` lists the targets.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export DVC_NO_ANALYTICS := 1

.DEFAULT_GOAL := help
.PHONY: help env repro test fuzz kills lint locks ui onnx docs docs-serve clean

help:  ## List the targets.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

env: $(VENV)/.ready  ## Make .venv with the versions this project was tested with.

# Every file is checked against the hashes in locks/. torch goes in first and alone: its builds for CPU and CUDA have their own hashes,
# pip takes the CPU build where an index has it; only the other needs NVIDIA's libraries. What has to be built is built by the setuptools that came with it.
INSTALL = -m pip install --disable-pip-version-check --no-deps --no-build-isolation --use-pep517
# Of pip's lines those of large files are shown as they come (awk may hold them back until it has a block); errors are shown as they are.
SHOWN = $(BIN)/python locks/shown.py
install = { $(BIN)/python $(INSTALL) $(1) || touch $(VENV)/failed; } | $(SHOWN); ! rm $(VENV)/failed 2>/dev/null
$(VENV)/.ready: pyproject.toml $(wildcard locks/*.txt)
	@echo "making $(VENV): about 1.2 GB to load, 3 to 10 minutes (with CUDA 4 GB, longer)"
	@$(PYTHON) -m venv $(VENV) && rm -f $(VENV)/failed
	@echo "  1 of 3: torch"
	@$(BIN)/python $(INSTALL) --require-hashes --requirement locks/torch-cpu.txt 2>/dev/null | $(SHOWN)
	@$(call install,--require-hashes --requirement locks/torch.txt)
	@if $(BIN)/python -m pip show torch | grep -q nvidia; then $(call install,--require-hashes --requirement locks/cuda.txt); fi
	@echo "  2 of 3: $$(grep -c == locks/all.txt) other packages, models for the embedded default among them"
	@$(call install,--require-hashes --requirement locks/all.txt)
	@echo "  3 of 3: this project"
	@$(BIN)/python $(INSTALL) --quiet --editable .
	@$(BIN)/python -m pip check --quiet
	@touch $@

locks:  ## Renew locks/ after a change of pyproject.toml or the constraints (needs uv; OPTIONS go to it).
	@locks/renew $(OPTIONS)

repro: env  ## Run the whole method on the embedded default; a second call finds nothing to do.
	@$(BIN)/gemquad lock
	@$(BIN)/gemquad watch
	@$(BIN)/gemquad summary

# One thread for each of two processes: most of the time goes into starting DVC and its stages, which one core does.
test: env  ## Run the tests (real DVC, real MLflow, tiny and real models).
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 --dist worksteal

kills: env  ## Kill stages and runs at random moments (KILLS=100), run them again, count what went wrong.
	@KILLS=$(or $(KILLS),100) OMP_NUM_THREADS=1 $(BIN)/python -m pytest --capture=no tests/test_kills.py

# INPUTS=…, SEED=… (printed by a run, to repeat it). Inputs that fail are kept in .gemquad/fuzz.
fuzz: env  ## Give every reader of files and answers odd inputs, 20,000 in all, and print what became of them.
	@OMP_NUM_THREADS=1 PYTHONPATH=tests $(BIN)/python tests/fuzz_run.py --inputs $(or $(INPUTS),20000) $(if $(SEED),--seed $(SEED))

lint: env  ## Check style and types.
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

ui: env  ## Compare experiments in MLflow on http://127.0.0.1:5000 (loopback only).
	@$(BIN)/gemquad ui

docs: env  ## Write the reference and build the documentation into site/.
	@$(BIN)/python docs/generate.py
	@$(BIN)/zensical build --strict

docs-serve: env  ## Show the documentation while it is written, on http://127.0.0.1:8000 (loopback only).
	@$(BIN)/zensical serve --dev-addr 127.0.0.1:8000

onnx: env $(VENV)/onnx/.ready  ## Make the environment in which `gemquad export` runs optimum, .venv/onnx.

# optimum-onnx needs transformers below 4.58. torch again goes in first and alone.
$(VENV)/onnx/.ready: locks/onnx.txt
	$(PYTHON) -m venv $(VENV)/onnx
	$(VENV)/onnx/bin/python $(INSTALL) --quiet --require-hashes --requirement locks/torch-cpu.txt 2>/dev/null || true
	$(VENV)/onnx/bin/python $(INSTALL) --quiet --require-hashes --requirement locks/torch.txt
	if $(VENV)/onnx/bin/python -m pip show torch | grep -q nvidia; then \
	  $(VENV)/onnx/bin/python $(INSTALL) --quiet --require-hashes --requirement locks/cuda.txt; fi
	$(VENV)/onnx/bin/python $(INSTALL) --quiet --require-hashes --requirement locks/onnx.txt
	@touch $@

clean:  ## Remove the environment; data, models and experiments stay.
	rm -rf $(VENV)
