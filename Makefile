# The four commands; each works on a clean clone with Python 3.11 or newer, make and git.
.PHONY: serve test check bench
PYTHON ?= python3
BIN := .venv/bin

serve: .venv/ready
	$(BIN)/bylaw serve

test: .venv/ready
	$(BIN)/pytest -n auto -q

check: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bylaw check
	$(BIN)/bylaw test

bench: .venv/ready
	$(BIN)/python -m benchmarks

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@
