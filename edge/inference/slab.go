package inference

/*
#cgo CFLAGS: -std=c11 -O2 -Wall -Wextra -Wno-unused-parameter
#cgo LDFLAGS: -ldl
#include <stdlib.h>
#include "slab.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"unsafe"
)

// register makes ONNX Runtime take the memory of its runs from slabs.
func register(library string) error {
	name := C.CString(library)
	defer C.free(unsafe.Pointer(name))
	if fault := C.inf_register(name); fault != nil {
		return errors.New(C.GoString(fault))
	}
	return nil
}

// unregister undoes it. No session may be left.
func unregister() { C.inf_unregister() }

// A slab is the memory of one run at a time, zeroed after each; see slab.c.
type slab struct{ ptr *C.inf_slab }

func newSlab() (slab, error) {
	if ptr := C.inf_slab_new(); ptr != nil {
		return slab{ptr}, nil
	}
	return slab{}, fmt.Errorf("no memory for a run")
}

func (s slab) free() { C.inf_slab_free(s.ptr) }

// during calls work, whose memory comes from s. It is zeroed by the time that during returns.
func (s slab) during(work func() error) error {
	C.inf_enter(s.ptr)
	defer C.inf_leave()
	return work()
}

// place is where slab.c believes a function to stand in OrtApi.
func place(function string) int {
	name := C.CString(function)
	defer C.free(unsafe.Pointer(name))
	return int(C.inf_place(name))
}
