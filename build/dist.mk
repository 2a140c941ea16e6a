# Installers of the demo.

.PHONY: dist
dist: needs-build needs-windows needs-dist frontend ## Make installers of the demo in build/out/dist
	@go run ./cmd/casement dist -o $(OUT)/dist ./cmd/app

.PHONY: check-dist
check-dist: dist needs-run needs-test ## Install the demo's installers, run what they install, and remove it
	@build/check-dist.sh $(OUT)/dist

.PHONY: repro
repro: needs-build needs-windows needs-dist ## Make the installers twice and compare them, byte by byte
	@build/repro.sh

