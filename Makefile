# `make` lists the targets. PYTHON chooses the interpreter of a new environment: make quickstart PYTHON=python3.12
# An environment is made once and updated if its requirements files change.

PYTHON ?= python3
CURRENT_PYTHON ?= $(PYTHON)
VENV ?= .venv
CURRENT_VENV ?= .venv-current
# Number of test processes. Each loads TensorFlow (about 5 s), so more processes than cores only cost time.
JOBS ?= 2
RUN ?= runs/quickstart
# What `make try` watches: a video, a folder of videos or the number of a camera.
VIDEO ?= 0
# What `make fuzz` runs and for how long each; SEED chooses other inputs, and other changes for `make mutants`.
TARGET ?= all
MINUTES ?= 1
SEED ?= 0
# What `make mutants` changes, and how many changes of each room it draws.
ROOM ?= all
SAMPLE ?= 40
ARGS ?=

# LOCKED=no takes the newest releases that the requirements files allow, instead of those in requirements/locked/.
LOCKED ?= yes

PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
ifeq ($(LOCKED),no)
REQUIREMENTS := -r requirements.txt
CURRENT_REQUIREMENTS := -r requirements/current.txt
TEST_REQUIREMENTS := -r requirements/formats.txt -r requirements/onnx.txt -r requirements/test.txt -r requirements/cluster.txt
CURRENT_TEST_REQUIREMENTS := -r requirements/formats.txt -r requirements/onnx.txt -r requirements/test.txt
else
REQUIREMENTS := --require-hashes -r requirements/locked/default.txt
CURRENT_REQUIREMENTS := --require-hashes -r requirements/locked/current.txt
TEST_REQUIREMENTS := --require-hashes -r requirements/locked/default-test.txt
CURRENT_TEST_REQUIREMENTS := --require-hashes -r requirements/locked/current-test.txt
HEADLESS := requirements/locked/default-headless.txt
CURRENT_HEADLESS := requirements/locked/current-headless.txt
endif
REQUIREMENTS_FILES := requirements.txt $(wildcard requirements/*.txt requirements/locked/*.txt)
# The tools of `make lock`, `make audit` and `make licences` have an environment of their own.
SUPPLY_VENV ?= .venv-supply
UV_COMPILE = $(SUPPLY_VENV)/bin/uv pip compile --quiet --no-config --universal --generate-hashes --no-header --no-annotate
# One TensorFlow and OpenCV thread for each test process: more threads would share the same cores. Compiled modules are
# kept, even where the environment says otherwise: hundreds of test processes would compile them again, pytest all tests.
TEST_ENV := PYTHONDONTWRITEBYTECODE= TF_CPP_MIN_LOG_LEVEL=3 TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 OPENCV_FOR_THREADS_NUM=1
# Files in the order of tests/conftest.py: those that take longest first, so that no process waits for another at the end.
PYTEST := -m pytest -n $(JOBS) --dist=loadfile --no-loadscope-reorder -rfEs

define NEXT_STEPS

Poses and labelled videos of a folder of videos; the first line draws five, if you have none:
  . $(VENV)/bin/activate
  python -m examples.signer_project --out=runs/first
  python predict.py --run_dir=$(RUN) --video=runs/first/videos

That net knows drawn signers only. The package has a net for people in real video, here on a camera or on your videos:
  make try
  make try VIDEO=path/to/videos

Serve both with `make serve`, then open http://127.0.0.1:8501/ in a browser, or ask for the joints of a picture:
  (printf '{"instances": [{"b64": "'; base64 -w0 docs/images/signer.jpg; printf '"}]}') |
    curl -d @- http://127.0.0.1:8501/v1/models/pose:predict
endef
export NEXT_STEPS

.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help install quickstart try serve test test-current coverage mutants fuzz test-browser test-install \
  test-install-stacks test-install-default test-install-current lint docs docs-serve doctor lock audit licences clean \
  distclean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

install: $(VENV)/.installed ## make .venv with the stack that requirements.txt picks for PYTHON

quickstart: $(VENV)/.installed ## install, train on synthetic signers in runs/quickstart, export the net
	$(VENV)/bin/python train.py --flagfile=configs/quickstart.flags --run_dir=$(RUN) $(ARGS)
	$(VENV)/bin/python export.py --run_dir=$(RUN) --export_dir=$(RUN)/export
	$(VENV)/bin/python export.py --run_dir=upper_body --export_dir=$(RUN)/export --model_name=upper_body
	@printf '%s\n' "$$NEXT_STEPS"

try: $(VENV)/.installed ## install, find the poses of people with the shipped net (VIDEO=videos/; without it: a camera)
	$(VENV)/bin/python predict.py --model=upper_body --video=$(VIDEO) $(ARGS)

serve: $(VENV)/.installed ## serve the exports of the quickstart on this machine (RUN=… for another run, ARGS="--rest_api_port=…")
	$(VENV)/bin/python -m serving.local_server --model_base_path=$(RUN)/export/pose \
	  $(addprefix --model_base_path=,$(wildcard $(RUN)/export/upper_body)) $(ARGS)

test: $(VENV)/.installed-test ## run the tests in .venv (ARGS="-k name" for some)
	$(TEST_ENV) $(VENV)/bin/python $(PYTEST) $(ARGS)

test-current: $(CURRENT_VENV)/.installed-test $(CURRENT_VENV)/.installed-movement ## run the tests on the current stack, in .venv-current (Python 3.11 and newer)
	$(TEST_ENV) $(CURRENT_VENV)/bin/python $(PYTEST) $(ARGS)

coverage: $(VENV)/.installed-test $(VENV)/.installed-coverage ## run the tests in .venv and count the lines that none of them has run
	$(VENV)/bin/python -m coverage erase
	$(TEST_ENV) $(VENV)/bin/python -m coverage run $(PYTEST) $(ARGS); tests=$$?; \
	  $(VENV)/bin/python -m coverage combine --quiet && $(VENV)/bin/python -m coverage report && exit $$tests

mutants: $(VENV)/.installed-test $(VENV)/.installed-mutants ## change single operations of the code and count the changes that a test notices (ROOM=geometry SAMPLE=40)
	$(TEST_ENV) $(VENV)/bin/python -m tests.mutants --room=$(ROOM) --sample=$(SAMPLE) --seed=$(SEED) $(ARGS)

fuzz: $(VENV)/.installed-test ## damaged input for every reader of files (TARGET=coco MINUTES=30 for one of them)
	$(TEST_ENV) $(VENV)/bin/python -m tests.fuzz --target=$(TARGET) --minutes=$(MINUTES) --seed=$(SEED) $(ARGS)

test-browser: $(VENV)/.installed-test $(VENV)/.installed-browser ## test the demo page in Chromium; root gets it from apt if it is missing
	@command -v chromium >/dev/null || { test "$$(id -u)" = 0 && apt-get update -q && apt-get install -q -y chromium; } || { \
	  echo "chromium: not found. Debian: apt-get install chromium" >&2; exit 1; }
	$(TEST_ENV) $(VENV)/bin/python -m pytest -m browser tests/browser $(ARGS)

test-install: $(VENV)/.installed-test ## build the wheel, then install and use it in new environments, one for each stack
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && trap 'exit 130' INT TERM && \
	  { $(VENV)/bin/python -m build --outdir "$$folder" . >"$$folder/build.log" 2>&1 || \
	    { cat "$$folder/build.log" >&2; exit 1; }; } && \
	  $(MAKE) --no-print-directory --jobs=2 --output-sync=target test-install-stacks FOLDER="$$folder"

# The rest of test-install. FOLDER holds the wheel and takes the environments; the two stacks run side by side.
test-install-stacks: test-install-default test-install-current

# As its users do: pip takes the stack that the wheel's own requirements pick for this Python.
test-install-default:
	$(call make_venv,$(FOLDER)/default,$(PYTHON),9)
	@$(FOLDER)/default/bin/python $(PIP_INSTALL) $(FOLDER)/*.whl
	$(call check_opencv,$(FOLDER)/default)
	@mkdir $(FOLDER)/in-default && cd $(FOLDER)/in-default && $(FOLDER)/default/bin/python $(CURDIR)/.ci/use_installed.py

# --no-deps: on Python 3.11 the wheel asks for the classic stack.
test-install-current:
	$(call make_venv,$(FOLDER)/current,$(CURRENT_PYTHON),11)
	@$(FOLDER)/current/bin/python $(PIP_INSTALL) -r requirements/current.txt
	@$(FOLDER)/current/bin/python $(PIP_INSTALL) --no-deps $(FOLDER)/*.whl
	$(call check_opencv,$(FOLDER)/current)
	@mkdir $(FOLDER)/in-current && cd $(FOLDER)/in-current && $(FOLDER)/current/bin/python $(CURDIR)/.ci/use_installed.py

lint: $(VENV)/.installed-test ## check style and formatting with ruff, types with mypy
	$(VENV)/bin/python -m ruff check .
	$(VENV)/bin/python -m ruff format --check .
	$(VENV)/bin/python -m mypy

docs: $(VENV)/.installed-docs ## build the documentation as a site in build/docs; a link that leads nowhere is an error
	$(VENV)/bin/python -m sphinx -q -W --keep-going -c docs -b html . build/docs
	@echo "build/docs/index.html"

docs-serve: docs ## build the site and serve it at http://127.0.0.1:8010/
	$(VENV)/bin/python -m http.server --bind 127.0.0.1 --directory build/docs 8010

# Does not depend on .installed: people run it after an installation has failed.
doctor: ## show what is installed, what is missing and how to get it
	@if test -x $(VENV)/bin/python; then $(VENV)/bin/python -m keras_pose doctor; else \
	  echo "No $(VENV) here (\`make install\` makes it); this is $(PYTHON):"; $(PYTHON) -m keras_pose doctor; fi

lock: $(SUPPLY_VENV)/.installed ## choose the versions in requirements/locked/ that fit the requirements (ARGS=--upgrade: the newest)
	$(call lock_stack,default,requirements.txt,3.9,requirements/cluster.txt)
	$(call lock_stack,current,requirements/current.txt,3.11)

audit: $(SUPPLY_VENV)/.installed ## look the locked versions up in PyPI's database of vulnerabilities, and check the Dockerfile
	$(SUPPLY_VENV)/bin/hadolint Dockerfile
	for lock in default current; do $(SUPPLY_VENV)/bin/pip-audit --strict --disable-pip --require-hashes \
	  -r requirements/locked/$$lock.txt $(ARGS); done

licences: $(SUPPLY_VENV)/.installed $(VENV)/.installed-test $(CURRENT_VENV)/.installed-test ## write docs/licences.md
	$(VENV)/bin/python requirements/licences.py $(SUPPLY_VENV)/bin/pip-licenses $(VENV) $(CURRENT_VENV)

clean: ## remove caches; runs/ and the environments stay
	find . -name __pycache__ -type d -not -path './.venv*' -not -path './runs/*' -prune -exec rm -rf {} +
	rm -rf .pytest_cache .ruff_cache .mypy_cache .hypothesis build dist keras_pose.egg-info

distclean: clean ## remove the environments too; runs/ stays
	rm -rf $(VENV) $(CURRENT_VENV) $(SUPPLY_VENV)

# $(call make_venv,folder,interpreter,oldest minor version of Python 3)
define make_venv
@command -v $(2) >/dev/null || { echo "$(2): not found. Install Python 3.9 to 3.13 (Debian: apt-get install python3 python3-venv) or name one: make PYTHON=/path/to/python3" >&2; exit 1; }
@$(2) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, $(3)) <= v <= (3, 13) else "expected Python 3.$(3) to 3.13 for $(1), received %d.%d ($(2)): name another with PYTHON= or CURRENT_PYTHON=" % v)'
@$(2) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(2) has no venv or ensurepip. Debian, Ubuntu: apt-get install python3-venv. Without root: take another Python (pyenv, uv python install) and name it with PYTHON=" >&2; exit 1; }
@test -x $(1)/bin/pip || { echo "Making $(1) with $(2); the packages take 2 to 3 GB"; $(2) -m venv $(1); }
endef

# opencv-python needs libGL, which is missing on many machines without a desktop; the headless build does not need it.
# $(call check_opencv,folder,lock of the headless build; without it, the same version is taken unchecked)
define check_opencv
@$(1)/bin/python -c 'import cv2' 2>/dev/null || { \
  version=$$($(1)/bin/python -c 'import importlib.metadata as m; print(m.version("opencv-python"))') && \
  echo "opencv-python $$version does not load here; taking opencv-python-headless instead" && \
  $(1)/bin/python -m pip uninstall --quiet --disable-pip-version-check --yes opencv-python && \
  $(1)/bin/python $(PIP_INSTALL) --force-reinstall --no-deps \
    $(if $(2),--require-hashes -r $(2),"opencv-python-headless==$$version") && \
  $(1)/bin/python -c 'import cv2'; }
endef

$(VENV)/.installed: $(REQUIREMENTS_FILES)
	$(call make_venv,$(VENV),$(PYTHON),9)
	$(VENV)/bin/python $(PIP_INSTALL) $(REQUIREMENTS)
	$(call check_opencv,$(VENV),$(HEADLESS))
	@touch $@

$(CURRENT_VENV)/.installed: $(REQUIREMENTS_FILES)
	$(call make_venv,$(CURRENT_VENV),$(CURRENT_PYTHON),11)
	$(CURRENT_VENV)/bin/python $(PIP_INSTALL) $(CURRENT_REQUIREMENTS)
	$(call check_opencv,$(CURRENT_VENV),$(CURRENT_HEADLESS))
	@touch $@

%/.installed-coverage: %/.installed requirements/coverage.txt
	$*/bin/python $(PIP_INSTALL) -r requirements/coverage.txt
	@touch $@

%/.installed-mutants: %/.installed requirements/mutants.txt
	$*/bin/python $(PIP_INSTALL) -r requirements/mutants.txt
	@touch $@

%/.installed-browser: %/.installed requirements/browser.txt
	$*/bin/python $(PIP_INSTALL) -r requirements/browser.txt
	@touch $@

%/.installed-docs: %/.installed requirements/docs.txt
	$*/bin/python $(PIP_INSTALL) -r requirements/docs.txt
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(VENV)/bin/python $(PIP_INSTALL) $(TEST_REQUIREMENTS)
	@touch $@

$(CURRENT_VENV)/.installed-test: $(CURRENT_VENV)/.installed
	$(CURRENT_VENV)/bin/python $(PIP_INSTALL) $(CURRENT_TEST_REQUIREMENTS)
	@touch $@

$(SUPPLY_VENV)/.installed: requirements/supply_chain.txt
	$(PYTHON) -m venv $(SUPPLY_VENV)
	$(SUPPLY_VENV)/bin/python $(PIP_INSTALL) -r requirements/supply_chain.txt
	@touch $@

# Locks of what one stack needs to run, of what its tests need beside that, and of the OpenCV for machines without libGL.
# $(call lock_stack,name,requirements,oldest Python,what only this stack tests)
define lock_stack
$(UV_COMPILE) --python-version $(3) $(2) -o requirements/locked/$(1).txt $(ARGS)
$(UV_COMPILE) --python-version $(3) $(2) requirements/formats.txt requirements/onnx.txt requirements/test.txt $(4) \
  --constraints requirements/locked/$(1).txt --no-emit-package opencv-python -o requirements/locked/$(1)-test.txt $(ARGS)
sed -n 's/^opencv-python==\([^\]*\).*/opencv-python-headless==\1/p' requirements/locked/$(1).txt | \
  $(UV_COMPILE) --python-version $(3) --no-deps - -o requirements/locked/$(1)-headless.txt
endef

# Only for the current stack: movement needs NumPy 2 and Python 3.11.
%/.installed-movement: %/.installed-test requirements/movement.txt
	$*/bin/python $(PIP_INSTALL) --no-deps -r requirements/movement.txt
	@touch $@
