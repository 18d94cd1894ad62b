package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// A Locker keeps two programs from making or migrating one file at the same time. SQLite's own lock is given back between a look
// at the version and the migration that follows from it. It is a lock of the file system on a file beside the database
// (closing the database's own would drop SQLite's locks), so it ends with its holder, however that ends.
type Locker struct {
	path string
	file *os.File
}

// NewLocker makes the locker of the database at path.
func NewLocker(path string) *Locker { return &Locker{path: path + ".lock"} }

// SessionLock waits for its turn until ctx ends. (It is goose's interface, which is made for a lock in the database.)
func (l *Locker) SessionLock(ctx context.Context, _ *sql.Conn) error {
	file, err := os.OpenFile(l.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			l.file = file
			return nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return errors.Join(fmt.Errorf("sqlite: lock %s: %w", l.path, err), file.Close())
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("sqlite: waiting for another program's turn: %w", context.Cause(ctx)), file.Close())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// SessionUnlock lets the next one migrate.
func (l *Locker) SessionUnlock(context.Context, *sql.Conn) error { return l.file.Close() }
