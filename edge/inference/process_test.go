package inference_test

import (
	"fmt"
	"os"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// redirect sends what C writes to standard output and to standard error elsewhere, until restore is called.
func redirect(t *testing.T, to *os.File) (restore func()) {
	t.Helper()
	kept := map[int]int{}
	for _, fd := range []int{1, 2} {
		copied, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
		if err != nil {
			t.Fatal(err)
		}
		kept[fd] = copied
		if err := unix.Dup3(int(to.Fd()), fd, 0); err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		for fd, copied := range kept {
			if err := unix.Dup3(copied, fd, 0); err != nil {
				t.Error(err)
			}
			unix.Close(copied)
		}
	}
}

// resident is the memory of this process that is in use, in bytes.
func resident(t *testing.T) int {
	t.Helper()
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("no /proc here")
	}
	var size, pages int
	if _, err := fmt.Sscan(string(statm), &size, &pages); err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

func addressOf(b []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(b))) }

// threads is how many threads this process has.
func threads(t *testing.T) int {
	t.Helper()
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Skip("no /proc here")
	}
	return len(tasks)
}

// threadsAt waits a moment for threads that are ending.
func threadsAt(t *testing.T, most int) int {
	t.Helper()
	for until := time.Now().Add(5 * time.Second); threads(t) > most && time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
	}
	return threads(t)
}
