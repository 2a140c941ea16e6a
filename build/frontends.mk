# Apps of real frontend tools, built and driven in windows.

TOOL ?=

# Each app is built once, below build/out/frontends, and again when its sources in testdata change.
.PHONY: test-frontends
test-frontends: needs-build needs-run needs-test ## Build apps with frontend tools from npm and drive them; TOOL=Next for one
	@$(go) test -tags frontends -count=1 -timeout 60m -v -run '^TestProductionBuilds$$$(if $(TOOL),/^$(value TOOL)$$)' \
		./internal/frontends
