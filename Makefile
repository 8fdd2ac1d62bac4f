# make demo      set up .venv if needed and run the demonstration
# make test      set up what is lacking, then code checks, tests and lessons
# make reliability  the long form of the tests of sweeps that are killed, cut off and damaged
# make mutants   one-line faults in copies of the package: which of them does a test notice?
# make lint      the code checks alone
# make format    write the code as the formatter has it
# make baselines  draw anew the images that the tests compare figures with: look at them
# make tables    write the pages anew that are made from the package: parts, validation, lessons
# make docs      the same, then the site of all pages, lessons run: build/site/html/index.html
# make notebook  open the lessons in JupyterLab
# make lab       play all lessons in JupyterLab in a browser, from a wheel, and take pictures
# make bench     time the fused engine beside other simulators; wants a quiet machine
# make lock      resolve requirements/lock-*.txt anew, for each Python found
# make clean     remove .venv and what was built or cached, and nothing else
#
# make PYTHON=/path/to/python3.12 ...   choose the Python: 3.11 to 3.14, or a newer one
# make test ARGS="-k block" JOBS=8      pass options to pytest, use more processes

.PHONY: help demo test reliability mutants lint format baselines tables docs notebook lab bench lock clean core extras
.NOTPARALLEL:
.SUFFIXES:
unexport PYTHONPATH PYTHONHOME
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PIP_NO_INPUT = 1

ARGS =
JOBS = 2
EXPECTED = about 14 minutes on two quiet cores
EXPECTED_LONG = about 45 minutes on two quiet cores, more than an hour on busy ones
VENV = .venv
PY = "$(VENV)/bin/python"
PYTHONS = $(if $(PYTHON),"$(PYTHON)",python3 python3.12 python3.13 python3.14 python3.11)
# A Python with a lock goes before one that is newer than all locks, which is tried all the same.
FITS = -c 'import sys, venv, ensurepip, os; sys.exit(sys.version_info < (3, 11) or not os.path.exists( \
	"requirements/lock-%d.%d.txt" % sys.version_info[:2] if sys.argv[1] == "locked" else "."))'
LACKING = { echo 'mgsim needs Python 3.11 or newer with its venv module (Debian and Ubuntu:' \
	'apt install python3-venv). To name one: make PYTHON=/path/to/python ...' >&2; exit 1; }
SETUP = @for which in locked any; do for p in $(PYTHONS); do \
	if "$$p" $(FITS) $$which 2>/dev/null; then exec "$$p" requirements/environment.py '$(VENV)' $(1) \
	$(if $(PYTHON),--this-python); fi; done; done; $(LACKING)

help:
	@sed -n 's/^# make /make /p' Makefile

demo: core
	@$(PY) -m mgsim demo

test: lint
	@echo 'tests and lessons: $(EXPECTED)'
	@$(PY) -m pytest -n $(JOBS) --dist worksteal $(ARGS)

reliability: extras
	@echo 'long form: $(EXPECTED_LONG)'
	@MGSIM_RELIABILITY=1 $(PY) -m pytest tests/reliability -o timeout=3600 $(ARGS)

mutants: extras
	@$(PY) tests/mutants/run.py $(if $(ARGS),$(ARGS),--listed)

lint: extras
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check --quiet || { echo 'to format: make format' >&2; exit 1; }
	@$(PY) -m mypy
	@imports=`"$(VENV)/bin/lint-imports"` || { echo "$$imports"; exit 1; }

format: extras
	@$(PY) -m ruff format

baselines: extras
	@$(PY) -m pytest tests/figures/test_figures.py::test_looks_like_the_baseline \
	  --mpl-generate-path=tests/figures/baseline $(ARGS)

tables: core
	@$(PY) -m mgsim show --write docs/parts.md --overwrite
	@$(PY) -m mgsim validate --write docs/validation.md --overwrite
	@$(PY) -m mgsim claims report --write docs/claims.md --overwrite
	@$(PY) -m mgsim claims report --write docs/ledger.html --overwrite
	@$(PY) notebooks/page.py
	@$(PY) docs/site/picture.py
	@$(PY) docs/site/stub.py

docs: tables
	$(call SETUP,docs)
	@$(PY) docs/site/build.py $(ARGS)

notebook:
	$(call SETUP,notebooks)
	@$(PY) -m jupyterlab --notebook-dir=. --LabApp.default_url=/lab/tree/notebooks $(ARGS)

lab: extras
	@$(PY) tests/lab/run.py $(ARGS)

bench: core
	@$(PY) benchmarks/run.py $(ARGS)

core:
	$(call SETUP,core)

extras:
	$(call SETUP,test)

lock:
	@n=0; for p in $(if $(PYTHON),"$(PYTHON)",python3.11 python3.12 python3.13 python3.14); do \
	  if "$$p" $(FITS) any 2>/dev/null; then "$$p" requirements/lock.py || exit 1; n=1; fi; \
	done; test $$n = 1 || $(LACKING)

clean:
	@if test -e '$(VENV)/.made-by-make' || test -e '$(VENV)/.stamp-core'; then \
	  rm -f '$(VENV)'/.stamp-*; rm -rf '$(VENV)'; \
	elif test -e '$(VENV)'; then echo '$(VENV) was not made by make, so it stays' >&2; fi
	@if test -f '$(VENV).lock' && test ! -s '$(VENV).lock'; then rm -f '$(VENV).lock'; fi
	@rm -rf build/site build/lab build/lib build/bdist.* src/mgsim.egg-info .mypy_cache .ruff_cache \
	  .pytest_cache .import_linter_cache .hypothesis
	@rm -f dist/mgsim-*.whl dist/mgsim-*.tar.gz
	@find src tests -path '*/__pycache__/*.pyc' -delete 2>/dev/null || true
	@find src tests -name __pycache__ -type d -empty -delete 2>/dev/null || true
	@rmdir build dist 2>/dev/null || true
