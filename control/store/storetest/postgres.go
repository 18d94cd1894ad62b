package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/store"
	"github.com/professionalaistudio/studio/control/store/postgres"
)

// Main runs the tests and then stops the private PostgreSQL, if one was started.
func Main(m *testing.M) { os.Exit(Run(m)) }

// Run is Main for a TestMain that has more to do: it returns the exit code.
func Run(m interface{ Run() int }) int {
	mainRuns.Store(true)
	code := m.Run()
	if err := stopServer(); err != nil {
		fmt.Fprintln(os.Stderr, "storetest:", err)
		code = max(code, 1)
	}
	return code
}

var mainRuns atomic.Bool

// Postgres opens a fresh, migrated PostgreSQL database that is gone when the test ends.
func Postgres(t testing.TB) *store.DB {
	t.Helper()
	return open(t, PostgresURL(t))
}

// PostgresURL names a fresh, migrated PostgreSQL database, for a test that opens it itself.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return database(t, true)
}

// emptyPostgres names a PostgreSQL database without a table.
func emptyPostgres(t testing.TB) string {
	t.Helper()
	return database(t, false)
}

// database makes a database for a test, and drops it afterwards.
func database(t testing.TB, migrated bool) string {
	t.Helper()
	if testing.Short() {
		t.Skip("PostgreSQL is left out by -short")
	}
	if !mainRuns.Load() {
		t.Fatal("this package needs func TestMain(m *testing.M) { storetest.Main(m) }")
	}
	s, err := startServer()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("test_%s", strings.ToLower(store.NewID()))
	if err := s.create(t.Context(), name, migrated); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := s.admin.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return s.url(name)
}

// A server is a PostgreSQL that tests make databases in.
type server struct {
	base     *url.URL // of its maintenance database
	admin    *sql.DB
	template string
	copying  sync.Mutex // a template may have no other user while it is copied
	stop     func() error
}

var theServer struct {
	sync.Mutex
	*server
	err error
}

// startServer finds or starts the server, once for the program.
func startServer() (*server, error) {
	theServer.Lock()
	defer theServer.Unlock()
	if theServer.server == nil && theServer.err == nil {
		theServer.server, theServer.err = newServer(context.Background())
	}
	return theServer.server, theServer.err
}

func stopServer() error {
	theServer.Lock()
	defer theServer.Unlock()
	s := theServer.server
	if s == nil {
		return nil
	}
	theServer.server, theServer.err = nil, errors.New("the private PostgreSQL has been stopped")
	_, err := s.admin.Exec("DROP DATABASE " + s.template)
	return errors.Join(err, s.admin.Close(), s.stop())
}

func newServer(ctx context.Context) (*server, error) {
	address, stop := os.Getenv("TEST_DATABASE_URL"), func() error { return nil }
	if address == "" {
		var err error
		if address, stop, err = startCluster(ctx); err != nil {
			return nil, err
		}
	}
	s := &server{template: "template_" + strings.ToLower(store.NewID()), stop: stop}
	if err := s.prepare(ctx, address); err != nil {
		return nil, errors.Join(fmt.Errorf("PostgreSQL for the tests: %w", err), stop())
	}
	return s, nil
}

func (s *server) prepare(ctx context.Context, address string) (err error) {
	if s.base, err = url.Parse(address); err != nil {
		return errors.New("TEST_DATABASE_URL is not a URL") // the error would show the password
	}
	deadline, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for { // a private server needs a moment to listen
		if s.admin, err = postgres.Open(deadline, address); err == nil {
			break
		}
		select {
		case <-deadline.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
	if _, err := s.admin.ExecContext(ctx, "CREATE DATABASE "+s.template); err != nil {
		return err
	}
	return migrate(s.url(s.template))
}

func (s *server) create(ctx context.Context, name string, migrated bool) error {
	s.copying.Lock()
	defer s.copying.Unlock()
	template := "template1"
	if migrated {
		template = s.template
	}
	_, err := s.admin.ExecContext(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template)
	return err
}

func (s *server) url(name string) string {
	u := *s.base
	u.Path = "/" + name
	return u.String()
}
