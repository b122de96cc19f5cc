# Everything is done from here: `make run` to see it, `make test` to believe it.
PYTHON ?= python3
VENV ?= .venv$(if $(filter file,$(origin PYTHON)),,-$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'))
BIN := $(VENV)/bin
SERVER ?= minio
# One more than there are cores: some of the tests wait for other processes, and a core would wait with them.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(len(os.sched_getaffinity(0)) + 1)')

# There while packages are put in: half a package that a killed run has left looks installed to pip.
HALFWAY := $(VENV)/halfway
INSTALL = again=$$(test ! -e $(HALFWAY) || echo --force-reinstall); touch $(HALFWAY); \
	$(PIP) $$again --require-hashes -r
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps
PACKAGES := kernel storage experts bidding intermediaries supervision app

# Left out of the locks: what others ask for and nothing of ours ever imports. Of mplfonts only the font files are
# used, so its plotting library goes; reloading, example data and another launcher for PostgreSQL go as well.
UNUSED := matplotlib numpy pillow contourpy cycler kiwisolver pyparsing python-dateutil fontmeta fonttools fire \
	termcolor psutil fasteners watchfiles polyfactory faker tzdata python-dotenv
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --extra embedded --extra browser --group build --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url --no-header $(addprefix --no-emit-package ,$(UNUSED))

.DEFAULT_GOAL := help
# What is compiled is kept, whatever the shell says: else each of many processes compiles the house again, which takes
# it half as long as to start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test stories check fix bench docs pictures county s3 lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/run.ok ## set up and run the whole house with a demo region (Ctrl-C stops it)
	@$(BIN)/python -m kernel.web.build
	@exec $(BIN)/python -m app.cli run

TESTED = $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile

test: $(VENV)/test.ok ## set up and run every test but the stories; ARGS="-k word" to choose
	@$(BIN)/python -m kernel.web.build
	$(TESTED) -m "not story" $(ARGS)

stories: $(VENV)/test.ok ## the tests that drive browsers or start whole houses; ARGS="-k word" to choose
	@$(BIN)/python -m kernel.web.build
	$(TESTED) -m story $(ARGS)

check: $(VENV)/test.ok ## style, types and the arrows between packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(wildcard $(PACKAGES))
	$(BIN)/lint-imports

fix: $(VENV)/test.ok ## repair what the style checker can repair
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/test.ok ## measure, each figure beside a peer or a limit
	@$(BIN)/python -m kernel.web.build
	$(BIN)/python -m bench

docs: $(VENV)/test.ok ## write docs/generated anew from the tables
	$(BIN)/python -m docs.generate

pictures: $(VENV)/test.ok ## take the manual's pictures anew, of the real pages; needs Chromium and some minutes
	@$(BIN)/python -m kernel.web.build
	$(BIN)/python -m docs.pictures

county: $(VENV)/run.ok ## play the demonstration's county anew and keep it for every new house (some minutes)
	$(BIN)/python -m app.county

s3: $(VENV)/test.ok ## the vault's tests on a real S3 server: MinIO, or Ceph by SERVER=ceph
	tests/s3/$(SERVER)_server.sh $(BIN)/python -m pytest -q tests/storage $(ARGS)

lock: $(VENV)/test.ok ## compile both lock files anew from pyproject.toml
	$(PIP) uv
	$(LOCK) -o requirements.lock
	$(LOCK) --group dev -o requirements-dev.lock

$(VENV)/run.ok: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@echo "setting up $(VENV) ..."
	@test -e $@ || ! test -e $(HALFWAY) || rm -rf $(VENV)
	@test -x $(BIN)/python || { mkdir -p $(VENV) && touch $(HALFWAY) && $(PYTHON) -m venv $(VENV); }
	@$(INSTALL) requirements.lock
	@$(PIP) --no-build-isolation -e .
	@rm $(HALFWAY) && touch $@

$(VENV)/test.ok: $(VENV)/run.ok requirements-dev.lock
	@$(INSTALL) requirements-dev.lock
	@rm $(HALFWAY) && touch $@
