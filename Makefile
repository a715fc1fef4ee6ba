# Two commands do everything: `make demo` (the main job) and `make test` (all tests).
# Both make their own environment in .venv/ from locked requirements; nothing else is touched.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test lint types unit prove browser lock sample clean

PYTHON ?= python3
VENV := .venv
# Tests that share one simulator run in a session of their own; the others start whole laboratories.
SHARED := tests/simulator/ tests/courier/ tests/providers/ tests/targets/ tests/test_layers.py tests/test_loopback.py
BIN := $(VENV)/bin
# Loopback only: a proxy in the environment must not capture the calls between our own processes.
export NO_PROXY := 127.0.0.1,localhost,::1
export no_proxy := $(NO_PROXY)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONDONTWRITEBYTECODE :=

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.run ## run the whole feature suite against the reference integration with simulated providers
	@$(BIN)/payharness run -n 3

test: $(VENV)/.dev ## lint, types, and every test of the project
	@$(MAKE) --no-print-directory lint types browser unit

lint: $(VENV)/.dev ## ruff: rules and format
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(VENV)/.dev ## mypy, strict
	@$(BIN)/mypy

browser: $(VENV)/.dev
	@$(BIN)/python tests/chromium.py

unit: $(VENV)/.dev ## pytest
	@$(BIN)/python -m pytest $(SHARED)
	@$(BIN)/python -m pytest $(filter-out $(SHARED) %__pycache__,$(wildcard tests/*/ tests/test_*.py))

prove: $(VENV)/.run ## show that the scenarios can fail: every red twin turns its scenario red
	@$(BIN)/payharness prove

sample: $(VENV)/.run ## make the sample report anew
	@$(BIN)/payharness run --quiet -n 2 --run-dir .build/sample-runs || true
	@$(BIN)/payharness report --run-dir .build/sample-runs --out reports/sample

lock: ## take newer versions into the lock files (needs uv)
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q \
	  pyproject.toml requirements/build.in --extra dev -o requirements/dev.lock
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q \
	  -c requirements/dev.lock pyproject.toml requirements/build.in -o requirements/run.lock

clean: ## remove the environment and everything generated
	@rm -rf $(VENV) .build dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v[:2] <= (3, 13) else f"payment-harness needs Python 3.11 to 3.13, {sys.executable} is {v.major}.{v.minor}. Name another one: make demo PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV) || { echo "$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv"; rm -rf $(VENV); exit 1; }

$(VENV)/.run: requirements/run.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing locked dependencies into $(VENV)/ ..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/run.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing locked development dependencies into $(VENV)/ ..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.run
