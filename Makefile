# `make help` lists what can be done. PYTHON chooses the interpreter that .venv is made with.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
EPOCHS ?= 3
WORKERS ?= 0
.DEFAULT_GOAL := help

$(INSTALLED): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,docs,notebook]'
	touch $(INSTALLED)

.PHONY: install run test slow coverage audit lint table docs licenses ui help clean
install: $(INSTALLED)  ## Create .venv and install everything into it
run: $(INSTALLED)  ## Train cnn1 on the embedded MNIST for EPOCHS=3 epochs
	$(BIN)/python -m runner experiment=cnn1 training.epochs=$(EPOCHS)
test: $(INSTALLED)  ## Run the fast tests
	$(BIN)/python -m pytest -n 2 --dist loadfile
slow: $(INSTALLED)  ## Run the tests that take minutes, WORKERS=0 at once (hours of one core in all)
	$(BIN)/python -m pytest -m slow -n $(WORKERS) --dist worksteal
coverage: $(INSTALLED)  ## Run the fast tests and show which lines and branches of runner/ they miss
	$(BIN)/python -m pytest -n 2 --dist loadfile --cov=runner --cov-branch --cov-report=term:skip-covered
audit: $(INSTALLED)  ## Look for known vulnerabilities of the dependencies (needs pip-audit and the network)
	$(BIN)/pip-audit --requirement constraints.txt --no-deps --disable-pip
lint: $(INSTALLED)  ## Check style, types and the layers of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m experiments.table --check
table: $(INSTALLED)  ## Write the measured results into experiments/README.md and conf/experiment
	$(BIN)/python -m experiments.table
docs: $(INSTALLED)  ## Build the site of the documentation into .site; a dead link fails
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet
licenses: $(INSTALLED)  ## Write the licenses of all dependencies into docs/licenses.md
	( sed '/^|/,$$d' docs/licenses.md; $(BIN)/pip-licenses --from=mixed --format=markdown --no-version \
		--packages $$(sed 's/==.*//' constraints.txt) ) > docs/licenses.part
	mv docs/licenses.part docs/licenses.md
ui: $(INSTALLED)  ## Open the MLflow UI on the trainings, at http://127.0.0.1:5000
	$(BIN)/python -m runner ui
clean:  ## Remove .venv and caches; results in outputs/ stay
	rm -rf .venv .site .mypy_cache .ruff_cache .pytest_cache *.egg-info
help:  ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' Makefile | while IFS="$$(printf '\t')" read -r name text; do \
		printf '  make %-9s %s\n' "$$name" "$$text"; done
