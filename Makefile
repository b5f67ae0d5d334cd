# `make help` lists the targets.  Everything is set up in .venv on first use.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed
DEMOS ?= 20
ROUNDS ?= 5

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11") if sys.version_info < (3, 11) else 0'
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@echo "installing pinned packages into $(VENV)"
	@awk '/^uv==/{take=1} take{print} take && !/\\$$/{exit}' requirements.txt > $(VENV)/uv.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
	@$(VENV)/bin/uv pip sync --quiet --python $(PY) --require-hashes requirements.txt
	@touch $@

# The sandbox and the services' repository are real programs of the system.
.PHONY: system
system:
	@missing=""; for pair in bwrap:bubblewrap git:git; do \
	    command -v $${pair%%:*} >/dev/null || missing="$$missing $${pair##*:}"; done; \
	if [ -n "$$missing" ]; then \
	    if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	        echo "installing$$missing"; apt-get update -qq && apt-get install -y -qq $$missing >/dev/null; \
	    else echo "missing:$$missing; install with: sudo apt-get install$$missing" >&2; exit 1; fi; fi

.PHONY: setup
setup: $(STAMP) system ## set up .venv with the pinned packages, and bubblewrap

.PHONY: demo
demo: setup ## break a live service and watch it being healed
	@$(PY) -m evals.demo

.PHONY: test
test: $(STAMP) ## unit tests: no sockets, about two minutes
	@$(PY) -m pytest -n auto tests/unit

.PHONY: check
check: $(STAMP) ## lint, types and import rules
	@$(VENV)/bin/ruff format --check --quiet . || { echo "run: make format"; exit 1; }
	@$(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/mypy incident tools policies agents graph evals tests
	@$(VENV)/bin/lint-imports --no-logo

.PHONY: integration
integration: setup ## tests that each meet one real thing: the sandbox, git, the lab, kills
	@$(PY) -m pytest tests/integration

.PHONY: e2e
e2e: setup ## whole incidents on the live lab; about fifteen minutes
	@$(PY) -m pytest tests/e2e --timeout 600

.PHONY: evals
evals: setup ## every live scenario, judged by its hidden oracle
	@$(PY) -m evals.run --all

.PHONY: soak
soak: setup ## the demo DEMOS times and the scenarios ROUNDS times, with figures in build/soak.json
	@$(PY) -m evals.soak --demos $(DEMOS) --rounds $(ROUNDS) --json build/soak.json

.PHONY: format
format: $(STAMP) ## format the code
	@$(VENV)/bin/ruff format --quiet .
	@$(VENV)/bin/ruff check --quiet --fix .

.PHONY: lock
lock: $(STAMP) ## pin requirements.in again
	@$(VENV)/bin/uv pip compile requirements.in --python-version 3.11 --generate-hashes --no-emit-index-url --quiet --custom-compile-command "make lock" -o requirements.txt

.PHONY: clean
clean: ## remove what the targets above made here
	@rm -rf $(VENV) build .mypy_cache .ruff_cache .import_linter_cache .hypothesis
