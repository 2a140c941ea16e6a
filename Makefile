SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --warn-undefined-variables

FILE ?=
FOR ?= build run test windows
WEBKIT ?=
DISPLAY ?=
WAYLAND_DISPLAY ?=
export FILE WEBKIT
# A path may contain a dollar sign, so make must not expand it.
override FILE := $(value FILE)

OUT := build/out
DIST := cmd/app/dist/index.html
MODULES := frontend/node_modules/.package-lock.json
BINDINGS := frontend/app/src/bindings.gen.ts
SCREENSHOT := $(OUT)/screenshot.png
PACKAGER := build/packager
SCRIPTS := .ci/run $(wildcard build/*.sh)
GOFILES = $(shell git ls-files --cached --others --exclude-standard '*.go')
WEB := frontend/package.json frontend/tsconfig.base.json frontend/api/package.json \
	$(shell find frontend/api/src frontend/app -type f -not -path '*/node_modules/*')

# vet expects the standard signature of UnmarshalJSON; go-json's takes a context.
vet := vet -stdmethods=false
staticcheck := tool -modfile=build/tools/go.mod staticcheck

# build/env.sh prints the environment in which cgo finds WebKitGTK.
go := eval "$$(build/env.sh)"; go
npm := cd frontend && npm --silent run
# The generator only reads Go source, so it needs no cgo.
SHELL_EVENTS := frontend/api/src/shellevents.gen.ts
bindings := go run ./cmd/casement generate -o $(BINDINGS)
shell_events := go run ./internal/generate/shellevents
say := @printf '\n== %s\n' >&2

needs := needs-build needs-run needs-test needs-windows needs-dist
.PHONY: help run dev build frontend api generate fmt test check lint checkgenerate test-frontend test-go deps clean $(needs)

headless := $(if $(DISPLAY)$(WAYLAND_DISPLAY),,yes)
screen := $(if $(headless),build/headless.sh)
# Without a display no user can choose a file, so the demo hashes itself.
subject := $(or $(value FILE),$(headless))

help: ## Show this list
	@echo 'Casement, a desktop application shell. Targets:'
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | \
		while IFS=$$'\t' read -r name text; do printf '  %-14s %s\n' "$$name" "$$text"; done

run: build $(if $(headless),needs-run) ## Open the demo; FILE=path hashes a file through its page
ifeq ($(subject),)
	@$(OUT)/hasher
else
	@rm -f $(SCREENSHOT)
	@$(screen) $(OUT)/hasher --drive --screenshot $(SCREENSHOT) -- "$${FILE:-$(OUT)/hasher}"
	@echo 'The picture of the window is $(SCREENSHOT)' >&2
endif

dev: needs-build $(MODULES) ## Open the demo; rebuild and reload it on every change
	@eval "$$(build/env.sh)"; go run ./cmd/casement dev -frontend frontend/app -generate $(BINDINGS) ./cmd/app

build: needs-build frontend ## Build the demo, build/out/hasher
	@$(go) build -trimpath -ldflags '-s -w' -o $(OUT)/hasher ./cmd/app

frontend: $(DIST) ## Bundle the demo's page for embedding

$(DIST): $(MODULES) $(WEB)
	@$(npm) build >&2
	@touch $@

$(MODULES): frontend/package-lock.json
	@cd frontend && npm ci --loglevel=error --no-progress >&2
	@touch $@

api: $(MODULES) ## Build the TypeScript package, frontend/api/dist, for apps that use this checkout
	@$(npm) build -w api

generate: $(MODULES) ## Regenerate the committed files: page runtime, shell events, demo bindings
	@$(npm) build:runtime
	@$(shell_events) $(SHELL_EVENTS)
	@$(bindings) ./cmd/app

fmt: $(MODULES) ## Format Go, TypeScript, CSS and JSON
	@gofmt -w $(GOFILES)
	@$(npm) fix

test: deps lint checkgenerate test-frontend test-go webkit cross ## Install missing packages and run all checks, as CI does
	@printf '\n%s\n' \
		'All passed:' \
		'  lint           gofmt, go vet, staticcheck, tsc, Biome, shellcheck' \
		'  checkgenerate  the page runtime, the shell'\''s events and the demo'\''s bindings match their sources' \
		'  test-frontend  the TypeScript tests, including the published form of the package' \
		'  test-go        the Go tests, windows included, under the race detector' \
		'  webkit         the demo, linked with each installed WebKitGTK' \
		'  cross          the demo for Windows; go vet for Windows and, where no SDK is needed, macOS'

check: lint checkgenerate test-frontend ## Run all checks that need no window; use it for every change
	$(say) 'Go tests that open no window'
	@$(go) test $$(go list -e -test -f '$(native)' ./... | sed -n 's/^no \(.*\)\.test$$/\1/p' | \
		grep -vE '/(windowtest|scaffold)$$')

lint: needs-build needs-test frontend ## Check the format and run all linters
	$(say) 'gofmt'
	@files=$$(gofmt -l $(GOFILES)); [[ -z $$files ]] || { echo "not formatted, run make fmt: $$files"; exit 1; }
	$(say) 'go vet'
	@$(go) $(vet) -tags frontends ./...
	$(say) 'staticcheck'
	@$(go) $(staticcheck) -tags frontends ./...
	@cd $(PACKAGER) && go vet ./... && go $(subst build/,../,$(staticcheck)) ./...
	$(say) 'tsc and Biome'
	@$(npm) check
	$(say) 'shellcheck'
	@shellcheck $(SCRIPTS)

checkgenerate: $(MODULES) ## Fail when a committed generated file is out of date
	$(say) 'checkgenerate'
	@mkdir -p $(OUT)/generated
	@$(npm) build:runtime -- --outfile=../$(OUT)/generated/runtime.js
	@cmp internal/wire/runtime.js $(OUT)/generated/runtime.js || { \
		echo 'internal/wire/runtime.js is out of date; run make generate' >&2; exit 1; }
	@$(shell_events) $(OUT)/generated/shellevents.ts
	@cmp $(SHELL_EVENTS) $(OUT)/generated/shellevents.ts || { \
		echo '$(SHELL_EVENTS) is out of date; run make generate' >&2; exit 1; }
	@$(bindings) -check ./cmd/app

test-frontend: $(MODULES) ## Run the TypeScript tests
	$(say) 'TypeScript tests'
	@$(npm) test

test-go: needs-build needs-run needs-test frontend ## Run all Go tests with -race; they open windows
	$(say) 'Go tests'
	@$(go) test -race -timeout 20m ./...
	@cd $(PACKAGER) && go test -race ./...

deps: ## Install missing system packages; FOR="dist wine" installs those for other targets
	@build/deps.sh $(FOR)

# Only the README's two commands install packages. Other targets list the missing ones and fail.
$(needs): needs-%:
	@build/deps.sh $(if $(filter run test,$(MAKECMDGOALS)),,--check) $*

clean: ## Remove all build output
	rm -rf $(OUT) frontend/node_modules
	find cmd/app/dist -mindepth 1 -not -name .gitkeep -delete

include build/platforms.mk build/dist.mk build/bench.mk build/frontends.mk build/types.mk
