package inference

/*
#include "pool.h"
#include "slab.h"
*/
import "C"

import (
	"errors"
	"runtime"
	"strings"
)

// pooled is the version of ONNX Runtime whose threads were seen to keep nothing (TestNothingStaysInMemory). One of another
// version may put pieces of a picture where pool.c does not look, so it gets no threads.
const pooled = "1.27."

// poolable tells whether a session of the library in use may have threads of its own.
func poolable(version string) bool {
	return strings.HasPrefix(version, pooled) && C.inf_pools() != 0
}

// A pool is the threads that ONNX Runtime keeps for one session, beside that which calls it; see pool.c.
type pool struct{ ptr *C.inf_pool }

func newPool(threads int) (*pool, error) {
	if ptr := C.inf_pool_new(C.int(threads)); ptr != nil {
		return &pool{ptr}, nil
	}
	return nil, errors.New("no memory for threads")
}

// making calls create, which has ONNX Runtime make the threads.
func (p *pool) making(create func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	C.inf_pool_enter(p.ptr)
	defer C.inf_pool_enter(nil)
	return create()
}

// complete waits until all threads are there and sleep, and tells whether they do.
func (p *pool) complete() bool { return C.inf_pool_complete(p.ptr) != 0 }

// clean waits until the threads sleep, and zeroes what they have kept of a run, which is over.
func (p *pool) clean() { C.inf_pool_clean(p.ptr) }

// free is for when the session is gone.
func (p *pool) free() { C.inf_pool_free(p.ptr) }
