# Two commands are the whole set-up: `make run` and `make test`. Each installs what it lacks, by name, and asks first
# when a person is at the terminal.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

CACHE := .cache
STUDIO := control/web/studio
VERSION := $(shell git describe --always --dirty 2>/dev/null || echo unknown)
GOBUILD := go build -trimpath -buildvcs=false -ldflags '-X main.version=$(VERSION)'

studio_sources := $(shell find $(STUDIO) -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -name '*.go' -not -path '*/testdata/*' 2>/dev/null)
edge_sources := go.mod go.sum $(shell find edge models -type f -not -name '*_test.go' -not -path '*/testdata/*' 2>/dev/null)
control_sources := go.mod go.sum $(shell find control edge/wire -type f -not -name '*_test.go' -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/testdata/*' 2>/dev/null)

.PHONY: help run test build check bench fuzz models-train models-quantize models-evaluate clean setup-build setup-test test-go test-studio test-deploy test-terraform

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## start control and one edge with built-in defaults; prints the addresses; Ctrl-C stops both
	@deploy/local/run.sh

test: setup-test build test-go test-studio test-deploy test-terraform ## every test, short fault and browser runs included
	@echo "make test: all passed"

build: setup-build bin/edge bin/libonnxruntime.so.1 bin/control ## bin/edge, bin/control, and the library that edge loads

check: ## formatting, vet, static analysis, layers (seconds, once `make build` has run)
	@unformatted=$$(gofmt -l edge control models); test -z "$$unformatted" || { echo "gofmt -w these:"; echo "$$unformatted"; exit 1; }
	go vet ./...
	go tool staticcheck ./...
	go test -run TestLayers ./edge ./control

bench: build ## figures, side by side with the peers that can be installed by name
	@deploy/local/install.sh bench
	@deploy/local/bench.sh

fuzz: build ## every fuzz target for a minute (FUZZTIME=10s for less)
	@deploy/local/fuzz.sh

models-train: ## the nets, from random weights: DATA=data pack, OUT=folder [MINUTES=300]
	@test -n "$(DATA)" -a -n "$(OUT)" || { echo "make models-train DATA=folder-of-the-data-pack OUT=folder [MINUTES=300]" >&2; exit 1; }
	@$(MAKE) $(CACHE)/models-venv/ready
	PATH=$(CURDIR)/$(CACHE)/models-venv/bin:$$PATH models/training/train.sh "$(DATA)" "$(OUT)" $(or $(MINUTES),300)

models-quantize: ## float weights to the int8 files that are shipped: DATA=data pack, PACK=OUT/pack.bin [NETS="face-128 …"]
	@test -n "$(DATA)" -a -n "$(PACK)" || { echo "make models-quantize DATA=folder-of-the-data-pack PACK=file-that-models-train-made" >&2; exit 1; }
	@$(MAKE) $(CACHE)/models-venv/ready
	$(CACHE)/models-venv/bin/python models/quantization/quantize.py "$(DATA)" "$(PACK)" $(NETS)
	$(CACHE)/models-venv/bin/python models/evaluation/thresholds.py "$(DATA)" $(filter-out matte-512,$(NETS))

models-evaluate: ## figures of the shipped nets into manifest and cards: DATA=data pack [SHEETS=folder for the worst pictures]
	@test -n "$(DATA)" || { echo "make models-evaluate DATA=folder-of-the-data-pack [SHEETS=folder]" >&2; exit 1; }
	@$(MAKE) $(CACHE)/models-venv/ready
	$(CACHE)/models-venv/bin/python models/evaluation/evaluate.py "$(DATA)" --write $(if $(SHEETS),--sheets "$(SHEETS)")

$(CACHE)/models-venv/ready: models/training/requirements.txt
	@mkdir -p $(CACHE)
	python3 -m venv $(CACHE)/models-venv
	$(CACHE)/models-venv/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

clean: ## remove what was built (not your state directory)
	rm -rf bin $(CACHE) $(STUDIO)/node_modules $(STUDIO)/dist/assets $(STUDIO)/dist/index.html

setup-build:
	@deploy/local/install.sh build

setup-test:
	@deploy/local/install.sh test

bin/edge: $(edge_sources)
	@mkdir -p bin
	$(GOBUILD) -o $@ ./edge
	@touch $@

bin/libonnxruntime.so.1: deploy/local/onnxruntime.sh
	@deploy/local/onnxruntime.sh $@

bin/control: $(control_sources) $(STUDIO)/dist/index.html
	@mkdir -p bin
	CGO_ENABLED=0 $(GOBUILD) -o $@ ./control
	@touch $@

$(CACHE)/studio-modules: $(STUDIO)/package.json $(STUDIO)/package-lock.json
	@mkdir -p $(CACHE)
	cd $(STUDIO) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(STUDIO)/dist/index.html: $(CACHE)/studio-modules $(studio_sources)
	cd $(STUDIO) && npm run --silent build
	@touch $@

# The clients that the tests call an edge with, as their registries give them.
$(CACHE)/clients/ready: $(wildcard edge/testdata/clients/*)
	@rm -rf $(CACHE)/clients && mkdir -p $(CACHE)/clients
	cp edge/testdata/clients/* $(CACHE)/clients/
	cd $(CACHE)/clients && npm install --no-audit --no-fund --no-package-lock --ignore-scripts --loglevel=error
	python3 -m venv $(CACHE)/clients/venv && $(CACHE)/clients/venv/bin/pip install --quiet --disable-pip-version-check -r $(CACHE)/clients/requirements.txt
	@touch $@

test-go: $(CACHE)/clients/ready
	@$(MAKE) check
	STUDIO_CLIENTS=$(CURDIR)/$(CACHE)/clients EDGE_ONNXRUNTIME=$(CURDIR)/bin/libonnxruntime.so.1 go test -timeout 14m ./...

test-studio: $(CACHE)/studio-modules
	cd $(STUDIO) && npm run --silent check && npm run --silent test && npm run --silent walk

test-deploy:
	@deploy/local/test-deploy.sh

test-terraform:
	@deploy/local/test-terraform.sh
