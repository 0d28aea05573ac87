# Every target makes the environment when it is missing. Only python3 (3.11 or more) is needed beforehand.
PYTHON ?= python3
PY := .venv/bin/python
.DEFAULT_GOAL := help

.PHONY: help
help: ## cette aide
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## / : /' | sort

.PHONY: env
env: ## l'environnement de développement (.venv)
	@$(PYTHON) infra/local/prerequis.py

.PHONY: run
run: env ## tout le service sur cette machine, jusqu'à Ctrl-C (PERMIS_PORT, PERMIS_JOUR)
	@exec $(PY) -m infra.local

.PHONY: demo
demo: env ## un usager dépose ses demandes, un agent traite l'une d'elles, sur le service de make run (MOTIFS=vol)
	@$(PY) -m demo $(MOTIFS)

.PHONY: test
test: check ## contrôles, puis tous les paliers de tests (une demi-heure)
	@$(PY) -m infra.tests_par_palier

.PHONY: test-long
test-long: check ## les mêmes, et les longs (corpus, pannes, kill -9, fuzz)
	@$(PY) -m infra.tests_par_palier --longs

.PHONY: bench
bench: env ## la durée du contrôle d'une pièce ordinaire, et ce qu'elle est à celle du seul décodage
	@$(PY) -m tests.mesures

.PHONY: screenshots
screenshots: env ## chaque page des deux sites, téléphone et bureau, dans captures/ (PERMIS_URL : un service déjà lancé)
	@$(PY) -m tests.captures

.PHONY: check
check: env ## mise en forme, types, couches, gabarits, machine à états, OpenAPI
	@$(PY) -m infra.controles

.PHONY: package
package: env ## le zip et le gabarit, sous build/
	@$(PY) -m infra.empaqueter

.PHONY: deploy
deploy: package ## déploie build/ là où pointent les variables AWS_* (AWS, LocalStack, émulateur)
	@$(PY) -m infra.pages
	@$(PY) -m infra.deployer

.PHONY: chalice-local
chalice-local: env ## l'application dans un seul processus, contre l'émulateur de make run (port 8000)
	@$(PY) -m infra.local.chalice_local

.PHONY: openapi
openapi: env ## récrit le document OpenAPI
	@$(PY) -m infra.openapi

.PHONY: clean
clean: ## efface ce qui se refait (build/, caches) ; garde .venv et l'état local
	rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
