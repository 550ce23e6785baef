# The commands; each works on a clean clone with Python 3.11 or newer, make and git.
.PHONY: serve test check bench soak
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

# Quick; `make bench FORM=whole` repeats every measurement and takes its time.
bench: .venv/bench
	$(BIN)/python -m benchmarks $(FORM)

# Kills, storms and fuzzing, for long; `make soak PART=kills` takes one of them.
soak: .venv/soak
	$(BIN)/python -m tests.soak $(PART)

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

.venv/bench .venv/soak: .venv/%: .venv/ready
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[$*]'
	@touch $@
