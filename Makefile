# `make help` lists the targets.  Everything is set up in .venv on first use.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11") if sys.version_info < (3, 11) else 0'
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@echo "installing pinned packages into $(VENV)"
	@grep -A400 '^uv==' requirements.txt | awk 'NR==1 || /^    --hash/ {print} NR>1 && !/^    / {exit}' > $(VENV)/uv.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
	@$(VENV)/bin/uv pip sync --quiet --python $(PY) --require-hashes requirements.txt
	@touch $@

.PHONY: setup
setup: $(STAMP) ## set up .venv with the pinned packages

.PHONY: check
check: $(STAMP) ## lint, types and import rules
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy incident tools policies agents graph evals tests
	@$(VENV)/bin/lint-imports --no-logo

.PHONY: test
test: $(STAMP) ## unit tests: no sockets, seconds
	@$(PY) -m pytest tests/unit

.PHONY: lock
lock: $(STAMP) ## pin requirements.in again
	@$(VENV)/bin/uv pip compile requirements.in --python-version 3.11 --generate-hashes --no-emit-index-url --quiet --custom-compile-command "make lock" -o requirements.txt
