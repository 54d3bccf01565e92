# make demo, make test: everything they need is set up on the way.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help venv system demo test lint bench prove clean

help: ## say what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

venv: $(VENV)/.ready ## make the virtual environment in .venv

$(VENV)/.ready: requirements.txt pyproject.toml setup.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "driftboard needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || ./deploy/system-packages.sh python3-venv
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable '.[server]' --group dev
	@touch $@

system: ## install the system packages that the tests drive: Chromium, the sqlite3 shell, PostgreSQL, strace, Prometheus, Alertmanager, wrk
	@./deploy/system-packages.sh chromium sqlite3 postgresql strace prometheus prometheus-alertmanager wrk

demo: venv ## a year of real flights, judged, in your browser
	$(BIN)/driftboard demo

test: venv system lint ## everything that fits in ten minutes
	$(BIN)/python -m pytest -n 2 --dist loadgroup -q -m "not slow" tests
	$(BIN)/python -m pytest -q --doctest-modules driftboard/data driftboard/monitors driftboard/alerts driftboard/dashboard/options.py driftboard/commands/options.py --ignore-glob='*/migrations/*'

lint: venv ## ruff, mypy --strict, the floors between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

prove: venv system ## the slow proofs
	$(BIN)/python -m pytest -q -m slow --durations=0 tests

bench: venv system ## every benchmark, as ratios side by side
	$(BIN)/python -m benchmarks.scaling
	$(BIN)/python -m benchmarks.growth
	$(BIN)/python -m benchmarks.demo
	$(BIN)/python -m benchmarks.monitors
	$(BIN)/python -m benchmarks.backtest
	$(BIN)/python -m benchmarks.delivery
	$(BIN)/python -m benchmarks.ingest
	$(BIN)/python -m benchmarks.load
	$(BIN)/python -m benchmarks.instrument
	$(BIN)/python -m benchmarks.exporter
	$(BIN)/python -m benchmarks.detection

clean: ## remove what was built here; databases stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist *.egg-info
