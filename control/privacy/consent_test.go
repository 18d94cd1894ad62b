package privacy_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/privacy"
	"github.com/professionalaistudio/studio/control/store/storetest"
)

var policy = privacy.Policy{Version: "2026-11-24", Digest: strings.Repeat("0", 64)}

func TestRecord(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	s := privacy.New(storetest.SQLite(t), func() time.Time { return now })
	first, err := s.Record(t.Context(), "", policy, []privacy.Purpose{privacy.Analytics, privacy.Analytics}, privacy.Banner)
	if err != nil || !first.Allows(privacy.Analytics) || len(first.Purposes) != 1 {
		t.Fatalf("recorded %+v, %v; want one purpose", first, err)
	}
	now = now.Add(time.Hour)
	second, err := s.Record(t.Context(), first.ID, policy, nil, privacy.Settings)
	if err != nil || second.ID != first.ID || second.Allows(privacy.Analytics) {
		t.Fatalf("recorded %+v, %v; want a refusal under the same id", second, err)
	}
	all, err := s.History(t.Context(), first.ID)
	if err != nil || len(all) != 2 || !all[0].Allows(privacy.Analytics) || all[1].Allows(privacy.Analytics) {
		t.Errorf("history %+v, %v; want both choices, oldest first", all, err)
	}
}

// A log that is never cleaned takes no text of strangers.
func TestRecordRefuses(t *testing.T) {
	s := privacy.New(storetest.SQLite(t), time.Now)
	ours := strings.Repeat("A", 26)
	yes := []privacy.Purpose{privacy.Analytics}
	for name, record := range map[string]func() error{
		"an id with a name in it": func() error {
			_, err := s.Record(t.Context(), "ada@example.org", policy, yes, privacy.Banner)
			return err
		},
		"an id of other letters": func() error { _, err := s.Record(t.Context(), ours[1:]+"1", policy, yes, privacy.Banner); return err },
		"an unknown purpose": func() error {
			_, err := s.Record(t.Context(), ours, policy, []privacy.Purpose{"ads"}, privacy.Banner)
			return err
		},
		"an unknown source":    func() error { _, err := s.Record(t.Context(), ours, policy, yes, "popup"); return err },
		"a signal that agrees": func() error { _, err := s.Record(t.Context(), ours, policy, yes, privacy.Signal); return err },
		"a policy without a version": func() error {
			_, err := s.Record(t.Context(), ours, privacy.Policy{Digest: policy.Digest}, yes, privacy.Banner)
			return err
		},
		"a policy without a digest": func() error {
			_, err := s.Record(t.Context(), ours, privacy.Policy{Version: "1"}, yes, privacy.Banner)
			return err
		},
	} {
		if err := record(); !errors.Is(err, privacy.ErrChoice) {
			t.Errorf("%s: %v, want ErrChoice", name, err)
		}
	}
}
