package fakepay

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// The states of a session.
const (
	open     = "open"
	paid     = "paid"
	declined = "declined"
	captured = "captured"
)

// A session is one payment asked for.
type session struct {
	ID       string `json:"id"`
	Order    string `json:"order"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	Text     string `json:"text"`
	Return   string `json:"return_url"`
	Status   string `json:"status"`
}

// sessions is what the provider remembers. With a file it survives a restart, so that an order made before one can
// still be paid.
type sessions struct {
	mu    sync.Mutex
	file  string
	byID  map[string]session
	order map[string]string // order to session: a repeated request makes no second payment
}

func loadSessions(file string) (*sessions, error) {
	s := &sessions{file: file, byID: map[string]session{}, order: map[string]string{}}
	if file == "" {
		return s, nil
	}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &s.byID)
	}
	if err != nil {
		return nil, fmt.Errorf("fakepay: %s: %w", file, err)
	}
	for id, one := range s.byID {
		s.order[one.Order] = id
	}
	return s, nil
}

// make returns the order's session, made now if there is none. A second request for other terms is an error.
func (s *sessions) make(want session) (session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id, ok := s.order[want.Order]; ok {
		have := s.byID[id]
		if have.Amount != want.Amount || have.Currency != want.Currency {
			return session{}, fmt.Errorf("order %s was asked for with another amount", want.Order)
		}
		return have, nil
	}
	want.ID, want.Status = "fps_"+rand.Text(), open
	s.byID[want.ID], s.order[want.Order] = want, want.ID
	return want, s.save()
}

func (s *sessions) get(id string) (session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, ok := s.byID[id]
	return one, ok
}

// move takes a session from one state to another. It says false if the session is in a third.
func (s *sessions) move(id, from, to string) (one session, moved bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, ok := s.byID[id]
	if !ok || one.Status != from {
		return one, false, nil
	}
	one.Status = to
	s.byID[id] = one
	return one, true, s.save()
}

// save writes the file whole, so that a kill leaves the old one or the new one.
func (s *sessions) save() error {
	if s.file == "" {
		return nil
	}
	data, err := json.Marshal(s.byID)
	if err != nil {
		return err
	}
	next, err := os.CreateTemp(filepath.Dir(s.file), ".fakepay-*")
	if err != nil {
		return err
	}
	defer os.Remove(next.Name())
	if _, err := next.Write(data); err != nil {
		next.Close()
		return err
	}
	if err := next.Close(); err != nil {
		return err
	}
	return os.Rename(next.Name(), s.file)
}
