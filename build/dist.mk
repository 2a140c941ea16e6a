# Installers of the demo.

.PHONY: dist
dist: needs-build needs-windows needs-dist frontend ## Build installers of the demo in build/out/dist
	@go run ./cmd/casement dist -o $(OUT)/dist ./cmd/app

.PHONY: check-dist
check-dist: dist needs-run needs-test ## Install the demo from each installer, run it, and remove it
	@build/check-dist.sh $(OUT)/dist

.PHONY: repro
repro: needs-build needs-windows needs-dist ## Build the installers twice and compare them byte by byte
	@build/repro.sh

