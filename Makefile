# Satispy. `make help` lists the commands; all of them build what they need first.
PYTHON ?= $(or $(shell command -v python3 2>/dev/null),$(error no python3 on the PATH. Debian, Ubuntu: apt-get install python3 python3-venv))
BOOTSTRAP = @$(PYTHON) tools/bootstrap.py
SATISPY = .venv/bin/satispy

# Without .pyc files every start is several times slower.
unexport PYTHONDONTWRITEBYTECODE

# Long commands are exec-ed: a shell in between would die of a SIGTERM and leave them running.

.DEFAULT_GOAL := help
.PHONY: help demo test crash env up down status api lint format lock upgrade audit sbom wheel init prod tour backup restore

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: ## Play the whole tour in var/demo (ONCE=1: then exit; REVIEWS=folder: on your own files)
	$(BOOTSTRAP) platform airflow
	@exec $(SATISPY) demo $(if $(ONCE),--once) $(if $(REVIEWS),--reviews "$(REVIEWS)")

test: ## Run all tests
	$(BOOTSTRAP) platform airflow
	@exec .venv/bin/python tools/run_tests.py $(ARGS)

crash: ## Kill writers and servers at every step, fill disks, and look what is left (3 minutes)
	$(BOOTSTRAP) platform
	@exec .venv/bin/python -m pytest -q -n 2 --dist loadfile -p no:benchmark tests/crash $(ARGS)

env: ## Build both environments
	$(BOOTSTRAP) platform airflow

up: ## Start Airflow, API and page on your own clean_data/ and clean_model/ (MLFLOW=1: MLflow too)
	$(BOOTSTRAP) platform airflow $(if $(MLFLOW),mlflow)
	@exec $(SATISPY) up $(if $(MLFLOW),--mlflow)

down: ## Stop them
	$(BOOTSTRAP) platform
	@$(SATISPY) down

status: ## Say what runs, where, and how much memory it takes
	$(BOOTSTRAP) platform
	@$(SATISPY) status

api: ## Run the API alone, in the foreground
	$(BOOTSTRAP) platform
	@exec $(SATISPY) api

lint: ## Check style, types and who imports whom
	$(BOOTSTRAP) platform
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@PYTHONPATH=services/fastapi:services/streamlit .venv/bin/lint-imports

format: ## Rewrite the code in the project's style
	$(BOOTSTRAP) platform
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

lock: ## Make requirements/*.txt anew from requirements/*.in; versions that fit stay
	$(BOOTSTRAP) platform
	@$(PYTHON) tools/locks.py

upgrade: ## Take the newest allowed versions, if all tests pass with them (DRY=1: only say which)
	$(BOOTSTRAP) platform
	@$(PYTHON) tools/locks.py --upgrade $(if $(DRY),--dry-run)

audit: ## Look each locked package up in a database of vulnerabilities (exit 2: not audited)
	$(BOOTSTRAP) audit
	@$(PYTHON) tools/audit_dependencies.py

sbom: ## Say what each image holds: dist/sbom/ (CycloneDX) and docs/licences.md
	$(BOOTSTRAP) release
	@$(PYTHON) tools/sbom.py

wheel: ## Build dist/satispy-*.whl and its source, and check what an index would refuse
	$(BOOTSTRAP) release
	@PATH="$$PWD/.venv-release/bin:$$PATH" .venv-release/bin/python -m build --no-isolation --outdir dist
	@.venv-release/bin/twine check --strict dist/*.whl dist/*.tar.gz

init: ## Make what production is trusted with (PROFILES=tls,mlflow: what runs too; ROTATE=name: one anew)
	@$(PYTHON) tools/production_secrets.py $(if $(ROTATE),--rotate $(ROTATE)) \
	  $(if $(filter-out undefined,$(origin PROFILES)),--profiles "$(PROFILES)")

prod: ## Build and start both composes, and wait until all is healthy (first: make init)
	@$(PYTHON) tools/production_secrets.py --mark
	@docker compose up --build --detach --wait
	@docker compose --file airflow/docker-compose.yml up --build --detach --wait

tour: ## Play the tour on a platform that runs: make tour BASE_URL=http://127.0.0.1:8000
	$(BOOTSTRAP) platform
	@exec $(SATISPY) tour $(if $(BASE_URL),--base-url "$(BASE_URL)") $(if $(PAGE_URL),--page-url "$(PAGE_URL)") \
	  $(if $(CA),--ca "$(CA)") $(if $(REVIEWS),--reviews "$(REVIEWS)")

backup: ## Copy a platform of make prod while it works (TO=folder)
	@$(PYTHON) tools/backup.py $(if $(TO),--to "$(TO)")

restore: ## Put a copy back: make restore FROM=folder REPLACE=1; then make prod
	@$(PYTHON) tools/backup.py --restore "$(FROM)" $(if $(REPLACE),--replace)
