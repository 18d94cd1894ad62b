package billing

import (
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The example of the Standard Webhooks text and of its libraries' tests, so that a stock library signs for us.
func TestStandardWebhooksExample(t *testing.T) {
	secret, err := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	const (
		id        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
		body      = `{"test": 2432232314}`
		signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	)
	at := time.Unix(1614265330, 0)
	if got := SignWebhook(secret, id, at, []byte(body)); got != signature {
		t.Errorf("signed %q, want %q", got, signature)
	}
	if err := VerifyWebhook([][]byte{secret}, id, "1614265330", signature, []byte(body), at); err != nil {
		t.Errorf("the example is refused: %v", err)
	}
}

func TestVerifyWebhook(t *testing.T) {
	var (
		now      = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
		current  = []byte("the secret of today, 32 bytes...")
		previous = []byte("the secret of yesterday.........")
		stranger = []byte("somebody else's secret..........")
		body     = []byte(`{"type":"payment.paid"}`)
		stamp    = func(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }
	)
	for name, test := range map[string]struct {
		id, timestamp, signature, body string
		believed                       bool
	}{
		"as signed":                 {"evt_1", stamp(now), SignWebhook(current, "evt_1", now, body), string(body), true},
		"by the older secret":       {"evt_1", stamp(now), SignWebhook(previous, "evt_1", now, body), string(body), true},
		"among others":              {"evt_1", stamp(now), "v1a,xxxx v1,AAAA " + SignWebhook(current, "evt_1", now, body), string(body), true},
		"4 min 59 s old":            {"evt_1", stamp(now.Add(-299 * time.Second)), SignWebhook(current, "evt_1", now.Add(-299*time.Second), body), string(body), true},
		"by a stranger":             {"evt_1", stamp(now), SignWebhook(stranger, "evt_1", now, body), string(body), false},
		"without a signature":       {"evt_1", stamp(now), "", string(body), false},
		"with an empty signature":   {"evt_1", stamp(now), "v1,", string(body), false},
		"of another scheme":         {"evt_1", stamp(now), "v2" + SignWebhook(current, "evt_1", now, body)[2:], string(body), false},
		"another body":              {"evt_1", stamp(now), SignWebhook(current, "evt_1", now, body), `{"type":"payment.paid" }`, false},
		"another id":                {"evt_2", stamp(now), SignWebhook(current, "evt_1", now, body), string(body), false},
		"another time":              {"evt_1", stamp(now.Add(time.Second)), SignWebhook(current, "evt_1", now, body), string(body), false},
		"6 min old":                 {"evt_1", stamp(now.Add(-6 * time.Minute)), SignWebhook(current, "evt_1", now.Add(-6*time.Minute), body), string(body), false},
		"an hour ahead":             {"evt_1", stamp(now.Add(time.Hour)), SignWebhook(current, "evt_1", now.Add(time.Hour), body), string(body), false},
		"a time written otherwise":  {"evt_1", "+" + stamp(now), SignWebhook(current, "evt_1", now, body), string(body), false},
		"no time":                   {"evt_1", "", SignWebhook(current, "evt_1", now, body), string(body), false},
		"no id":                     {"", stamp(now), SignWebhook(current, "", now, body), string(body), false},
		"an id with a dot":          {"evt.1", stamp(now), SignWebhook(current, "evt.1", now, body), string(body), false},
		"the end of the wrong text": {"evt_1", stamp(now), SignWebhook(current, "evt_1", now, body) + "=", string(body), false},
	} {
		t.Run(name, func(t *testing.T) {
			err := VerifyWebhook([][]byte{current, previous}, test.id, test.timestamp, test.signature, []byte(test.body), now)
			if (err == nil) != test.believed || err != nil && !errors.Is(err, ErrSignature) {
				t.Errorf("error %v, want believed %t", err, test.believed)
			}
		})
	}
}

// A secret that was never set signs nothing: an empty key would be one that everybody knows.
func TestEmptySecretSignsNothing(t *testing.T) {
	now := time.Now()
	signature := SignWebhook(nil, "evt_1", now, nil)
	if err := VerifyWebhook([][]byte{nil, {}}, "evt_1", strconv.FormatInt(now.Unix(), 10), signature, nil, now); err == nil {
		t.Error("a webhook signed with the empty secret is believed")
	}
}

// Whatever is believed is exactly what SignWebhook makes of it with one of the secrets.
func FuzzVerifyWebhook(f *testing.F) {
	secret := []byte("a secret that fuzzing cannot get at")
	now := time.Unix(1_800_000_000, 0)
	f.Add("evt_1", "1800000000", SignWebhook(secret, "evt_1", now, []byte("{}")), []byte("{}"))
	f.Add("evt_1", "1800000001", "v1,AAAA v1a,BBBB", []byte("{}"))
	f.Add("", "-1", "v1,", []byte(nil))
	f.Add("a.b", "01800000000", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=\n", []byte("x"))
	f.Fuzz(func(t *testing.T, id, timestamp, signatures string, body []byte) {
		if VerifyWebhook([][]byte{secret}, id, timestamp, signatures, body, now) != nil {
			return
		}
		seconds, err := strconv.ParseInt(timestamp, 10, 64)
		if err != nil {
			t.Fatalf("%q is believed as a time", timestamp)
		}
		want := SignWebhook(secret, id, time.Unix(seconds, 0), body)
		if !containsWord(signatures, want) {
			t.Errorf("%q is believed, but SignWebhook makes %q", signatures, want)
		}
	})
}

func containsWord(text, word string) bool {
	return slices.Contains(strings.Fields(text), word)
}
