# Every target sets up .venv by itself when needed and does nothing twice.
PYTHON ?= python3
BIN := .venv/bin

# Python that may not write .pyc files compiles every module again at each start: imports take 2 to 4 times as long.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo up test drill clients check bench bench-peers docs screenshots pictures format clean

demo: .venv/.installed  ## one scan of every sample account, explained
	$(BIN)/desk demo

up: .venv/.installed  ## server, worker and schedules, until Ctrl-C
	$(BIN)/desk up

test: .venv/.installed-dev  ## the test suite, on two cores
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

drill: .venv/.installed-dev  ## 10,000 cycles with faults at each venue, then the crash points; about two hours
	$(BIN)/python -m drill --cycles 10000 --at-once 2
	$(BIN)/python -m drill.crashes
	DESK_DRILL_EVERYTHING=1 DESK_MODEL_EXAMPLES=1000 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder \
	  tests/end_to_end tests/clients tests/drill tests/contracts tests/model

clients: .clients/current/.installed .clients/earlier/.installed  ## clients that others wrote, for the tests in which they trade at the simulator

check: .venv/.installed-dev  ## everything that is checked without running the program
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.installed-dev  ## speed, as ratios measured in one run
	$(BIN)/python -m benchmarks

bench-peers: .venv/.installed-dev  ## the backtest beside its peers; the folder of their scripts is told: make bench-peers DESK_PEERS=DIR
	$(BIN)/python -m benchmarks.peers

docs: .venv/.installed  ## the pages of docs/reference that are written from the code
	$(BIN)/python -m console.handbook

screenshots: .venv/.installed-dev  ## a picture of every page of the dashboard, into build/screenshots; needs chromium
	$(BIN)/python -m console.handbook.screenshots

pictures: .venv/.installed-dev  ## the pictures of the README, anew; needs chromium, pdftocairo and npx
	$(BIN)/python -m console.handbook.pictures

format: .venv/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## remove the environment, caches and everything the desk has written
	rm -rf .venv .clients var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.installed: pyproject.toml constraints.txt
	@echo 'Installing into .venv. The first time that takes a few minutes, and says nothing meanwhile.'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	touch $@

.venv/.installed-dev: .venv/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

.clients/%/.installed: tests/clients/requirements-%.txt
	test -x .clients/$*/bin/python || $(PYTHON) -m venv .clients/$*
	.clients/$*/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	touch $@
