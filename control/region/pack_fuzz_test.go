package region

import (
	"encoding/json"
	"testing"
)

// Every document of a pack that is taken has an id, and its row can be shown by itself.
func FuzzReadPack(f *testing.F) {
	f.Add([]byte(`{"version":"1","digest":"abc","documents":[{"id":"us-passport","country":"US","country_name":"United States","document":"passport"}]}`))
	f.Add([]byte(`{"digest":"abc","documents":[null]}`))
	f.Add([]byte(`{"digest":"abc","documents":[{"id":"a"},{"id":"a"}]}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		pack, list, err := readPack(body)
		if err != nil {
			return
		}
		if pack.Digest == "" || len(list) == 0 {
			t.Errorf("%q is taken with the digest %q and %d documents", body, pack.Digest, len(list))
		}
		for _, d := range list {
			if d.ID == "" || !json.Valid(d.Row) {
				t.Errorf("%q is taken with the document %q, row %q", body, d.ID, d.Row)
			}
		}
	})
}
