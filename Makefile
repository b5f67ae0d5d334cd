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
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11") if sys.version_info < (3, 11) else 0'
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@echo "installing pinned packages into $(VENV)"
	@awk '/^uv==/{take=1} take{print} take && !/\\$$/{exit}' requirements.txt > $(VENV)/uv.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
	@$(VENV)/bin/uv pip sync --quiet --python $(PY) --require-hashes requirements.txt
	@touch $@

# The sandbox and the services' repository are real programs of the system; so is what a test starts by itself.
PROGRAMS := bwrap:bubblewrap git:git
integration integration-local chaos bench: PROGRAMS += redis-server:redis-server
.PHONY: system
system:
	@missing=""; for pair in $(PROGRAMS); do \
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

# Tests of the stores sync thousands of small files: in memory, where there is some, that costs nothing.
MEMORY := $(shell test "$$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)" -gt 1000000 2>/dev/null && echo /dev/shm)
.PHONY: test
test: $(STAMP) ## unit tests: no sockets, two and a half minutes; from Python 3.12 on with coverage
	@rm -rf build/coverage && mkdir -p build/coverage
	@$(if $(MEMORY),PYTEST_DEBUG_TEMPROOT=$(MEMORY)) $(PY) -m pytest -n auto --dist worksteal -p tests.measured tests/unit
	@if ls build/coverage/data.* >/dev/null 2>&1; then \
	    set -o pipefail; $(PY) -m coverage combine --quiet && $(PY) -m coverage report | tail -n 3; \
	else echo "coverage: not measured on this Python; make coverage does"; fi

.PHONY: coverage
coverage: ## the same with coverage on every Python, at twice the time, and a line for each file
	@COVERAGE_CORE=ctrace $(MAKE) --no-print-directory test
	@$(PY) -m coverage report

.PHONY: check
check: $(STAMP) ## lint, types and import rules
	@$(VENV)/bin/ruff format --check --quiet . || { echo "run: make format"; exit 1; }
	@$(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/mypy incident tools policies agents graph evals tests
	@$(VENV)/bin/lint-imports --no-logo

# What measures rates, or heals a live lab, needs the machine alone; the others mostly wait.
ALONE := $(addprefix tests/integration/,house lab)
BESIDE := -n 2 --dist loadfile $(addprefix --ignore ,$(ALONE))
.PHONY: integration-local
integration-local: setup ## tests that each meet one real thing, and start it themselves; about twenty minutes
	@$(PY) -m pytest --timeout 600 $(BESIDE) --ignore tests/integration/elasticsearch tests/integration
	@$(PY) -m pytest --timeout 600 $(ALONE)

.PHONY: integration
integration: setup ## the same and those of real servers, which ELASTICSEARCH_URL must name
	@test -n "$$ELASTICSEARCH_URL" || { echo "set ELASTICSEARCH_URL to a server for tests, or run: make integration-local" >&2; exit 1; }
	@$(PY) -m pytest --timeout 600 $(BESIDE) tests/integration
	@$(PY) -m pytest --timeout 600 $(ALONE)

.PHONY: e2e
e2e: setup ## whole incidents on the live lab; about fifteen minutes
	@$(PY) -m pytest tests/e2e --timeout 600

.PHONY: evals
evals: setup ## every live scenario, judged by its hidden oracle
	@$(PY) -m evals.run --all

.PHONY: soak
soak: setup ## the demo DEMOS times and the scenarios ROUNDS times, with figures in build/soak.json
	@$(PY) -m evals.soak --demos $(DEMOS) --rounds $(ROUNDS) --json build/soak.json

.PHONY: bench
bench: setup ## canary, locks, audit, durability, sandbox, memory: each beside a peer or a floor, into build/bench; seven minutes
	@failed=""; for name in canary locks audit durability sandbox memory; do \
	    $(PY) -m evals.bench.$$name --json build/bench/$$name.json || failed="$$failed $$name"; done; \
	test -z "$$failed" || { echo "targets missed by:$$failed" >&2; exit 1; }

.PHONY: chaos
chaos: setup ## real kills and pauses of real processes, and every state of broken metrics; thirteen minutes
	@$(PY) -m evals.chaos --json build/chaos.json
	@$(PY) -m evals.bench.lock_pauses --json build/lock_pauses.json
	@$(PY) -m pytest -n auto tests/exhaustive

.PHONY: attacks
attacks: setup ## a model that obeys attackers, judged by the world; and fuzzed model outputs
	@$(PY) -m evals.attacks.run --json build/attacks.json
	@$(PY) -m evals.attacks.fuzz --json build/fuzz.json

.PHONY: bench-repair
bench-repair: setup ## bugs of published kinds, judged by hidden tests; OPENAI_* add a model
	@$(PY) -m evals.bench.repair --json build/repair.json

.PHONY: bench-diagnosis
bench-diagnosis: $(STAMP) ## worlds with a planted cause, simulated: how often the ranking of suspects finds it
	@$(PY) -m evals.bench.diagnosis --json build/diagnosis.json

.PHONY: record
record: $(STAMP) ## record the tapes of a real model anew (needs OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL)
	@$(PY) -m tests.cassettes.record

.PHONY: mutants
mutants: $(STAMP) ## change policies and stores in small ways: the share of a sample that a test notices
	@$(PY) -m evals.bench.mutants --json build/mutants.json

.PHONY: format
format: $(STAMP) ## format the code
	@$(VENV)/bin/ruff format --quiet .
	@$(VENV)/bin/ruff check --quiet --fix .

.PHONY: lock
lock: $(STAMP) ## pin what pyproject.toml declares again
	@$(VENV)/bin/uv pip compile pyproject.toml --group dev --group bench --group notebooks --python-version 3.11 --generate-hashes --no-emit-index-url --quiet --custom-compile-command "make lock" -o requirements.txt

.PHONY: clean
clean: ## remove what the targets above made here
	@rm -rf $(VENV) build mutants .mypy_cache .ruff_cache .import_linter_cache .hypothesis
