SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --warn-undefined-variables

FILE ?=
FUZZTIME ?= 10m
BENCH ?= .
BENCHFLAGS ?=
ROWS ?=
WEBKIT ?=
DISPLAY ?=
WAYLAND_DISPLAY ?=
export FILE WEBKIT
# Taken as it is: a path may hold a dollar sign.
override FILE := $(value FILE)

OUT := build/out
DIST := cmd/app/dist/index.html
MODULES := frontend/node_modules/.package-lock.json
BINDINGS := frontend/app/src/bindings.gen.ts
SCREENSHOT := $(OUT)/screenshot.png
PACKAGER := build/packager
SCRIPTS := .ci/run $(wildcard build/*.sh)
WEB := frontend/package.json frontend/tsconfig.base.json frontend/api/package.json \
	$(shell find frontend/api/src frontend/app -type f -not -path '*/node_modules/*')

# go-json hands a context to UnmarshalJSON, which vet holds to the standard library's signature.
vet := vet -stdmethods=false

# Every Go command runs in the environment in which cgo finds WebKitGTK.
go := eval "$$(build/env.sh)"; go
npm := cd frontend && npm --silent run
# Reads the source only, so that it does not need what cgo does.
bindings := go run ./cmd/casement generate -o $(BINDINGS)
say := @printf '\n== %s\n' >&2

headless := $(if $(DISPLAY)$(WAYLAND_DISPLAY),,yes)
screen := $(if $(headless),build/headless.sh)
# What to hash without being asked by hand: FILE, or the program itself where nobody could ask.
subject := $(or $(value FILE),$(headless))

.PHONY: help
help: ## Show this list
	@echo 'Casement, a desktop application shell. Targets:'
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS=$$'\t' read -r name text; do printf '  %-14s %s\n' "$$name" "$$text"; done

.PHONY: run
run: build $(if $(headless),deps-run) ## Open the demo; FILE=path hashes that file through its page
ifeq ($(subject),)
	@$(OUT)/hasher
else
	@rm -f $(SCREENSHOT)
	@$(screen) $(OUT)/hasher --drive --screenshot $(SCREENSHOT) -- "$${FILE:-$(OUT)/hasher}"
	@echo 'The window is pictured in $(SCREENSHOT)' >&2
endif

.PHONY: dev
dev: deps-build $(MODULES) ## Open the demo, with its pages and its program renewed as they are edited
	@eval "$$(build/env.sh)"; go run ./cmd/casement dev -frontend frontend/app -generate $(BINDINGS) ./cmd/app

.PHONY: build
build: deps-build frontend ## Build the demo application, build/out/hasher
	@$(go) build -trimpath -ldflags '-s -w' -o $(OUT)/hasher ./cmd/app

.PHONY: frontend
frontend: $(DIST) ## Bundle the demo's page, which Go embeds

$(DIST): $(MODULES) $(WEB)
	@$(npm) build >&2
	@touch $@

$(MODULES): frontend/package-lock.json
	@cd frontend && npm ci --loglevel=error --no-progress >&2
	@touch $@

.PHONY: api
api: $(MODULES) ## Build the TypeScript package, frontend/api/dist, for those who take it from here
	@$(npm) build -w api

.PHONY: generate
generate: $(MODULES) ## Make what is committed but generated: the page runtime, the demo's bindings
	@$(npm) build:runtime
	@$(bindings) ./cmd/app

.PHONY: test
test: deps lint checkgenerate test-frontend test-go webkit cross ## Check everything, as CI does
	@printf '\n%s\n' \
		'All passed:' \
		'  lint           gofmt, go vet, staticcheck, tsc, Biome, shellcheck' \
		'  checkgenerate  ipc/runtime.js and the demo'\''s bindings are what their sources give' \
		'  test-frontend  the TypeScript tests, and what npm would publish' \
		'  test-go        the Go tests, windows included, under the race detector' \
		'  webkit         the demo, linked with each WebKitGTK that is installed' \
		'  cross          the demo for Windows; go vet for Windows and, of what needs no SDK, macOS'

.PHONY: lint
lint: deps-build deps-test frontend ## Check formats and run all linters
	$(say) 'gofmt'
	@files=$$(gofmt -l $$(find . -name '*.go' -not -path './frontend/*' -not -path './$(OUT)/*')); \
		[[ -z $$files ]] || { echo "not formatted: $$files"; exit 1; }
	$(say) 'go vet'
	@$(go) $(vet) ./...
	$(say) 'staticcheck'
	@$(go) tool -modfile=build/tools/go.mod staticcheck ./...
	@cd $(PACKAGER) && go vet ./... && go tool -modfile=../tools/go.mod staticcheck ./...
	$(say) 'tsc and Biome'
	@$(npm) check
	$(say) 'shellcheck'
	@shellcheck $(SCRIPTS)

.PHONY: checkgenerate
checkgenerate: $(MODULES) ## Fail when generating would change a committed file
	$(say) 'checkgenerate'
	@mkdir -p $(OUT)/generated
	@$(npm) build:runtime -- --outfile=../$(OUT)/generated/runtime.js
	@cmp ipc/runtime.js $(OUT)/generated/runtime.js || { \
		echo 'ipc/runtime.js is out of date; run make generate' >&2; exit 1; }
	@$(bindings) -check ./cmd/app

.PHONY: test-frontend
test-frontend: $(MODULES) ## Run the TypeScript tests
	$(say) 'TypeScript tests'
	@$(npm) test

.PHONY: test-go
test-go: deps-build deps-run deps-test frontend ## Run the Go tests, windows included, with -race
	$(say) 'Go tests'
	@$(go) test -race -timeout 20m ./...
	@cd $(PACKAGER) && go test -race ./...

.PHONY: webkit
webkit: deps-build deps-test frontend ## Link the demo with each WebKitGTK that is installed
	$(say) 'WebKitGTK 4.0 and 4.1'
	@for version in 4.0 4.1; do \
		if ! environment=$$(WEBKIT=$$version build/env.sh 2>/dev/null); then \
			echo "WebKitGTK $$version is not installed: skipped"; \
			continue; \
		fi; \
		(eval "$$environment"; go build -o $(OUT)/hasher-webkit$$version ./cmd/app); \
		[[ $$(ldd $(OUT)/hasher-webkit$$version) == *libwebkit2gtk-$$version* ]] || { \
			echo "hasher-webkit$$version is linked with another WebKitGTK" >&2; exit 1; }; \
		echo "WebKitGTK $$version: linked"; \
	done

# Debian's compiler carries the thread model in its name.
MINGW = $(shell command -v x86_64-w64-mingw32-$(1)-win32 || command -v x86_64-w64-mingw32-$(1))
windows = GOOS=windows GOARCH=amd64 CGO_ENABLED=1 \
	CC=$(notdir $(call MINGW,gcc)) CXX=$(notdir $(call MINGW,g++)) \
	CGO_CFLAGS='-O2 -g' CGO_CXXFLAGS='-O2 -g -I$(CURDIR)/build/windows/include' go

# Says of each package whether it leads to the native binding, which needs the platform's own SDK.
binding := github.com/webview/webview_go
native := {{$$is := "no"}}{{range .Deps}}{{if eq . "$(binding)"}}{{$$is = "yes"}}{{end}}{{end}}{{$$is}} {{or .ForTest .ImportPath}}

.PHONY: cross
cross: deps-windows frontend ## Build the demo for Windows, and vet what needs no foreign SDK
	$(say) 'Windows'
	@$(windows) build -trimpath -ldflags '-s -w -H windowsgui' -o $(OUT)/hasher.exe ./cmd/app
	@$(windows) $(vet) ./...
	@ls -l $(OUT)/hasher.exe | awk '{ print $$NF ": " $$5 " bytes" }'
	$(say) 'macOS: what needs no SDK'
	@export GOOS=darwin GOARCH=arm64 CGO_ENABLED=0; \
		build=$$(go list -e -f '$(native)' ./... | sed -n 's/^no //p'); \
		vet=$$(go list -e -test -f '$(native)' ./... | sed 's/\.test$$//' | sort -u | \
			awk '{ of[$$2] = of[$$2] $$1 } END { for (p in of) if (of[p] == "no") print p }' | sort); \
		go build $$build; \
		printf 'go build %s\n' $$build; \
		grep -qx casement/ipc <<<"$$build"; \
		if [[ -n $$vet ]]; then \
			go $(vet) $$vet; \
			printf 'go vet   %s\n' $$vet; \
		fi

.PHONY: dist
dist: deps-build deps-windows deps-dist frontend ## Make installers of the demo in build/out/dist
	@go run ./cmd/casement dist -o $(OUT)/dist ./cmd/app

.PHONY: check-dist
check-dist: dist deps-run deps-test ## Install the demo's installers, run what they install, and remove it
	@build/check-dist.sh $(OUT)/dist

.PHONY: repro
repro: deps-build deps-windows deps-dist ## Make the installers twice and compare them, byte by byte
	@build/repro.sh

.PHONY: fuzz
fuzz: deps-build ## Run each fuzz target for FUZZTIME (10m)
	@targets=$$(grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' . | sort) || { \
		echo 'no fuzz targets' >&2; exit 1; }; \
	while IFS=: read -r file name; do \
		name=$${name#func }; \
		printf '\n== %s in %s\n' "$$name" "$${file%/*}"; \
		($(go) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$${file%/*}") </dev/null; \
	done <<<"$$targets"

.PHONY: bench-go
bench-go: deps-build deps-run ## Run the Go benchmarks whose names match BENCH (all)
	@$(go) test -run '^$$' -bench '$(BENCH)' -benchmem ./...

# Which WebKitGTK the floor is linked with: what Go finds. Its version, and those of the peers.
webkitgtk = $$(pkg-config --list-all | grep -o 'webkit2gtk-4\.[01]' | sort | head -n 1)
floor = "bare WebKitGTK $$(pkg-config --modversion $(webkitgtk))=$(OUT)/bench/floor $(OUT)/bench/floor.js"
PEERS := internal/bench/peers
WAILS = $(shell sed -n 's/.*wails\/v3 v\([^ ]*\).*/\1/p' $(PEERS)/wails/go.mod)
TAURI = $(shell sed -n 's/^tauri = .*"=\([^"]*\)".*/\1/p' $(PEERS)/tauri/Cargo.toml)
WEBVIEW = $(shell sed -n 's/.*webview_go v0.0.0-\(....\)\(..\)\(..\).*/\1-\2-\3/p' go.mod)

.PHONY: bench
bench: build/out/bench/bench ## Measure Casement beside bare WebKitGTK, in turns; ROWS=regexp for some
	@$(screen) $< $(BENCHFLAGS) -only '$(value ROWS)' -json $(OUT)/bench.json -svg $(OUT)/bench.svg \
		'Casement=$(OUT)/bench/own $(OUT)/bench/page' $(floor)
	@echo 'All figures are in $(OUT)/bench.json, a chart in $(OUT)/bench.svg' >&2

.PHONY: bench-peers
bench-peers: build/out/bench/wails build/out/bench/tauri ## Measure Casement beside Wails v3, Tauri 2 and plain webview_go, in turns
	@peers=('Wails $(WAILS)=$(OUT)/bench/wails $(OUT)/bench/wails-page'); \
	if [[ -x $(OUT)/bench/tauri ]]; then peers+=('Tauri $(TAURI)=$(OUT)/bench/tauri'); fi; \
	$(screen) $(OUT)/bench/bench $(BENCHFLAGS) -only '$(value ROWS)' \
		-json $(OUT)/bench-peers.json -svg $(OUT)/bench-peers.svg \
		'Casement=$(OUT)/bench/own $(OUT)/bench/page' "$${peers[@]}" \
		'webview_go $(WEBVIEW)=$(OUT)/bench/webview $(OUT)/bench/webview.js' $(floor)
	@echo 'All figures are in $(OUT)/bench-peers.json, a chart in $(OUT)/bench-peers.svg' >&2

.PHONY: build/out/bench/wails
build/out/bench/wails: build/out/bench/bench
	@mkdir -p $(OUT)/bench/wails-page
	@cd $(PEERS) && npm ci --loglevel=error --no-progress >&2
	@cd frontend && npx --no esbuild -- ../$(PEERS)/wails.ts --bundle --minify --format=iife --log-level=warning \
		--outfile=../$(OUT)/bench/wails-page/page.js
	@cp $(OUT)/bench/page/index.html $(OUT)/bench/wails-page/
	@$(go) build -trimpath -ldflags '-s -w' -o $(OUT)/bench/webview ./internal/bench/webview
	@cd $(PEERS)/wails && go build -tags gtk3,production -trimpath -ldflags '-s -w' -o ../../../../$(OUT)/bench/wails .

# Without cargo there is no Tauri, and no reason to leave the others out. A page that is the same as before is left as it
# is, for cargo goes by its time.
.PHONY: build/out/bench/tauri
build/out/bench/tauri: build/out/bench/wails
	@rm -f $@
	@mkdir -p $(OUT)/bench/tauri-page
	@cd frontend && npx --no esbuild -- ../$(PEERS)/tauri.ts --bundle --minify --format=iife --log-level=warning \
		--outfile=../$(OUT)/bench/tauri.js
	@install -C -m 644 $(OUT)/bench/tauri.js $(OUT)/bench/tauri-page/page.js
	@install -C -m 644 $(OUT)/bench/page/index.html $(OUT)/bench/tauri-page/
	@if ! command -v cargo >/dev/null; then \
		echo 'bench-peers: there is no cargo here, so Tauri is left out' >&2; \
		exit; \
	fi; \
	[[ -e $(OUT)/bench/cargo/release/casement-bench-tauri ]] || \
		echo 'bench-peers: building Tauri, which takes minutes the first time' >&2; \
	if build/deps.sh peers && (cd $(PEERS)/tauri && CARGO_TARGET_DIR='$(CURDIR)/$(OUT)/bench/cargo' \
		REMOVE_UNUSED_COMMANDS=$$PWD cargo build --quiet --release --locked >/dev/null); then \
		cp $(OUT)/bench/cargo/release/casement-bench-tauri $@; \
	else \
		echo 'bench-peers: Tauri could not be built, so it is left out' >&2; \
	fi

.PHONY: build/out/bench/bench
build/out/bench/bench: deps-build deps-run $(MODULES)
	@mkdir -p $(OUT)/bench/page
	@$(npm) build:bench >&2
	@cp $(OUT)/bench/casement.js $(OUT)/bench/page/page.js
	@echo '<!doctype html><meta charset=utf-8><title>bench</title><body><script src=/page.js></script>' \
		>$(OUT)/bench/page/index.html
	@$(go) build -trimpath -ldflags '-s -w' -o $(OUT)/bench/own ./internal/bench/own
	@$(go) build -o $@ ./internal/bench
	@eval "$$(build/env.sh)"; cc -O2 -Wall -Wextra -o $(OUT)/bench/floor internal/bench/floor/floor.c \
		$$(pkg-config --cflags --libs $(webkitgtk) gtk+-3.0)

.PHONY: soak
soak: deps-build deps-run ## Run channels for minutes, and print what was promised beside what was measured
	@mkdir -p $(OUT)
	@$(go) build -o $(OUT)/soak ./internal/soak
	@$(screen) $(OUT)/soak

.PHONY: deps deps-build deps-run deps-test deps-windows deps-dist
deps: ## Install the system packages that are missing
	@build/deps.sh build run test windows
deps-build deps-run deps-test deps-windows deps-dist:
	@build/deps.sh $(@:deps-%=%)

.PHONY: clean
clean: ## Remove all that was built
	rm -rf $(OUT) frontend/node_modules
	find cmd/app/dist -mindepth 1 -not -name .gitkeep -delete
