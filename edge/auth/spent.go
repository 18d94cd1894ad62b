package auth

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"
)

// remember is how long after its end a spent token is kept in mind. The token of an order has the same id however
// often it was minted, so a later one must find it spent until control has heard of the delivery.
const remember = 24 * time.Hour

// spentSize is the length of a record of a spent token: the first half of its id's SHA-256, and until when it
// matters in unix seconds, little endian. The hash, because an order's id must not travel in gossip.
const spentSize = 16 + 8

// ErrSpent says that bytes are not records of spent tokens.
var ErrSpent = errors.New("not records of spent tokens")

// Spent knows the tokens that are good once. A token is reserved while the work goes on, and spent when the result
// exists, so that a failed attempt costs nobody anything.
type Spent struct {
	now      func() time.Time
	announce func(record []byte)

	mu    sync.Mutex
	seen  map[[16]byte]spent
	swept time.Time
}

type spent struct {
	until time.Time
	done  bool // else reserved
}

// NewSpent makes an empty memory. Announce, which may be nil, is told of each token that is spent here, as a record
// for the neighbours' Merge.
func NewSpent(now func() time.Time, announce func(record []byte)) *Spent {
	if now == nil {
		now = time.Now
	}
	return &Spent{now: now, announce: announce, seen: make(map[[16]byte]spent)}
}

// Reserve takes a token for one piece of work; ok is false where it is spent or in use. Exactly one of commit and
// release takes effect, the first that is called.
func (s *Spent) Reserve(jti string, exp time.Time) (commit, release func(), ok bool) {
	id, until := hash(jti), exp.Add(remember)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	if _, taken := s.seen[id]; taken {
		return func() {}, func() {}, false
	}
	s.seen[id] = spent{until: until}
	var once sync.Once
	commit = func() {
		once.Do(func() {
			s.mark(id, until)
			if s.announce != nil {
				s.announce(appendRecord(nil, id, until))
			}
		})
	}
	release = func() {
		once.Do(func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			if !s.seen[id].done { // a neighbour may have spent it meanwhile
				delete(s.seen, id)
			}
		})
	}
	return commit, release, true
}

// MarkSpent notes that a token was spent elsewhere.
func (s *Spent) MarkSpent(jti string, exp time.Time) { s.mark(hash(jti), exp.Add(remember)) }

func (s *Spent) mark(id [16]byte, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.seen[id]; old.until.After(until) {
		until = old.until
	}
	s.seen[id] = spent{until: until, done: true}
}

// Merge notes what a neighbour announced, or its whole Snapshot. A time further off than a token's can be is cut.
func (s *Spent) Merge(records []byte) error {
	if len(records)%spentSize != 0 {
		return fmt.Errorf("%d bytes: %w", len(records), ErrSpent)
	}
	now := s.now()
	for ; len(records) > 0; records = records[spentSize:] {
		until := time.Unix(int64(binary.LittleEndian.Uint64(records[16:])), 0)
		if latest := now.Add(remember + 2*time.Hour); until.After(latest) {
			until = latest
		}
		if until.After(now) {
			s.mark([16]byte(records[:16]), until)
		}
	}
	return nil
}

// Snapshot is all that is spent, for a neighbour that has just started.
func (s *Spent) Snapshot() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	var records []byte
	for id, entry := range s.seen {
		if entry.done {
			records = appendRecord(records, id, entry.until)
		}
	}
	return records
}

// sweep forgets, once a minute at most, what no longer matters.
func (s *Spent) sweep() {
	now := s.now()
	if now.Sub(s.swept) < time.Minute {
		return
	}
	s.swept = now
	for id, entry := range s.seen {
		if !entry.until.After(now) {
			delete(s.seen, id)
		}
	}
}

func hash(jti string) [16]byte {
	sum := sha256.Sum256([]byte(jti))
	return [16]byte(sum[:16])
}

func appendRecord(dst []byte, id [16]byte, until time.Time) []byte {
	return binary.LittleEndian.AppendUint64(append(dst, id[:]...), uint64(until.Unix()))
}
