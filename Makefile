PYTHON ?= python3
PORT ?= 8501
BIN = .venv/bin

help: ## What can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## / - /' | sort

run: .venv/run ## Serve the portal on PORT (default 8501); DATABASE_URL names another database
	$(BIN)/python manage.py migrate
	$(BIN)/streamlit run app.py --server.port $(PORT)

test: .venv/dev ## Run every test, PostgreSQL and the browser included
	$(BIN)/python -m tests.browser
	$(BIN)/python -m pytest -n auto --dist loadgroup $(ARGS)

lint: .venv/dev ## Style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports

bench: .venv/dev ## Measure against hand-written SQL in the same run (SIZE=S or L)
	$(BIN)/python -m bench $(or $(SIZE),S)

demo: .venv/run ## Load a demonstration year
	$(BIN)/python manage.py demo

.venv/run: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/dev: requirements.txt requirements-dev.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch .venv/run $@

.PHONY: help run test lint bench demo
