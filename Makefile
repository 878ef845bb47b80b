# The only interface: what CI calls is what you call.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOME_DIR ?= var

.PHONY: run dev lint check api test test-host contract demo doc bench fuzz format clean

run: $(VENV)/.run
	$(BIN)/gcf-am up --home $(HOME_DIR) $(UP)

dev: $(VENV)/.dev

$(VENV)/.run: setup.cfg pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# What is written down against what is declared: doc/api, the last release, the specs; it writes nothing
check: $(VENV)/.dev
	$(BIN)/python scripts/make_api --check
	$(BIN)/python scripts/check_specs.py

# Makes doc/api anew from gcf_am/surface: reference, release notes, snapshot
api: $(VENV)/.dev
	$(BIN)/python scripts/make_api

test: $(VENV)/.dev
	$(BIN)/pytest -n auto --dist loadgroup --whole-surface
	$(BIN)/pytest --real-nodes

# Of the tests only those that make real nodes and links, as root; see gcf-am probe.
test-host: $(VENV)/.dev
	$(BIN)/pytest --real-nodes

# What every driver promises, tried on an installed one: make contract DRIVER=name [SETTINGS=file]
contract: $(VENV)/.dev
	$(BIN)/pytest tests/contract/driver --driver $(DRIVER) $(if $(SETTINGS),--driver-settings $(SETTINGS))

demo: $(VENV)/.run
	$(BIN)/python scripts/demo

# The site of doc/, for a browser: build/doc/index.html; all of it anew, with drawings of the code
doc: $(VENV)/.dev
	$(BIN)/sphinx-build -E -W -n --keep-going -q -b html doc build/doc
	@echo "the site: build/doc/index.html"

# Some parts, quickly: make bench PARTS="calls lifecycle" PLAN=quick; see doc/performance.md
PLAN ?= full
bench: $(VENV)/.dev
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]' || \
	  echo "matplotlib is not to be had: the curves stay as they are"
	$(BIN)/python -m bench --plan $(PLAN) $(PARTS)

# Goes on where the fixed runs of the tests end: make fuzz TARGET=signed SECONDS=3600
TARGET ?= all
SECONDS ?= 600
fuzz: $(VENV)/.dev
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[fuzz]' || \
	  echo "atheris has no build for this Python: the search is blind to coverage"
	$(BIN)/python scripts/fuzz $(TARGET) $(SECONDS)

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
