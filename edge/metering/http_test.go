package metering

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestControlSpeaksTheContract(t *testing.T) {
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			records, _ := io.ReadAll(r.Body)
			got := fmt.Sprintln(r.Method, r.URL.Path, r.FormValue("node"), r.FormValue("boot"), r.Header.Get("Content-Type"), r.Header.Get("Authorization"), string(records))
			if want := "POST /internal/usage a&b 01-t1 application/octet-stream Bearer secret records\n"; got != want {
				t.Errorf("asked %s, want %s", got, want)
			}
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	for name, test := range map[string]struct {
		status int
		body   string
		mark   uint64
		fault  string
	}{
		"counted":           {200, `{"watermark":18446744073709551615}`, 1<<64 - 1, ""},
		"nothing yet":       {200, `{"watermark":0}`, 0, ""},
		"a gap":             {409, `{"watermark":7,"type":"/problems/gap"}`, 7, ErrGap.Error()},
		"a wrong token":     {401, `{}`, 0, "401"},
		"down":              {503, ``, 0, "503"},
		"no watermark":      {200, `{}`, 0, "holds no watermark"},
		"not JSON":          {200, `<html>`, 0, "answer"},
		"endless":           {200, `{"x":"` + strings.Repeat("x", 1<<20), 0, "answer"},
		"a negative number": {200, `{"watermark":-1}`, 0, "answer"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(answer(test.status, test.body))
			defer server.Close()
			c := &Control{URL: server.URL, Node: "a&b", Token: "secret"}
			mark, err := c.Ship(t.Context(), "01-t1", []byte("records"))
			if mark != test.mark || (err == nil) != (test.fault == "") || err != nil && !strings.Contains(err.Error(), test.fault) {
				t.Errorf("watermark %d, %v; want %d, %q", mark, err, test.mark, test.fault)
			}
			if test.status == 409 != errors.Is(err, ErrGap) {
				t.Errorf("status %d gave %v", test.status, err)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error tells the token: %v", err)
			}
		})
	}
}
