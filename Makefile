# Two commands: `make demo` runs the founding study, `make test` passes the tests. Each installs what it needs into .venv.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install -q

.PHONY: demo test test-all lint pins clean

demo: .venv/core.done
	$(BIN)/equipoise demo founding-study

test: .venv/dev.done
	$(BIN)/python -m pytest -n auto --dist loadfile -m "not slow"

test-all: .venv/dev.done
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: .venv/dev.done
	$(BIN)/ruff check src tests studies
	$(BIN)/ruff format --check src tests studies
	$(BIN)/mypy

# Pins with hashes and no index address, for Python 3.11 to 3.13. Needs uv.
UV_COMPILE := uv pip compile -q --universal --python-version 3.11 --fork-strategy fewest --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header
pins:
	echo 'setuptools>=77' > requirements/build.in
	$(UV_COMPILE) pyproject.toml requirements/build.in -o requirements/core.txt
	$(UV_COMPILE) pyproject.toml requirements/build.in requirements/dev.in -o requirements/dev.txt
	$(UV_COMPILE) pyproject.toml requirements/build.in requirements/hcc_2024.in -o requirements/hcc_2024.txt
	$(UV_COMPILE) -c requirements/dev.txt requirements/spark.in -o requirements/spark.txt
	rm requirements/build.in

.venv/bin/python:
	$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else f"Python 3.11 to 3.13 is needed, this is {v[0]}.{v[1]}; call make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv

.venv/core.done: .venv/bin/python requirements/core.txt pyproject.toml
	$(PIP) --require-hashes -r requirements/core.txt
	$(PIP) --no-deps --no-build-isolation -e .
	touch $@

.venv/dev.done: .venv/core.done requirements/dev.txt
	$(PIP) --require-hashes -r requirements/dev.txt
	touch $@

clean:
	rm -rf .venv .mypy_cache founding-study out build src/*.egg-info
