# Everything a checkout needs is made below .venv; only Python 3.11 or newer, git and make are taken for granted.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# How many processes run the tests, and what else pytest is told: make test ARGS="-k demo"
WORKERS ?= auto
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo setup test bench fuzz lint format samples screenshots clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.installed ## open the review on sample runs that keep arriving
	@$(BIN)/assay demo

setup: $(VENV)/.tools ## make .venv with everything that tests and checks need

# Many tests start the program: what is compiled once, below .venv, serves all of them.
test: export PYTHONDONTWRITEBYTECODE =
test: export PYTHONPYCACHEPREFIX = $(CURDIR)/$(VENV)/compiled
test: $(VENV)/.tools ## run the whole test suite
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

bench: $(VENV)/.tools ## measure time and memory, as a table and in build/bench.json
	@$(BIN)/python -m tests.bench --json build/bench.json

fuzz: $(VENV)/.fuzz ## look for input that crashes or hangs what reads: make fuzz ARGS="loader --seconds 600"
	@$(BIN)/python -m tests.fuzz $(ARGS)

lint: $(VENV)/.tools ## check format, lint, types and the order of the layers
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: $(VENV)/.tools ## put the code into its standard form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

samples: $(VENV)/.tools ## write the sample runs anew
	@$(BIN)/python -m tests.samples_source

screenshots: $(VENV)/.pictures ## draw the pictures of every screen anew
	@$(BIN)/python -m tests.make_screenshots $(ARGS)

clean: ## remove what was built; decisions and traces are never touched
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache snapshot_report.html
	@rm -rf core/columns/*.c core/columns/*.so core/columns/*.pyd *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The installation is editable: it follows the sources, so only what is compiled or described makes it stale.
$(VENV)/.installed: pyproject.toml setup.py $(wildcard core/columns/*.pyx core/columns/*.pxi)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Assay needs Python 3.11 or newer; try: make PYTHON=python3.12")'
	@echo "Making $(VENV) with $$($(PYTHON) --version) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip>=25.1'
	@echo "Installing Assay …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.tools: $(VENV)/.installed
	@echo "Installing what tests and checks need …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group test --group lint
	@touch $@

$(VENV)/.fuzz: $(VENV)/.tools
	@echo "Installing what fuzzes …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group fuzz
	@touch $@

$(VENV)/.pictures: $(VENV)/.tools
	@echo "Installing what draws the pictures …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group pictures
	@touch $@
