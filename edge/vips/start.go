package vips

/*
#cgo pkg-config: vips libjpeg
#cgo CFLAGS: -std=c11 -D_GNU_SOURCE -O3 -Wall -Wextra -Wno-unused-parameter
#cgo pkg-config: gmodule-2.0
#cgo LDFLAGS: -lm -ldl
#include "bridge.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"sync"
	"unsafe"

	"github.com/h2non/bimg"
)

// Config is what may be tuned about libvips.
type Config struct {
	// Concurrency is how many threads libvips may use inside one operation. 0 means 1: an edge has as many pictures
	// under work as it has CPUs, and a second thread in one of them would take the CPU of another.
	Concurrency int
}

var life struct {
	sync.Mutex
	started, stopped bool
}

// Start makes libvips ready and safe for strangers: no cache, no file on disk whatever the size, only the six loaders we
// chose, freed memory overwritten. Calling it again does nothing. bimg has run vips_init by the time any of our code
// runs; what it sets (a cache of 500 operations) is undone here.
func Start(cfg Config) error {
	life.Lock()
	defer life.Unlock()
	if life.stopped {
		return ErrStopped // libvips cannot be started twice in one process
	}
	if life.started {
		return nil
	}
	if cfg.Concurrency < 0 {
		return fmt.Errorf("vips: concurrency must not be negative, got %d", cfg.Concurrency)
	}
	if C.ev_start(C.int(max(cfg.Concurrency, 1))) != 0 {
		return failure("start", nil)
	}
	bimg.VipsCacheSetMax(0)
	bimg.VipsCacheSetMaxMem(0)
	var missing []error
	for f := JPEG; f <= TIFF; f++ {
		if C.ev_can_load(C.int(f)) == 0 {
			missing = append(missing, fmt.Errorf("vips: this libvips cannot read %s", f))
		}
		if f.CanSave() && C.ev_can_save(C.int(f)) == 0 {
			missing = append(missing, fmt.Errorf("vips: this libvips cannot write %s", f))
		}
	}
	if err := errors.Join(missing...); err != nil {
		return err
	}
	life.started = true
	return nil
}

// Stop ends libvips for the life of the process. Every Image must have been closed.
func Stop() {
	life.Lock()
	defer life.Unlock()
	if life.stopped {
		return
	}
	life.started, life.stopped = false, true
	bimg.Shutdown()
}

// running says whether work may go to libvips.
func running() error {
	life.Lock()
	defer life.Unlock()
	switch {
	case life.stopped:
		return ErrStopped
	case !life.started:
		return errors.New("vips: not started")
	}
	return nil
}

// Version is that of the libvips in use, "8.14.1".
func Version() string { return C.GoString(C.ev_version()) }

// Memory is what libvips holds at this moment.
type Memory struct {
	Bytes, Peak int64 // pixel buffers, now and at most so far
	Buffers     int   // how many of them
	Files       int   // open files: 0, or something spills
}

// MemoryStats reads libvips' own counters, and ours of what it is lent (memory.c).
func MemoryStats() Memory {
	var now, high C.int64_t
	var allocs, files C.int
	C.ev_memory(&now, &high, &allocs, &files)
	return Memory{Bytes: int64(now), Peak: int64(high), Buffers: int(allocs), Files: int(files)}
}

// Trim gives what the C heap has free back to the system; worth calling when an edge has fallen idle.
func Trim() { C.ev_trim() }

// failure is the error of a step that libvips refused; cause is what it means, if we know.
func failure(op string, cause error) error {
	var text [16384]C.char // libvips keeps 10 KB
	C.ev_error(&text[0], C.size_t(len(text)))
	return &OpError{Op: op, Text: printable(C.GoString((*C.char)(unsafe.Pointer(&text[0])))), Err: cause}
}

// discThreshold is the decoded size from which libvips would use a file on disk.
func discThreshold() uint64 { return uint64(C.ev_disc_threshold()) }
