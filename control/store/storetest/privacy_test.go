package storetest

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/privacy"
	"github.com/professionalaistudio/studio/control/store"
)

// A change of mind is a new row: what was agreed to before stays provable.
func TestConsents(t *testing.T) {
	Each(t, func(t *testing.T, db *store.DB) {
		policy := privacy.Policy{Version: "2026-11-24", Digest: strings.Repeat("a", 64)}
		want := []privacy.Consent{
			{ID: "A", Policy: policy, Purposes: []privacy.Purpose{privacy.Analytics}, Source: privacy.Banner, At: noon},
			{ID: "A", Policy: policy, Source: privacy.Settings, At: noon.Add(time.Hour)},
		}
		for _, c := range append(want, privacy.Consent{ID: "B", Policy: policy, Source: privacy.Signal, At: noon}) {
			if err := db.AppendConsent(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := db.Consents(t.Context(), "A"); !reflect.DeepEqual(got, want) || err != nil {
			t.Errorf("read %+v, %v; want %+v", got, err, want)
		}
	})
}
