# make run    both services on this machine, with demo patients; Ctrl-C ends them
# make test   every test, on a real PostgreSQL and a real Kafka
# make check  format, lint, types, imports, lock files
# make mutation  whether the tests of the clinical rules notice slips of the pen; an hour (ARGS='--sample 150': minutes)
# make chaos  does the river hold when its parts break; hours (ARGS='--size short NAME': minutes)
# make bench  what it costs beside what else there is, as ratios; a quarter of an hour (ARGS='--size short NAME': seconds)
# make evidence  docs/evidence.md from what chaos and bench found
# make lint-contracts  Spectral and the AsyncAPI parser on the contracts; needs Node
# make compose  the Kafka and PostgreSQL layout in containers
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.complete

.DEFAULT_GOAL := help
.PHONY: help run test check mutation chaos bench evidence lint-contracts format kafka compose lock clean

help:
	@sed -n '1,9s/^# //p' Makefile

run: $(READY)
	@exec $(BIN)/coursewatch up $(ARGS)

# A worker a core, each with a PostgreSQL and a Kafka of its own; the tests of a file stay together.
test: $(READY)
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.architecture.lock_file

# Not part of test or check: it runs the tests of the rules once for every slip that it makes in them.
mutation: $(READY)
	$(BIN)/python -m tests.mutation $(ARGS)

# Not part of test or check: kill -9, lost replies, full disks, poison, on real parts, at full size.
chaos: $(READY)
	$(BIN)/python -m tests.chaos $(ARGS)

# Not part of test or check: the product and its baselines in turn, on real parts, at full size.
bench: $(READY)
	$(BIN)/python -m tests.benchmarks $(ARGS)

evidence: $(READY)
	$(BIN)/python -m tests.evidence

# Not part of check: Node is a developer's tool.
lint-contracts: $(READY)
	$(BIN)/python -m tests.contracts.lint

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Fetches Kafka ahead of the first test that needs it.
kafka: $(READY)
	$(BIN)/python -m tests.real_parts.broker

# The Kafka and PostgreSQL layout in containers. The password stays in .env, which git does not track.
compose: .env
	docker compose up -d --build --wait

.env:
	@umask 077 && $(PYTHON) -c "import secrets; print('POSTGRES_PASSWORD=' + secrets.token_hex(24))" > $@

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || \
	  { echo "Python 3.11 or later is needed. Say which: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

# Writes both lock files anew from pyproject.toml; needs uv.
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-annotate --no-header --quiet
lock:
	$(LOCK) --all-extras -o requirements.lock
	$(LOCK) --extra course --extra monitoring --extra kafka -c requirements.lock -o deploy/requirements.lock

clean:
	rm -rf build .mypy_cache .ruff_cache .import_linter_cache .hypothesis
