package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/store"
	"github.com/professionalaistudio/studio/control/usage"
	"github.com/professionalaistudio/studio/edge/wire"
)

// A sender is a node that has more to tell than it ever gets told: it sends batches cut anywhere, repeats what it got
// no answer to, and believes nothing but a watermark.
type sender struct {
	boot  string
	acked uint64 // what control said is counted
	sent  uint64 // the highest record that has left
	cut   int    // requests that got no answer
}

const killOrg = 7

func (s *sender) batch() []byte {
	var b []byte
	first := s.acked + 1 - min(s.acked, rand.Uint64N(20)) // some of what was counted, too
	for seq := first; seq <= s.acked+1+rand.Uint64N(120); seq++ {
		// Many cells and some orders, so that a transaction has many statements to die between.
		u := wire.Usage{Seq: seq, Time: uint32(1_800_000_000 + 900*(seq%40)), Org: killOrg, Op: wire.OpPhoto, Outcome: wire.Outcome(seq % 3), Units: 2, Order: seq}
		b, s.sent = wire.AppendUsage(b, u), max(s.sent, seq)
	}
	return b
}

// run sends until stop is closed. Each answer must keep what the answers before promised.
func (s *sender) run(t *testing.T, c *controlled, token string, stop <-chan struct{}, answered func()) {
	client := &http.Client{}
	defer client.CloseIdleConnections()
	for {
		select {
		case <-stop:
			return
		default:
		}
		req, err := http.NewRequest("POST", fmt.Sprintf("%s/internal/usage?node=edge&boot=%s", c.url, s.boot), bytes.NewReader(s.batch()))
		if err != nil {
			t.Error(err)
			return
		}
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := client.Do(req)
		if err != nil {
			s.cut++
			<-stop // it is dead; the next round asks again
			return
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			s.cut++
			<-stop
			return
		}
		var got struct{ Watermark uint64 }
		if err := json.Unmarshal(body, &got); err != nil || resp.StatusCode != 200 {
			t.Errorf("%s: %d %s", s.boot, resp.StatusCode, body)
			return
		}
		if got.Watermark < s.acked || got.Watermark > s.sent {
			t.Errorf("%s: watermark %d after %d was promised and %d sent", s.boot, got.Watermark, s.acked, s.sent)
			return
		}
		s.acked = got.Watermark
		answered()
	}
}

// Killed fifty times while it counts, control has at every death counted exactly the records up to its watermarks:
// none lost that a node was told to forget, none twice, and no order delivered that is not in the count.
func TestKilledWhileCounting(t *testing.T) {
	kills := 50
	if testing.Short() {
		kills = 5
	}
	c := newControl(t)
	c.up(t)
	token := c.command(t, "node", "local")
	state := strings.TrimPrefix(c.env[0], "STATE_DIRECTORY=")
	senders := []*sender{{boot: "a"}, {boot: "b"}, {boot: "c"}}

	for kill := range kills {
		if kill > 0 {
			c.up(t)
		}
		stop := make(chan struct{})
		var answers atomic.Int64
		busy := make(chan struct{})
		var all sync.WaitGroup
		for _, s := range senders {
			all.Go(func() {
				s.run(t, c, token, stop, func() {
					if answers.Add(1) == 3 {
						close(busy)
					}
				})
			})
		}
		select {
		case <-busy:
		case <-time.After(30 * time.Second):
			t.Fatalf("round %d: nothing is counted:\n%s", kill, tail(c.output()))
		}
		time.Sleep(rand.N(12 * time.Millisecond)) // anywhere within the next batches
		c.kill()
		close(stop)
		all.Wait()
		check(t, kill, state, senders)
		if t.Failed() {
			return
		}
	}
	var acked uint64
	cut := 0
	for _, s := range senders {
		acked, cut = acked+s.acked, cut+s.cut
	}
	if cut < kills {
		t.Errorf("%d requests were cut off by %d kills, want one at least by each: the kills come too late", cut, kills)
	}
	t.Logf("%d kills cut off %d requests; %d records acknowledged, every one counted once", kills, cut, acked)
}

// check opens what the dead program left and compares watermarks, totals and deliveries.
func check(t *testing.T, round int, state string, senders []*sender) {
	t.Helper()
	secret, err := store.LoadSecret(filepath.Join(state, "secret"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(state, "control.db"), secret)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var counted int64
	orders := map[uint64]bool{}
	for _, s := range senders {
		got, err := db.IngestUsage(t.Context(), usage.Source{Region: "local", Node: "edge", Boot: s.boot}, usage.Batch{First: 1}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if got.Watermark < s.acked || got.Watermark > s.sent {
			t.Errorf("round %d: %s stands at %d, with %d promised and %d sent", round, s.boot, got.Watermark, s.acked, s.sent)
		}
		counted += int64(got.Watermark)
		for seq := uint64(3); seq <= got.Watermark; seq += 3 { // outcome 0 is every third
			orders[seq] = true
		}
	}
	totals, err := db.UsageTotals(t.Context(), killOrg, time.Unix(0, 0), time.Unix(2_000_000_000, 0))
	if err != nil {
		t.Fatal(err)
	}
	var sum usage.Count
	for _, total := range totals {
		sum.Requests += total.Requests
		sum.Units += total.Units
	}
	if want := (usage.Count{Requests: counted, Units: 2 * counted}); sum != want {
		t.Errorf("round %d: the totals are %+v, want %+v as the watermarks say", round, sum, want)
	}
	due, err := db.UsageDeliveries(t.Context(), 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range due {
		if !orders[d.Order] {
			t.Errorf("round %d: order %d is delivered and not counted", round, d.Order)
		}
	}
}
