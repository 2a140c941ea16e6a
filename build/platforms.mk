# Links and vets the demo for each platform.

.PHONY: webkit
webkit: needs-build needs-test frontend ## Link the demo with each installed WebKitGTK
	$(say) 'WebKitGTK 4.0 and 4.1'
	@for version in 4.0 4.1; do \
		if ! environment=$$(WEBKIT=$$version build/env.sh 2>/dev/null); then \
			echo "WebKitGTK $$version is not installed: skipped"; \
			continue; \
		fi; \
		(eval "$$environment"; go build -o $(OUT)/hasher-webkit$$version ./cmd/app); \
		[[ $$(ldd $(OUT)/hasher-webkit$$version) == *libwebkit2gtk-$$version* ]] || { \
			echo "hasher-webkit$$version is linked with the wrong WebKitGTK" >&2; exit 1; }; \
		echo "WebKitGTK $$version: linked"; \
	done

# The name of Debian's compiler contains the thread model.
MINGW = $(shell command -v x86_64-w64-mingw32-$(1)-win32 || command -v x86_64-w64-mingw32-$(1))
windows = GOOS=windows GOARCH=amd64 CGO_ENABLED=1 \
	CC=$(notdir $(call MINGW,gcc)) CXX=$(notdir $(call MINGW,g++)) \
	CGO_CFLAGS='-O2 -g' CGO_CXXFLAGS='-O2 -g -I$(CURDIR)/build/windows/include' go

# A template for go list. It prints whether a package imports the native binding, which needs the
# platform's SDK.
binding := github.com/webview/webview_go
native := {{$$is := "no"}}{{range .Deps}}{{if eq . "$(binding)"}}{{$$is = "yes"}}{{end}}{{end}}{{$$is}} {{or .ForTest .ImportPath}}

.PHONY: cross
cross: needs-windows frontend ## Build the demo for Windows; vet all code that needs no foreign SDK
	$(say) 'Windows'
	@$(windows) build -trimpath -ldflags '-s -w -H windowsgui' -o $(OUT)/hasher.exe ./cmd/app
	@$(windows) $(vet) ./...
	@ls -l $(OUT)/hasher.exe | awk '{ print $$NF ": " $$5 " bytes" }'
	$(say) 'macOS: packages that need no SDK'
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

