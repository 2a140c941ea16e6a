// Package pod returns a Pod, for the benchmark of the generator.
package pod

import (
	"context"

	corev1 "k8s.io/api/core/v1"

	"casement/ipc"
)

// Register registers the command.
func Register(r *ipc.Router) {
	ipc.Handle(r, "pod", func(_ context.Context, a struct{ V corev1.Pod }) (corev1.Pod, error) { return a.V, nil })
}
