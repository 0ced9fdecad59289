# Two commands are all a newcomer needs: `make demo` and `make test`. Everything they need is made on the way.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUST_SOURCES := $(shell find rust -name '*.rs' -o -name Cargo.toml 2>/dev/null) Cargo.toml
CARGO_CRATES := --workspace --exclude narrows-python

.DEFAULT_GOAL := help
.PHONY: help demo test test-rust test-python browser openssh cluster valgrind test-long check format lint types bench bench-quick bench-wire wheel clean toolchain

help: ## Show what there is
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.built ## Run the main job end to end on embedded parts (KEEP=1 leaves it running)
	@$(BIN)/narrows demo $(if $(KEEP),--keep)

test: test-rust test-python ## Run every test but the long ones

test-rust: toolchain
	cargo test --quiet $(CARGO_CRATES)

test-python: $(VENV)/.built browser openssh cluster
	$(BIN)/pytest -q -m "not long"

browser: # the console's tests drive a real one; NARROWS_NO_BROWSER=1 where there is to be none
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || test "$$NARROWS_NO_BROWSER" = 1 \
	  || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && echo "installing Chromium (apt-get)" \
	       && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y chromium >/dev/null; } \
	  || { echo "Chromium is missing: apt-get install chromium, or set NARROWS_NO_BROWSER=1" >&2; exit 1; }

openssh: # the SSH tests run a real sshd; without one they are skipped, and say so
	@test -x /usr/sbin/sshd || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && echo "installing OpenSSH's server (apt-get)" \
	       && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y openssh-server >/dev/null; } \
	  || echo "OpenSSH's server is missing, so its tests are skipped: apt-get install openssh-server" >&2

cluster: $(VENV)/.deps # the Kubernetes tests run a real API server, built once; NARROWS_NO_CLUSTER=1 where there is to be none
	@$(BIN)/python -m tests.cluster.build

valgrind: # counts instructions; without it they are not counted, and that is said
	@command -v valgrind >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && echo "installing valgrind (apt-get)" \
	       && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y valgrind >/dev/null; } || true

test-long: $(VENV)/.built ## Run the tests that take minutes
	cargo test --release --quiet $(CARGO_CRATES) -- --include-ignored
	$(BIN)/pytest -q -m long

check: $(VENV)/.built lint types test bench-wire ## Format check, lint, types, the tests, then instruction counts

format: $(VENV)/.deps ## Format everything
	cargo fmt
	$(BIN)/ruff format python tests bench
	$(BIN)/ruff check --fix python tests bench

lint: $(VENV)/.deps
	cargo fmt --check
	cargo clippy --quiet --workspace --all-targets -- -D warnings
	$(BIN)/ruff format --check python tests bench
	$(BIN)/ruff check python tests bench
	$(BIN)/lint-imports

types: $(VENV)/.built
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest narrows._core

bench: $(VENV)/.built ## Measure against direct and a comparator, interleaved; raw JSON is kept
	$(BIN)/python -m bench

bench-quick: $(VENV)/.built ## The same in a minute and a half, for a first look
	$(BIN)/python -m bench --quick

bench-wire: $(VENV)/.deps valgrind ## Count the inspector's instructions per message; fails when they rise
	$(BIN)/python -m bench.wire

wheel: $(VENV)/.deps ## Build the wheel into dist/
	$(BIN)/maturin build --release --out dist

clean: ## Remove what was built
	rm -rf target dist $(VENV)

toolchain:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; $(PYTHON) is older. Set PYTHON=python3.12, say." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "Python's venv module is missing: apt-get install python3-venv" >&2; exit 1; }
	@command -v cargo >/dev/null || { echo "A Rust toolchain (1.89 or later) is missing: https://rustup.rs, or apt-get install cargo where it is recent enough" >&2; exit 1; }
	@command -v cc >/dev/null || { echo "A C compiler is missing (Rust links with it): apt-get install gcc libc6-dev" >&2; exit 1; }

$(VENV)/.deps: pyproject.toml | toolchain
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing Python packages (pyproject.toml)"
	@$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --group dev
	@touch $@

$(VENV)/.built: $(VENV)/.deps $(RUST_SOURCES)
	@echo "building the extension (a few minutes the first time)"
	@PIP_QUIET=1 $(BIN)/maturin develop --quiet --release --extras demo
	@touch $@
