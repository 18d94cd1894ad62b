package api

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/professionalaistudio/studio/edge/admission"
)

func anyTime(time.Time) error { return nil }

var patient = pace{grace: time.Second, rate: 1 << 20}

func TestReadBody(t *testing.T) {
	large := strings.Repeat("0123456789", 100_000)
	for name, test := range map[string]struct {
		from   io.Reader
		length int64
		limit  int64
		want   string
		err    error
	}{
		"as long as announced":        {strings.NewReader(large), 1_000_000, 1_000_000, large, nil},
		"a byte at a time":            {iotest.OneByteReader(strings.NewReader("abc")), 3, 10, "abc", nil},
		"length unknown":              {strings.NewReader(large), -1, 1_000_000, large, nil},
		"length unknown, one over":    {strings.NewReader(large), -1, 999_999, "", errTooLarge},
		"announced too long":          {iotest.ErrReader(io.ErrNoProgress), 11, 10, "", errTooLarge},
		"nothing":                     {strings.NewReader(""), 0, 10, "", nil},
		"cut short":                   {strings.NewReader("ab"), 3, 10, "", errCutShort},
		"the connection breaks":       {iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("ab"))), 2, 10, "", errCutShort},
		"nothing comes any more":      {iotest.ErrReader(os.ErrDeadlineExceeded), 2, 10, "", errSlow},
		"more than the budget allows": {strings.NewReader(large), 1_000_000, 5_000_000, "", admission.ErrBusy},
	} {
		t.Run(name, func(t *testing.T) {
			from := &budget{limit: 2 << 20}
			if errors.Is(test.err, admission.ErrBusy) {
				from.limit = 1 << 19
			}
			b, err := readBody(test.from, test.length, test.limit, patient, from, anyTime)
			if !errors.Is(err, test.err) {
				t.Fatalf("the error is %v, want %v", err, test.err)
			}
			if err == nil && string(b.data) != test.want {
				t.Errorf("%d bytes arrived, want %d", len(b.data), len(test.want))
			}
			b.wipe()
			b.wipe()
			if used := from.used.Load(); used != 0 {
				t.Errorf("%d bytes of the budget are still taken, want 0", used)
			}
		})
	}
}

func TestABodyIsWiped(t *testing.T) {
	b, err := readBody(strings.NewReader("a photo"), 7, 10, patient, &budget{limit: 1 << 20}, anyTime)
	if err != nil {
		t.Fatal(err)
	}
	memory := b.data
	b.wipe()
	if want := make([]byte, 7); !bytes.Equal(memory, want) {
		t.Errorf("after wipe the memory holds %q, want zeros", memory)
	}
}

func TestPace(t *testing.T) {
	p := pace{grace: 10 * time.Second, rate: 64 << 10}
	start := time.Unix(0, 0)
	for received, want := range map[int64]time.Duration{0: 10 * time.Second, 64 << 10: 11 * time.Second, 12 << 20: 202 * time.Second} {
		if got := p.until(start, received).Sub(start); got != want {
			t.Errorf("after %d bytes a client has %s, want %s", received, got, want)
		}
	}
}
