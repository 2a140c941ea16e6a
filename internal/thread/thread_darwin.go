// Package thread tells operating-system threads apart.
package thread

/*
#include <pthread.h>
#include <stdint.h>

static uint64_t casement_thread(void) {
	uint64_t id = 0;
	pthread_threadid_np(NULL, &id);
	return id;
}
*/
import "C"

// ID returns the id of the calling thread. It says something only while the goroutine is locked to its thread, or compared
// with the id of a thread that another goroutine is locked to: nothing else runs on that one.
func ID() uint64 { return uint64(C.casement_thread()) }
