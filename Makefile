# Everything that a fresh machine with python3 and make needs; each target makes .venv if it is missing.
.POSIX:
PYTHON = python3
BIN = .venv/bin
WORKERS = 3
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: run test check bench fuzz snapshots keys interop torture clean

# Leaving by ctrl+c, twice, is no error that make should speak of.
run: .venv/.program
	@$(BIN)/ostream-compare configs/models.toml || { code=$$?; test $$code -eq 130 || exit $$code; }

# Both at once; what the checks say comes last. One worker more than there are cores: tests wait, too.
test: .venv/.dev
	@log=$$(mktemp); trap 'rm -f "$$log"' EXIT; tested=0; checked=0; \
	$(MAKE) check >"$$log" 2>&1 & checks=$$!; \
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses=$(WORKERS) --dist=worksteal \
		--cov --cov-report=term:skip-covered --cov-fail-under=95 || tested=$$?; \
	wait $$checks || checked=$$?; cat "$$log"; \
	exit $$((tested ? tested : checked))

check: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

bench: .venv/.dev
	$(BIN)/python tests/benchmarks/run.py
	$(BIN)/python tests/benchmarks/accuracy.py
	$(BIN)/python tests/benchmarks/ui_panes.py
	$(BIN)/python tests/benchmarks/ui_start.py
	$(BIN)/python tests/benchmarks/markdown.py
	$(BIN)/python tests/benchmarks/sweep.py
	$(BIN)/python tests/benchmarks/load.py

fuzz: .venv/.dev
	FUZZ_INPUTS=1000000 $(BIN)/python -m pytest tests/ostream/test_fuzz.py -q

torture: .venv/.dev
	TORTURE=1 KILLS=1000 WRITES=200 $(BIN)/python -m pytest -q tests/torture tests/load tests/safety \
		tests/storage/test_run_log.py tests/storage/test_index.py

snapshots: .venv/.dev
	$(BIN)/python -m pytest -q tests/tui/snapshots --snapshot-update

keys: .venv/.dev
	PYTHONPATH=tests $(BIN)/python tests/tui/binding_owners.py
	$(BIN)/ruff format -q src/ostream_compare/tui/key_table.py

interop: .venv/.dev
	$(BIN)/python tests/interop/run.py

.venv/.program: pyproject.toml constraints.txt
	@echo "Setting up .venv (once) ..." >&2
	@$(PYTHON) -m venv .venv
	@$(PIP) install --constraint constraints.txt pip
	@$(PIP) install --constraint constraints.txt --editable .
	@touch $@

.venv/.dev: .venv/.program
	@$(PIP) install --constraint constraints.txt --group dev
	@touch $@

clean:
	rm -rf .venv .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage build dist
