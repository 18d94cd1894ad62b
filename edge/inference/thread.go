package inference

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// onThread calls work on a thread of the system that ends with it, and waits. What a library keeps for each thread goes with the
// thread: MLAS's block for packed matrices is freed, and so overwritten, and the stack is given back.
func onThread(work func()) {
	done := make(chan struct{})
	go func() {
		runtime.LockOSThread() // a goroutine that ends while it is locked takes its thread along
		if unix.Gettid() == unix.Getpid() {
			// The first thread of a process cannot end. While it is held here, work will find another.
			onThread(work)
			runtime.UnlockOSThread()
			close(done)
			return
		}
		defer close(done)
		work()
	}()
	<-done
}
