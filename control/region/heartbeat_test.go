package region

import (
	"errors"
	"strings"
	"testing"
)

const good = `{"node":"edge-1","region":"local","address":"http://127.0.0.1:8081","build":"v1","documents":"ab12","load":0.25,"draining":false,"bundle":7,"jwks":{"keys":[]}}`

func TestReadHeartbeat(t *testing.T) {
	h, err := ReadHeartbeat([]byte(good))
	want := Heartbeat{"edge-1", "local", "http://127.0.0.1:8081", "v1", "ab12", 0.25, false, 7}
	if err != nil || h != want {
		t.Errorf("read %+v, error %v; want %+v", h, err, want)
	}
	for name, change := range map[string][2]string{
		"no node":             {`"edge-1"`, `""`},
		"a node with a slash": {`"edge-1"`, `"a/b"`},
		"a region in capital": {`"local"`, `"LOCAL"`},
		"an address of files": {`http://127.0.0.1:8081`, `file:///etc/passwd`},
		"a path in it":        {`http://127.0.0.1:8081`, `http://127.0.0.1:8081/x?y`},
		"a password in it":    {`http://127.0.0.1:8081`, `http://a:b@127.0.0.1:8081`},
		"load below zero":     {`0.25`, `-1`},
		"load beyond numbers": {`0.25`, `1e999`},
		"a digest of words":   {`"ab12"`, `"<script>"`},
		"a build of a page":   {`"v1"`, `"` + strings.Repeat("v", 200) + `"`},
		"not JSON":            {`{`, ``},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(good, change[0], change[1], 1)
			if _, err := ReadHeartbeat([]byte(changed)); !errors.Is(err, ErrHeartbeat) {
				t.Errorf("%s: error %v, want ErrHeartbeat", changed, err)
			}
		})
	}
}

// What is accepted can be shown on a page and put before a path.
func FuzzReadHeartbeat(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte(`{"node":"n","region":"r","address":"https://[::1]:1/"}`))
	f.Add([]byte(`{"node":"n","region":"r","address":"http://h\u0000:1"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := ReadHeartbeat(data)
		if err != nil {
			return
		}
		if again, err := ReadHeartbeat([]byte(`{"node":"` + h.Node + `","region":"` + h.Region + `","address":"` + h.Address + `"}`)); err != nil || again.Address != h.Address {
			t.Errorf("%q is accepted, but not as plain text: %+v, %v", h.Address, again, err)
		}
	})
}
