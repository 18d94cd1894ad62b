package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// readers is how many statements may read at once; each holds about 2 MB of page cache.
const readers = 4

// Open opens the file, making it and its folder if need be, and returns two pools on it: write has one connection,
// because SQLite lets one writer in at a time and queueing in Go is fair where its busy handler is a lottery; read
// has several, which in WAL mode wait for nobody, and refuses to write.
func Open(ctx context.Context, path string) (write, read *sql.DB, err error) {
	if path == "" || path == ":memory:" {
		return nil, nil, errors.New("sqlite: a file is needed, a database in memory is gone after a restart")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, nil, fmt.Errorf("sqlite: %w", err)
	}
	// Two programs that turn a new file to WAL at the same time would find it busy, whatever their patience.
	turn := NewLocker(path)
	if err := turn.SessionLock(ctx, nil); err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, turn.SessionUnlock(ctx, nil)) }()
	// The file holds e-mail addresses and hashes; SQLite would make it readable to all.
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("sqlite: %w", err)
	}
	if err := file.Close(); err != nil {
		return nil, nil, fmt.Errorf("sqlite: %w", err)
	}

	if write, err = open(ctx, path, 1, "_txlock=immediate"); err != nil {
		return nil, nil, err
	}
	if read, err = open(ctx, path, readers, "_pragma=query_only(1)"); err != nil {
		write.Close()
		return nil, nil, err
	}
	return write, read, nil
}

func open(ctx context.Context, path string, connections int, extra string) (*sql.DB, error) {
	// synchronous=FULL: what an edge was told is counted must survive a power cut, since the edge then deletes it.
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() +
		"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&" + extra
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	if err := db.PingContext(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("sqlite: open %s: %w", path, err)
	}
	return db, nil
}

// Unique says whether err is a row that exists already.
func Unique(err error) bool {
	return code(err) == lib.SQLITE_CONSTRAINT_UNIQUE || code(err) == lib.SQLITE_CONSTRAINT_PRIMARYKEY
}

// Foreign says whether err is a row that names another which does not exist.
func Foreign(err error) bool { return code(err) == lib.SQLITE_CONSTRAINT_FOREIGNKEY }

// Again says whether the same transaction may succeed when tried once more.
func Again(err error) bool { return code(err)&0xff == lib.SQLITE_BUSY }

func code(err error) int {
	if e, ok := errors.AsType[*driver.Error](err); ok {
		return e.Code()
	}
	return 0
}
