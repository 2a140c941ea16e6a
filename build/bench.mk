# Fuzzing, benchmarks and soak tests, which run for minutes.

FUZZTIME ?= 10m
BENCH ?= .
BENCHFLAGS ?=
ROWS ?=

.PHONY: fuzz
fuzz: needs-build ## Run each fuzz target for FUZZTIME (10m)
	@targets=$$(grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' . | sort) || { \
		echo 'no fuzz targets' >&2; exit 1; }; \
	while IFS=: read -r file name; do \
		name=$${name#func }; \
		printf '\n== %s in %s\n' "$$name" "$${file%/*}"; \
		($(go) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$${file%/*}") </dev/null; \
	done <<<"$$targets"

.PHONY: bench-go
bench-go: needs-build needs-run ## Run the Go benchmarks whose names match BENCH (all)
	@$(go) test -run '^$$' -bench '$(BENCH)' -benchmem ./...

# The floor is linked with the WebKitGTK that Go finds. Below, its version and those of the peers.
webkitgtk = $$(pkg-config --list-all | grep -o 'webkit2gtk-4\.[01]' | sort | head -n 1)
floor = "bare WebKitGTK $$(pkg-config --modversion $(webkitgtk))=$(OUT)/bench/floor $(OUT)/bench/floor.js"
PEERS := internal/bench/peers
WAILS = $(shell sed -n 's/.*wails\/v3 v\([^ ]*\).*/\1/p' $(PEERS)/wails/go.mod)
TAURI = $(shell sed -n 's/^tauri = .*"=\([^"]*\)".*/\1/p' $(PEERS)/tauri/Cargo.toml)
WEBVIEW = $(shell sed -n 's/.*webview_go v0.0.0-\(....\)\(..\)\(..\).*/\1-\2-\3/p' go.mod)

.PHONY: bench
bench: build/out/bench/bench ## Compare Casement with bare WebKitGTK; ROWS=regexp selects rows
	@$(screen) $< $(BENCHFLAGS) -only '$(value ROWS)' -json $(OUT)/bench.json -svg $(OUT)/bench.svg \
		'Casement=$(OUT)/bench/own $(OUT)/bench/page' $(floor)
	@echo 'Figures: $(OUT)/bench.json, chart: $(OUT)/bench.svg' >&2

.PHONY: bench-peers
bench-peers: build/out/bench/wails build/out/bench/tauri ## Compare Casement with Wails v3, Tauri 2 and plain webview_go
	@peers=('Wails $(WAILS)=$(OUT)/bench/wails $(OUT)/bench/wails-page'); \
	if [[ -x $(OUT)/bench/tauri ]]; then peers+=('Tauri $(TAURI)=$(OUT)/bench/tauri'); fi; \
	$(screen) $(OUT)/bench/bench $(BENCHFLAGS) -only '$(value ROWS)' \
		-json $(OUT)/bench-peers.json -svg $(OUT)/bench-peers.svg \
		'Casement=$(OUT)/bench/own $(OUT)/bench/page' "$${peers[@]}" \
		'webview_go $(WEBVIEW)=$(OUT)/bench/webview $(OUT)/bench/webview.js' $(floor)
	@echo 'Figures: $(OUT)/bench-peers.json, chart: $(OUT)/bench-peers.svg' >&2

.PHONY: build/out/bench/wails
build/out/bench/wails: build/out/bench/bench
	@mkdir -p $(OUT)/bench/wails-page
	@cd $(PEERS) && npm ci --loglevel=error --no-progress >&2
	@cd frontend && npx --no esbuild -- ../$(PEERS)/wails.ts --bundle --minify --format=iife --log-level=warning \
		--outfile=../$(OUT)/bench/wails-page/page.js
	@cp $(OUT)/bench/page/index.html $(OUT)/bench/wails-page/
	@$(go) build -trimpath -ldflags '-s -w' -o $(OUT)/bench/webview ./internal/bench/webview
	@cd $(PEERS)/wails && go build -tags gtk3,production -trimpath -ldflags '-s -w' -o ../../../../$(OUT)/bench/wails .

# Without cargo, Tauri is left out and the others run. Unchanged pages are not rewritten, because
# cargo rebuilds by file time.
.PHONY: build/out/bench/tauri
build/out/bench/tauri: build/out/bench/wails
	@rm -f $@
	@mkdir -p $(OUT)/bench/tauri-page
	@cd frontend && npx --no esbuild -- ../$(PEERS)/tauri.ts --bundle --minify --format=iife --log-level=warning \
		--outfile=../$(OUT)/bench/tauri.js
	@install -C -m 644 $(OUT)/bench/tauri.js $(OUT)/bench/tauri-page/page.js
	@install -C -m 644 $(OUT)/bench/page/index.html $(OUT)/bench/tauri-page/
	@if ! command -v cargo >/dev/null; then \
		echo 'bench-peers: cargo is not installed, so Tauri is left out' >&2; \
		exit; \
	fi; \
	[[ -e $(OUT)/bench/cargo/release/casement-bench-tauri ]] || \
		echo 'bench-peers: building Tauri, which takes minutes the first time' >&2; \
	if build/deps.sh --check peers && (cd $(PEERS)/tauri && CARGO_TARGET_DIR='$(CURDIR)/$(OUT)/bench/cargo' \
		REMOVE_UNUSED_COMMANDS=$$PWD cargo build --quiet --release --locked >/dev/null); then \
		cp $(OUT)/bench/cargo/release/casement-bench-tauri $@; \
	else \
		echo 'bench-peers: Tauri could not be built, so it is left out' >&2; \
	fi

.PHONY: build/out/bench/bench
build/out/bench/bench: needs-build needs-run $(MODULES)
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
soak: needs-build needs-run ## Run channels for minutes and print each measurement beside its bound
	@mkdir -p $(OUT)
	@$(go) build -o $(OUT)/soak ./internal/soak
	@$(screen) $(OUT)/soak

