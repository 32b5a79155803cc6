# Each target makes what it needs first: .venv from requirements.lock and the system's packages.
# PYTHON, PORT, CONSOLE_DATA_DIR and DEMO are honoured; ARGS goes to pytest.

SHELL := /bin/sh
BIN := .venv/bin

# Each of the many processes would compile all of our modules anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test faults search lint bench messages setup setup-test
.NOTPARALLEL:

run: export DEMO ?= 1
run: setup
	@exec $(BIN)/console up --tied $$PPID

test: setup-test
	@$(BIN)/python -m pytest -n 2 $(ARGS)

faults: setup-test
	@$(BIN)/python -m pytest tests/faults $(ARGS)

# Properties with twenty times the examples, and new ones each time.
search: setup-test
	@HYPOTHESIS_PROFILE=search $(BIN)/python -m pytest -n 2 -m hypothesis tests/domain $(ARGS)

lint: setup
	@echo "ruff"; $(BIN)/ruff check . && $(BIN)/ruff format --check .
	@echo "mypy"; $(BIN)/mypy
	@echo "import contracts"; $(BIN)/lint-imports --no-cache
	@echo "templates"; $(BIN)/djlint console/templates --quiet --lint && $(BIN)/python -m pytest tests/test_template_lint.py

bench: setup
	@rm -f bench/results.json
	@for script in bench/[a-z]*.py; do $(BIN)/python "$$script" || exit 1; done

# Brings console/locales up to the code: new texts come in empty, those that nothing needs go.
messages: setup
	@$(BIN)/python -m console.catalogues

setup:
	@deploy/setup.sh

setup-test:
	@deploy/setup.sh tests
