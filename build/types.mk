# Types that no app wrote: a module of its own, so that Casement's does not need theirs.

TYPESFLAGS ?=

.PHONY: test-types
test-types: frontend ## Generate, compile and send the types of Kubernetes, GitHub, Stripe, Docker, AWS, protobuf and databases
	@cd build/realtypes && go vet ./... && go test $(TYPESFLAGS) ./...
