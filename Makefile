# Trialbook. `make` lists the targets. Only python3 (3.11 or newer), pip and make are needed beforehand.
# Settings are given as `make run PORT=9000 WORKERS=2` or in the environment; settings.py names them all.

PYTHON ?= python3
RUN := .venv/bin/python
PYTEST_WORKERS ?= 2
FUZZ_MINUTES ?= 10
HISTORIES ?= 100000
.DEFAULT_GOAL := help
.PHONY: help run test test-records test-clients properties check bench bench-import drill demo import migrate rotate-keys fuzz lock openapi examples numbers access audit-verify audit-export organisation administrator sbom dependencies-audit clean run-environment test-environment audit-environment

help:  ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

run: run-environment  ## Serve on http://127.0.0.1:8000 with an embedded PostgreSQL (HOST, PORT, WORKERS, DATA_DIR, DATABASE_URL)
	@exec $(RUN) -m ops.serve

test: test-environment  ## Set up all that is needed and run every test on a real PostgreSQL (PYTEST_WORKERS, ARGS)
	@$(RUN) -m ops.browser
	@$(RUN) -m ops.spectral
	@$(RUN) -m ops.fhir_validators
	@$(RUN) -m ops.pgbouncer
	@$(RUN) -m pytest -n $(PYTEST_WORKERS) --dist loadgroup --cov --cov-report=term-missing:skip-covered $(if $(ARGS),$(ARGS),--cov-fail-under=100)

test-clients: test-environment  ## Let FHIR and CDS Hooks clients of others, for Python and JavaScript, walk through a real service
	@$(RUN) -m ops.fhir_validators
	@$(RUN) -m tests.clients

properties: test-environment  ## What must hold for any history, on 100,000 random ones (HISTORIES)
	@HISTORIES=$(HISTORIES) $(RUN) -m pytest -q -n $(PYTEST_WORKERS) tests/clinical/test_random_histories.py

test-records: test-environment  ## Import real-shaped records, each file twice, and validate what FHIR says of them (RECORDS)
	@$(RUN) -m ops.fhir_validators
	@RECORDS=$${RECORDS:?names a folder of NDJSON files} $(RUN) -m pytest -q tests/bulk/test_real_records.py

check: test-environment  ## Lint, formatting, types and the arrows between the layers
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy
	@if [ -d tests/architecture ]; then $(RUN) -m pytest tests/architecture; fi

bench: test-environment  ## Measure the hot paths against pgbench and a bare ASGI application (ARGS=--write keeps the figures)
	@$(RUN) -m bench $(ARGS)

bench-import: test-environment  ## Import 1,000,000 resources into a real PostgreSQL: resources a second and peak memory (ARGS=--resources=N)
	@$(RUN) -m bench.imports $(ARGS)

drill: test-environment  ## Kill a service under load 50 times and count every record (ARGS=--write keeps the figures)
	@$(RUN) -m drill $(ARGS)

demo: run-environment  ## Fill a running service with patients to look at (PORT)
	@$(RUN) -m ops.demo

import: run-environment  ## Import FILE, a folder or a pattern into the running service: FHIR NDJSON, Bundles, OMOP CDM tables, ZIP (SOURCE, PORT)
	@$(RUN) -m ops.import_file $(if $(SOURCE),--source="$$SOURCE") -- "$$FILE"

migrate: run-environment  ## Bring the database to the newest schema (DATABASE_URL, else the embedded one)
	@$(RUN) -m ops.migrate

rotate-keys: run-environment  ## New data keys, all under the current ENCRYPTION_KEY (ARGS=--reseal or --delete-unused)
	@$(RUN) -m ops.rotate_keys $(ARGS)

fuzz: test-environment  ## Try the running service with schemathesis, all checks (PORT, FUZZ_MINUTES)
	@$(RUN) -m ops.fuzz --minutes $(FUZZ_MINUTES)

lock: test-environment  ## Pin the newest versions that pyproject.toml allows, with hashes (needs uv)
	@$(RUN) -m ops.lock

openapi: run-environment  ## Write docs/openapi.json anew after a change of the contract
	@$(RUN) -c "import main; main.write_openapi()"

examples: run-environment  ## Ask a service for the answers that the documentation shows (then `make openapi`)
	@$(RUN) -m ops.response_examples

numbers: run-environment  ## Write docs/clinical-numbers.md anew after a change of the clinical data
	@$(RUN) -m ops.numbers_page

access: run-environment  ## Write docs/access.md anew after a change of who may do what
	@$(RUN) -m ops.access_page

audit-verify: run-environment  ## Is the audit as it was written? (ORGANISATION, ANCHOR=number:head; DATABASE_URL, else the embedded one)
	@$(RUN) -m ops.audit $(if $(ORGANISATION),--organisation="$$ORGANISATION") $(if $(ANCHOR),--anchor="$$ANCHOR")

audit-export: run-environment  ## Write every event of the audit to FILE as FHIR AuditEvents, one a line (ORGANISATION)
	@$(RUN) -m ops.audit $(if $(ORGANISATION),--organisation="$$ORGANISATION") --fhir="$${FILE:-build/audit.ndjson}"

organisation: run-environment  ## Add an organisation with its first user (NAME, ADMIN)
	@$(RUN) -m ops.organisation -- "$$NAME" "$$ADMIN"

administrator: run-environment  ## Add an administrator to an organisation that lost its last one (ORGANISATION, ADMIN)
	@$(RUN) -m ops.organisation --administrator-of="$$ORGANISATION" -- "$$ADMIN"

sbom: audit-environment  ## Write build/sbom.json, a software bill of materials (CycloneDX) of what it takes to run
	@mkdir -p build && .venv-audit/bin/python -m cyclonedx_py requirements requirements/run.txt --pyproject pyproject.toml \
		--of JSON --output-file build/sbom.json && echo "Wrote build/sbom.json."

dependencies-audit: audit-environment  ## Ask for known vulnerabilities of what is pinned (asks the package index)
	@.venv-audit/bin/python -m pip_audit --requirement requirements/run.txt --require-hashes --no-deps --disable-pip

clean:  ## Remove the environment and every cache; data/ stays
	rm -rf .venv .venv-audit build .coverage* .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

run-environment:
	@$(PYTHON) ops/install.py run

audit-environment:
	@VENV=.venv-audit $(PYTHON) ops/install.py audit

test-environment:
	@$(PYTHON) ops/install.py test
