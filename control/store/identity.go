package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/professionalaistudio/studio/control/identity"
)

var _ identity.Store = (*DB)(nil)

const personColumns = `people.id, people.issuer, people.subject, people.email, people.name, people.created`

func scanPerson(row scanner) (p identity.Person, err error) {
	var created int64
	err = row.Scan(&p.ID, &p.Issuer, &p.Subject, &p.Email, &p.Name, &created)
	p.Created = moment(created)
	return p, err
}

// SavePerson implements identity.Store.
func (db *DB) SavePerson(ctx context.Context, p identity.Person) (saved identity.Person, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		saved, err = one(ctx, tx, scanPerson, `INSERT INTO people (id, issuer, subject, email, name, created)
			VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (issuer, subject) DO UPDATE SET email = $4, name = $5
			RETURNING `+personColumns, NewID(), p.Issuer, p.Subject, p.Email, p.Name, micros(p.Created))
		return err
	})
	return saved, err
}

// Person implements identity.Store.
func (db *DB) Person(ctx context.Context, id string) (identity.Person, error) {
	p, err := one(ctx, db.read, scanPerson, `SELECT `+personColumns+` FROM people WHERE id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return p, identity.ErrNoPerson
	}
	return p, err
}

// AddSession implements identity.Store.
func (db *DB) AddSession(ctx context.Context, s identity.Session) (identity.Session, error) {
	s.ID = NewID()
	_, err := db.exec(ctx, `INSERT INTO sessions (id, person, hash, created, seen) VALUES ($1, $2, $3, $4, $5)`,
		s.ID, s.PersonID, s.Hash[:], micros(s.Created), micros(s.Seen))
	if err != nil && db.engine.foreign(err) {
		err = identity.ErrNoPerson
	}
	return s, err
}

// Session implements identity.Store.
func (db *DB) Session(ctx context.Context, hash [32]byte) (s identity.Session, p identity.Person, err error) {
	var began, seen, created int64
	err = db.read.QueryRowContext(ctx, `SELECT sessions.id, sessions.created, sessions.seen, `+personColumns+`
		FROM sessions JOIN people ON people.id = sessions.person WHERE sessions.hash = $1`, hash[:]).
		Scan(&s.ID, &began, &seen, &p.ID, &p.Issuer, &p.Subject, &p.Email, &p.Name, &created)
	if errors.Is(err, sql.ErrNoRows) {
		return s, p, identity.ErrNoSession
	}
	s.PersonID, s.Hash, s.Created, s.Seen, p.Created = p.ID, hash, moment(began), moment(seen), moment(created)
	return s, p, err
}

// TouchSession implements identity.Store.
func (db *DB) TouchSession(ctx context.Context, id string, seen time.Time) error {
	_, err := db.exec(ctx, `UPDATE sessions SET seen = $2 WHERE id = $1 AND seen < $2`, id, micros(seen))
	return err
}

// EndSession implements identity.Store.
func (db *DB) EndSession(ctx context.Context, hash [32]byte) error {
	_, err := db.exec(ctx, `DELETE FROM sessions WHERE hash = $1`, hash[:])
	return err
}

// EndSessions implements identity.Store.
func (db *DB) EndSessions(ctx context.Context, personID string) error {
	_, err := db.exec(ctx, `DELETE FROM sessions WHERE person = $1`, personID)
	return err
}

// SweepSessions implements identity.Store.
func (db *DB) SweepSessions(ctx context.Context, seen, created time.Time) (int64, error) {
	return db.exec(ctx, `DELETE FROM sessions WHERE seen <= $1 OR created <= $2`, micros(seen), micros(created))
}
