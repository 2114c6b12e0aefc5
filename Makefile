# make demo — reads the sample circulars and writes a task table and a trace page into outputs/
# make test — linters, type check and all tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test format benchmark clean

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[test]"
	touch $@

demo: $(VENV)/.installed
	$(BIN)/taizhang --ledger outputs/ledger.db ingest corpus/*.txt
	$(BIN)/taizhang --ledger outputs/ledger.db export outputs/责任分工表.xlsx
	$(BIN)/taizhang --ledger outputs/ledger.db export outputs/原文对照.html
	$(BIN)/taizhang --ledger outputs/ledger.db verify

test: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto

format: $(VENV)/.installed-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

benchmark: $(VENV)/.installed-test
	$(BIN)/python -m benchmarks.intake && $(BIN)/python -m benchmarks.extraction && $(BIN)/python -m benchmarks.ledger && $(BIN)/python -m benchmarks.web

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
