package store

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/identity"
	"github.com/professionalaistudio/studio/control/org"
)

func open(t *testing.T) *DB {
	t.Helper()
	db, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "a b?c#d.db"), Secret{1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

func TestOpenRefuses(t *testing.T) {
	for _, url := range []string{"", "mysql://x", "sqlite:", "sqlite::memory:", "control.db", "postgres://127.0.0.1:1/x?connect_timeout=1"} {
		if db, err := Open(t.Context(), url, Secret{}); err == nil {
			db.Close()
			t.Errorf("Open(%q) opened something", url)
		}
	}
	_, err := Open(t.Context(), "postgres://me:hunter2@127.0.0.1:1/x?connect_timeout=1", Secret{})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the password stands in the error: %v", err)
	}
}

// Nobody but the owner may read the database, whatever the umask.
func TestFileMode(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), "sqlite:"+filepath.Join(dir, "x.db"), Secret{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v (%v), want 0600", e.Name(), info.Mode(), err)
		}
	}
}

// The settings of SQLite hold on every connection, not just on the first.
func TestPragmas(t *testing.T) {
	db := open(t)
	for name, pool := range map[string]*sql.DB{"write": db.write, "read": db.read} {
		for pragma, want := range map[string]string{"journal_mode": "wal", "foreign_keys": "1", "busy_timeout": "10000", "synchronous": "2"} {
			var got string
			if err := pool.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s: %s = %q (%v), want %q", name, pragma, got, err, want)
			}
		}
	}
	if _, err := db.read.Exec("DELETE FROM counters"); err == nil {
		t.Error("the reading pool deleted rows")
	}
}

// A transaction that fails leaves nothing behind, also when it panics.
func TestTxRollsBack(t *testing.T) {
	db := open(t)
	count := func() (n int) {
		if err := db.read.QueryRow("SELECT count(*) FROM counters WHERE name = 'x'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	mine := errors.New("mine")
	if err := db.tx(t.Context(), func(tx *sql.Tx) error {
		if _, err := next(t.Context(), tx, "x"); err != nil {
			return err
		}
		return mine
	}); !errors.Is(err, mine) || count() != 0 {
		t.Errorf("a failed transaction: %v and %d rows, want %v and none", err, count(), mine)
	}
	func() {
		defer func() { recover() }()
		db.tx(t.Context(), func(tx *sql.Tx) error {
			next(t.Context(), tx, "x")
			panic("fault")
		})
	}()
	if n := count(); n != 0 {
		t.Errorf("after a panic there are %d rows, want none", n)
	}
	if err := db.tx(t.Context(), func(tx *sql.Tx) error { _, err := next(t.Context(), tx, "x"); return err }); err != nil || count() != 1 {
		t.Errorf("the next transaction: %v and %d rows, want none and 1", err, count())
	}
}

// A transaction that lost a race is tried again, one that failed otherwise is not, and none for ever.
func TestTxTriesAgain(t *testing.T) {
	db := open(t)
	lost, other := errors.New("lost a race"), errors.New("other")
	db.engine.again = func(err error) bool { return errors.Is(err, lost) }
	for name, test := range map[string]struct {
		fails []error
		runs  int
		want  error
	}{
		"twice":         {[]error{lost, lost, nil}, 3, nil},
		"for ever":      {[]error{lost, lost, lost, lost, lost, lost, lost}, attempts, lost},
		"another fault": {[]error{other, nil}, 1, other},
	} {
		t.Run(name, func(t *testing.T) {
			runs := 0
			err := db.tx(t.Context(), func(*sql.Tx) error { runs++; return test.fails[runs-1] })
			if runs != test.runs || !errors.Is(err, test.want) {
				t.Errorf("ran %d times and ended with %v, want %d and %v", runs, err, test.runs, test.want)
			}
		})
	}
}

// Readers do not wait for a writer.
func TestReadWhileWriting(t *testing.T) {
	db := open(t)
	if err := db.tx(t.Context(), func(tx *sql.Tx) error {
		if _, err := next(t.Context(), tx, "x"); err != nil {
			return err
		}
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				if n, err := db.BundleNumber(t.Context()); n != 0 || err != nil {
					t.Errorf("read %d (%v) beside an open transaction, want 0", n, err)
				}
			})
		}
		all.Wait()
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// What is sealed opens in its place only, and never with another secret.
func TestSeal(t *testing.T) {
	db, plain := &DB{secret: Secret{1}}, []byte("private")
	sealed := db.seal("t.c", "id", plain)
	if bytes.Contains(sealed, plain) {
		t.Error("the sealed value holds the plain one")
	}
	if got, err := db.open("t.c", "id", sealed); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("opened %q (%v), want %q", got, err, plain)
	}
	altered := bytes.Clone(sealed)
	altered[len(altered)-1] ^= 1
	for name, try := range map[string]func() ([]byte, error){
		"another column": func() ([]byte, error) { return db.open("t.d", "id", sealed) },
		"another row":    func() ([]byte, error) { return db.open("t.c", "ie", sealed) },
		"altered":        func() ([]byte, error) { return db.open("t.c", "id", altered) },
		"cut":            func() ([]byte, error) { return db.open("t.c", "id", sealed[:5]) },
		"another secret": func() ([]byte, error) { return (&DB{secret: Secret{2}}).open("t.c", "id", sealed) },
	} {
		if got, err := try(); !errors.Is(err, ErrSecret) {
			t.Errorf("%s: opened %q (%v), want %v", name, got, err, ErrSecret)
		}
	}
}

// Neither the URL key of a customer nor a signing key can be read from the file.
func TestSecretsAreNotInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	db, err := Open(t.Context(), "sqlite:"+path, Secret{1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	p, err := db.SavePerson(t.Context(), identity.Person{Issuer: "i", Subject: "s"})
	if err != nil {
		t.Fatal(err)
	}
	o, err := db.FoundOrg(t.Context(), p.ID, org.Org{Name: "o"})
	if err != nil {
		t.Fatal(err)
	}
	pair := strings.Repeat("K", 32)
	if err := db.AddOrgKey(t.Context(), org.Key{ID: "plainid", Org: o.ID, Purpose: "p",
		KeyHex: strings.Repeat("4b", 32), SaltHex: strings.Repeat("4c", 32)}, 2, 9); err != nil {
		t.Fatal(err)
	}
	seed := [32]byte([]byte(strings.Repeat("S", 32)))
	if _, err := db.BundleSeed(t.Context(), seed); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(file, []byte("plainid")) {
		t.Error("the key's id is not in the file: this test looks in the wrong place")
	}
	for _, secret := range []string{pair, strings.Repeat("4b", 16), string(seed[:])} {
		if bytes.Contains(file, []byte(secret)) {
			t.Errorf("%q stands in the database file", secret)
		}
	}
}

func TestLoadSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "secret")
	secrets := make(chan Secret, 8)
	var all sync.WaitGroup
	for range cap(secrets) {
		all.Go(func() {
			s, err := LoadSecret(path)
			if err != nil {
				t.Error(err)
			}
			secrets <- s
		})
	}
	all.Wait()
	first := <-secrets
	if first == (Secret{}) {
		t.Error("the secret is empty")
	}
	for range cap(secrets) - 1 {
		if s := <-secrets; s != first {
			t.Error("two programs that started together have two secrets")
		}
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("%d files beside the secret, want it alone", len(entries))
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v (%v), want 0600", info.Mode().Perm(), err)
	}
	if a, b := first.Key("a"), first.Key("b"); a == b {
		t.Error("two purposes have one key")
	}

	os.Chmod(path, 0o640)
	if _, err := LoadSecret(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a secret that others may read: %v, want advice to chmod", err)
	}
	os.WriteFile(path, []byte("short"), 0o600)
	os.Chmod(path, 0o600)
	if _, err := LoadSecret(path); err == nil {
		t.Error("a secret of five bytes was taken")
	}
}

// Ids are 26 letters of Crockford's alphabet, sort by age, and are not repeated.
func TestNewID(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id := NewID()
		if len(id) != 26 || strings.Trim(id, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != "" || id[0] > '7' || seen[id] {
			t.Fatalf("id %q is none, or given twice", id)
		}
		seen[id] = true
	}
	first := NewID()
	time.Sleep(2 * time.Millisecond) // the clock of an id ticks in milliseconds
	if second := NewID(); second <= first {
		t.Errorf("ids %s and then %s: the later sorts first", first, second)
	}
	// The first ten letters are the time: 01J… began in 2024, 01M… in 2029.
	if first[:2] != "01" {
		t.Errorf("id %s is not of this century", first)
	}
}
