# make run    both services on this machine, with demo patients; Ctrl-C ends them
# make test   every test, on a real PostgreSQL and a real Kafka
# make check  format, lint, types, imports, lock file
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.complete

.DEFAULT_GOAL := help
.PHONY: help run test check format kafka clean compose-secrets

help:
	@sed -n 's/^# //p' $(MAKEFILE_LIST)

run: $(READY)
	@exec $(BIN)/coursewatch up $(ARGS)

test: $(READY)
	$(BIN)/python -m pytest $(ARGS)

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.architecture.lock_file

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Fetches Kafka ahead of the first test that needs it.
kafka: $(READY)
	$(BIN)/python -m tests.real_parts.broker

# The password of the compose layout's database; never in a tracked file.
compose-secrets: deploy/secrets/postgres_password
deploy/secrets/postgres_password:
	@mkdir -p $(@D) && chmod 700 $(@D)
	@$(PYTHON) -c "import secrets; print(secrets.token_urlsafe(24), end='')" > $@
	@chmod 644 $@

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || \
	  { echo "Python 3.11 or later is needed. Say which: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

clean:
	rm -rf build .mypy_cache .ruff_cache .import_linter_cache .hypothesis
