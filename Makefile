# make help lists what there is. PYTHON=... chooses the interpreter that makes .venv.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help setup setup-tests demo example test check bench clean

VENV := .venv
BIN := $(VENV)/bin
EXAMPLE := build/example
# Extras that the tests are installed with; CI adds those whose tests need more than the core and the local model.
TEST_EXTRAS ?= local,dev
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable
AT_LEAST_311 := import sys; sys.exit(sys.version_info < (3, 11))

help: ## show this list
	@awk -F ':[^#]*## ' '/^[a-z-]+:[^#]*## / {printf "make %-11s %s\n", $$1, $$2}' Makefile

setup: $(VENV)/.installed ## make .venv and install the program into it; does nothing, offline, when it is current

setup-tests: $(VENV)/.installed-dev ## install what the tests need besides

demo: setup ## ask a small model on this machine real questions and write a report (about ten minutes)
	$(BIN)/longcat-repro demo

example: setup ## make reports/example anew: sample items asked of the local model, published as a sample
	rm -rf $(EXAMPLE)
	$(BIN)/longcat-repro local fetch
	$(BIN)/longcat-repro run --endpoint local --sample --max-tokens 256 --run-id example --new \
	  --results $(EXAMPLE)/results --reports $(EXAMPLE)/reports
	$(BIN)/longcat-repro publish example --as-sample --to reports/example --results $(EXAMPLE)/results

test: $(VENV)/.installed-dev ## fetch the local model if it can be had, and run the tests
	$(BIN)/longcat-repro local fetch || echo "Without the local model its tests are skipped."
	$(BIN)/python -m pytest -n auto --dist loadgroup

check: $(VENV)/.installed-dev ## lint, format and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: $(VENV)/.installed-dev ## measure speed ratios
	for file in tests/bench/bench_*.py; do $(BIN)/python -m tests.bench.$$(basename $$file .py); done

clean: ## remove .venv and caches; results/ and reports/ stay
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	@for candidate in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	  if "$$candidate" -c '$(AT_LEAST_311)' 2>/dev/null; then found=$$candidate; break; fi; \
	done; \
	if [ -z "$${found:-}" ]; then \
	  echo "longcat-repro needs Python 3.11 or later; none was found on PATH. Name one with: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; \
	fi; \
	if ! "$$found" -c 'import venv, ensurepip' 2>/dev/null; then \
	  echo "$$found has no venv module. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; \
	fi; \
	echo "Making $(VENV) with $$found ($$("$$found" --version))"; \
	rm -rf $(VENV); "$$found" -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing the program and the engine of the local model (2 to 4 minutes)"
	$(INSTALL) '.[local]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "Installing what the tests need"
	$(INSTALL) '.[$(TEST_EXTRAS)]'
	@touch $@
