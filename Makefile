# make demo   set up, load events/ into a store, and print the state of everything on a day
# make test   set up, and run all tests
# make quick  set up, and run the tests that are not marked slow: about a minute
# make check  ruff, mypy --strict, bandit and the tests

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
STORE ?= build/demo.sqlite
DAY ?= 2025-10-28

.PHONY: demo test quick check lint clean bench bench-growth torture failover advisories sbom lock fuzz mutants more-mutants

demo: $(READY)
	@mkdir -p build
	@$(BIN)/tracker --store "$(STORE)" load events
	@$(BIN)/tracker --store "$(STORE)" state --as-of $(DAY)
	@$(BIN)/tracker --store "$(STORE)" why tr-am-az --mode road --as-of $(DAY)

test: $(READY)
	@$(BIN)/pytest -n 2

quick: $(READY)
	@$(BIN)/pytest -n 2 -m "not slow"

lint: $(READY)
	@$(BIN)/ruff check src tests benchmarks scripts
	@$(BIN)/ruff format --check src tests benchmarks scripts
	@$(BIN)/mypy
	@$(BIN)/bandit -q -c pyproject.toml -r src

check: lint
	@$(BIN)/tracker check events
	@$(BIN)/pytest -n 2

bench: $(READY)
	@$(BIN)/python benchmarks/start_up.py
	@$(BIN)/python benchmarks/load.py
	@$(BIN)/python benchmarks/page.py
	@$(BIN)/python benchmarks/append.py --sizes 1000 10000
	@$(BIN)/python benchmarks/rebuild.py --sizes 10000
	@$(BIN)/python benchmarks/cold.py --sizes 10000
	@$(BIN)/python benchmarks/peers.py --most 10000
	@$(BIN)/python benchmarks/lanes.py --measures 10000

# The benchmarks at every size, with replays of a million events, and on Spark; they need pip install -e ".[bench,spark]".
bench-growth: $(READY)
	@$(BIN)/python benchmarks/peers.py --sizes 10000 100000 1000000 10000000
	@$(BIN)/python benchmarks/growth.py
	@$(BIN)/python benchmarks/lanes.py
	@$(BIN)/python benchmarks/scale.py

# At release: a bill of materials (CycloneDX), and versions and hashes of all runtime packages.
sbom: $(READY)
	@$(BIN)/python scripts/sbom.py build/sbom.json

lock: $(READY)
	@$(BIN)/python scripts/lock.py build/requirements.lock

torture: $(READY)
	@$(BIN)/python benchmarks/torture.py --rounds 300

# A primary is killed in the middle of writing, and its replica promoted: see docs/reliability.md.
failover: $(READY)
	@$(BIN)/python benchmarks/failover.py

# The laws of the file reader for thousands of examples; tests/dataset runs them for a hundred.
fuzz: $(READY)
	@$(BIN)/pytest tests/dataset/test_fuzz.py tests/dataset/test_hostile.py --hypothesis-profile=long --hypothesis-show-statistics

# Mutation tests of the rule of time and of the states (docs/reliability.md): half an hour on two cores that are free.
MUTANTS ?= tracker.state.* tracker.timeline.*
mutants: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[mutants]"
	@rm -rf mutants && $(BIN)/mutmut run --max-children 2 $(patsubst %,'%',$(MUTANTS)); $(BIN)/mutmut results

# Mutation tests of properties and of code that runs on import, which mutmut leaves out: 20 minutes.
more-mutants: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[mutants]"
	@$(BIN)/python scripts/more_mutants.py $(MORE)

# What is known against the packages in constraints.txt; 3 where nobody could be asked (see the script).
advisories: $(READY)
	@$(BIN)/python scripts/advisories.py

clean:
	rm -rf $(VENV) build mutants .pytest_cache .mypy_cache .ruff_cache .hypothesis

# Installed once, with all extras but Spark; again only after a change of pyproject.toml or constraints.txt.
$(READY): pyproject.toml constraints.txt
	@echo "Setting up $(VENV) (once; about a minute)" >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@
