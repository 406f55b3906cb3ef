# One command each: `make demo` solves the real policy and writes what is handed over, `make test` is what the server runs.
# Both make their own .venv with the pinned versions of constraints.txt, and again only when what it is made of changes.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
# Each process begins with a half of the tests in their order, so that what the tests of a file share is made once; who has done
# its half takes over of the other's.
TESTS := $(BIN)/pytest -n 2 --dist worksteal

# What tells most in the least time, for while one works: no solve, no command, no model of the real policy.
QUICK := tests/words tests/model tests/database tests/read tests/load/test_schema.py tests/solve/test_duality.py tests/test_faults.py tests/test_imports.py tests/test_shape.py

.PHONY: demo form checks test thorough quick check format bench
.DEFAULT_GOAL := test

demo: $(INSTALLED)
	$(BIN)/allocator solve models/guangxi-2013-2015 --brief --out demo/guangxi
	$(BIN)/allocator report demo/guangxi --docx demo/documents --no-letters
	$(BIN)/allocator report demo/guangxi -o demo/report.html --xlsx demo/plan.xlsx

form: $(INSTALLED)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/lint-imports

checks: form
	$(BIN)/mypy

# Types are checked beside the tests: both are told, and either fails it.
test: form
	$(BIN)/mypy & types=$$!; $(TESTS); tests=$$?; wait $$types && exit $$tests

# What takes long and says again what quicker tests say: for before a release, and after a change of the engine.
thorough: checks
	ALLOCATOR_THOROUGH=1 $(TESTS)

quick: checks
	$(TESTS) $(QUICK)

check: test

bench: $(INSTALLED)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev,bench]'
	$(BIN)/python -m benchmarks.run

format: $(INSTALLED)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@
