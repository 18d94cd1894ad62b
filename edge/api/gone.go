package api

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// errGone is why the work on a request ends when its client has left: queued work for nobody delays everybody.
var errGone = errors.New("the client went away")

// A watch hears from the kernel when the other side of a connection closes. fasthttp reads nothing while a handler
// runs, so it would notice only when it writes the answer. One epoll instance serves every connection; a request is in
// it from its last byte to its answer.
type watch struct {
	epoll int
	wake  int // an eventfd that ends run

	mu     sync.Mutex
	next   int32
	cancel map[int32]context.CancelCauseFunc
}

func newWatch() (*watch, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("watching clients: %w", err)
	}
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err == nil {
		err = unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, wake, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: 0})
	}
	if err != nil {
		unix.Close(epoll)
		return nil, fmt.Errorf("watching clients: %w", err)
	}
	return &watch{epoll: epoll, wake: wake, cancel: map[int32]context.CancelCauseFunc{}}, nil
}

// run delivers until close.
func (w *watch) run() {
	defer unix.Close(w.epoll)
	defer unix.Close(w.wake)
	events := make([]unix.EpollEvent, 64)
	for {
		n, err := unix.EpollWait(w.epoll, events, -1)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return
		}
		for _, event := range events[:max(n, 0)] {
			if event.Fd == 0 {
				return
			}
			w.mu.Lock()
			cancel := w.cancel[event.Fd]
			w.mu.Unlock()
			if cancel != nil {
				cancel(errGone)
			}
		}
	}
}

func (w *watch) close() { unix.Write(w.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0}) }

// add calls cancel when the client of c leaves, until done is called, which must happen before c can be closed.
// A connection that cannot be watched is one whose client never leaves early.
func (w *watch) add(c net.Conn, cancel context.CancelCauseFunc) (done func()) {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	sc, ok := c.(syscall.Conn)
	if !ok {
		return func() {}
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return func() {}
	}

	w.mu.Lock()
	w.next++
	if w.next <= 0 { // 0 is the eventfd, and the counter has come round
		w.next = 1
	}
	id := w.next
	w.cancel[id] = cancel
	w.mu.Unlock()

	added := false
	raw.Control(func(fd uintptr) {
		// Fd is handed back as it is given: an id, since the kernel gives a closed descriptor's number to the next
		// connection. Hang-ups and errors are reported unasked.
		event := unix.EpollEvent{Events: unix.EPOLLRDHUP | unix.EPOLLONESHOT, Fd: id}
		added = unix.EpollCtl(w.epoll, unix.EPOLL_CTL_ADD, int(fd), &event) == nil
	})
	return func() {
		if added {
			raw.Control(func(fd uintptr) { unix.EpollCtl(w.epoll, unix.EPOLL_CTL_DEL, int(fd), nil) })
		}
		w.mu.Lock()
		delete(w.cancel, id)
		w.mu.Unlock()
	}
}
