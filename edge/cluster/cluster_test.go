package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/memberlist"
)

var key = []byte("0123456789abcdef")

// TestMain is also the program of a node that a test kills: with CLUSTER_TEST_NODE set it joins the address given there.
func TestMain(m *testing.M) {
	if seed := os.Getenv("CLUSTER_TEST_NODE"); seed != "" {
		_, err := Start(Config{Node: "victim", Region: "eu", Listen: "127.0.0.1:0", Join: []string{seed}, Keys: [][]byte{key}}, slog.New(slog.DiscardHandler))
		fmt.Println("started", err)
		select {}
	}
	os.Exit(m.Run())
}

func node(t *testing.T, name string, change func(*Config)) *Cluster {
	t.Helper()
	cfg := Config{Node: name, Region: "eu", Listen: "127.0.0.1:0", Keys: [][]byte{key}, Address: "https://" + name + ".example", Build: "b1", Rejoin: 300 * time.Millisecond}
	if change != nil {
		change(&cfg)
	}
	c, err := Start(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		c.Leave(ctx)
	})
	return c
}

// eventually polls until ok, and tells how long it took.
func eventually(t *testing.T, within time.Duration, what string, ok func() bool) {
	t.Helper()
	began := time.Now()
	for !ok() {
		if time.Since(began) > within {
			t.Fatalf("%s: not within %s", what, within)
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Logf("%s after %s", what, time.Since(began).Round(time.Millisecond))
}

func member(c *Cluster, name string) (Member, bool) {
	for _, m := range c.Members() {
		if m.Name == name {
			return m, true
		}
	}
	return Member{}, false
}

func sees(c *Cluster, name string) bool { _, ok := member(c, name); return ok }

// The waits are ten times what was measured, so that a busy machine does not fail them; what was measured is in the log.
func TestLoadRegionAndDrainAreSeen(t *testing.T) {
	var number uint64
	var mu sync.Mutex
	a := node(t, "a", func(c *Config) {
		c.Bundle = func() uint64 { mu.Lock(); defer mu.Unlock(); return number }
	})
	b := node(t, "b", func(c *Config) { c.Join = []string{a.Addr()} })
	eventually(t, 10*time.Second, "they see each other", func() bool { return sees(a, "b") && sees(b, "a") })
	m, _ := member(b, "a")
	if m.Region != "eu" || m.Address != "https://a.example" || m.State != "alive" || m.Build != "b1" {
		t.Errorf("b sees a as %+v", m)
	}
	a.SetLoad(.75)
	eventually(t, 10*time.Second, "a's load", func() bool { m, _ := member(b, "a"); return m.Load == .75 })
	a.SetLoad(0)
	eventually(t, 10*time.Second, "a's idleness", func() bool { m, _ := member(b, "a"); return m.Load == 0 })
	mu.Lock()
	number = 7
	mu.Unlock()
	eventually(t, 10*time.Second, "a's bundle", func() bool { m, _ := member(b, "a"); return m.Bundle == 7 })
	a.SetDraining(true)
	eventually(t, 10*time.Second, "a's drain", func() bool { m, _ := member(b, "a"); return m.Draining })
	if !a.Self().Draining || a.Self().Name != "a" {
		t.Errorf("a says of itself %+v", a.Self())
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if err := a.Leave(ctx); err != nil {
		t.Errorf("leave: %v", err)
	}
	eventually(t, 10*time.Second, "a's leave", func() bool { return !sees(b, "a") })
}

func TestKilledNodeIsGone(t *testing.T) {
	a := node(t, "a", nil)
	b := node(t, "b", func(c *Config) { c.Join = []string{a.Addr()} })
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CLUSTER_TEST_NODE="+a.Addr())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, 15*time.Second, "both see the victim", func() bool { return sees(a, "victim") && sees(b, "victim") })
	cmd.Process.Kill()
	cmd.Wait()
	eventually(t, 10*time.Second, "both know that it is dead", func() bool { return !sees(a, "victim") && !sees(b, "victim") })
	if !sees(a, "b") || !sees(b, "a") {
		t.Error("a living node was given up with the dead one")
	}
}

// A node that was alone when it started, or whose neighbour restarts, finds the pool by calling again.
func TestRejoin(t *testing.T) {
	first := node(t, "first", nil)
	seed := first.Addr()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	first.Leave(ctx)
	lone := node(t, "lone", func(c *Config) { c.Join = []string{seed} })
	if members := lone.Members(); len(members) != 1 {
		t.Fatalf("alone, it sees %+v", members)
	}
	node(t, "second", func(c *Config) { c.Listen = seed })
	eventually(t, 15*time.Second, "the lone node finds the seed", func() bool { return sees(lone, "second") })
}

// Strangers stay out: by label, by key, and, should the label be right, by the region that a node states.
func TestStrangersStayOut(t *testing.T) {
	a := node(t, "a", nil)
	for name, change := range map[string]func(*Config){
		"another label":                     func(c *Config) { c.Region = "us" },
		"another key":                       func(c *Config) { c.Keys = [][]byte{[]byte("fedcba9876543210")} },
		"no key":                            func(c *Config) { c.Keys = nil },
		"our label and key, another region": func(c *Config) { c.Region = "us"; c.tune = func(m *memberlist.Config) { m.Label = "eu" } },
	} {
		t.Run(name, func(t *testing.T) {
			stranger := node(t, "stranger", func(c *Config) { c.Join = []string{a.Addr()}; change(c) })
			friend := node(t, "friend", func(c *Config) { c.Join = []string{a.Addr()} })
			eventually(t, 10*time.Second, "a friend joins meanwhile", func() bool { return sees(a, "friend") && sees(friend, "a") })
			time.Sleep(600 * time.Millisecond) // two more calls of the stranger
			if sees(a, "stranger") || sees(friend, "stranger") {
				t.Errorf("the pool took a stranger: %+v", a.Members())
			}
			if sees(stranger, "a") {
				t.Errorf("the stranger sees the pool: %+v", stranger.Members())
			}
		})
	}
}

func TestKeysAreRequiredBeyondLoopback(t *testing.T) {
	for name, cfg := range map[string]Config{
		"every address":       {Listen: "0.0.0.0:0"},
		"every IPv6 address":  {Listen: "[::]:0"},
		"no address":          {Listen: ":0"},
		"a neighbour outside": {Listen: "127.0.0.1:0", Join: []string{"127.0.0.1:7946", "10.0.0.1:7946"}},
	} {
		cfg.Node, cfg.Region = "a", "eu"
		if c, err := Start(cfg, slog.New(slog.DiscardHandler)); !errors.Is(err, ErrKeys) {
			t.Errorf("without keys, %s: %v, want %v", name, err, ErrKeys)
			if err == nil {
				c.Leave(t.Context())
			}
		}
	}
}

// memberlist takes a name for every interface, and would have spoken in clear on all of them.
func TestLocalhostIsLoopback(t *testing.T) {
	a := node(t, "a", func(c *Config) { c.Keys, c.Listen = nil, "localhost:0" })
	if !strings.HasPrefix(a.Addr(), "127.0.0.1:") {
		t.Errorf("localhost listens on %s, want loopback", a.Addr())
	}
	_, port, err := net.SplitHostPort(a.Addr())
	if err != nil {
		t.Fatal(err)
	}
	// Another address of this machine is free, and would not be if the port were taken on all of them.
	if l, err := net.Listen("tcp", "127.0.0.2:"+port); err != nil {
		t.Errorf("localhost listens on other addresses too: %v", err)
	} else {
		l.Close()
	}
	b := node(t, "b", func(c *Config) { c.Keys, c.Join = nil, []string{"localhost:" + port} })
	eventually(t, 10*time.Second, "a neighbour named by name", func() bool { return sees(a, "b") && sees(b, "a") })
}

// The promise is a second. One change may fall between two slices of a busy machine; three of five must not.
func TestAChangeIsSeenWithinASecond(t *testing.T) {
	a := node(t, "a", nil)
	b := node(t, "b", func(c *Config) { c.Join = []string{a.Addr()} })
	eventually(t, 10*time.Second, "they see each other", func() bool { return sees(a, "b") && sees(b, "a") })
	for what, change := range map[string]func(i int) func() bool{
		"load": func(i int) func() bool {
			load := float64(i) + .25
			a.SetLoad(load)
			return func() bool { m, _ := member(b, "a"); return m.Load == load }
		},
		"drain": func(i int) func() bool {
			a.SetDraining(i%2 == 0)
			return func() bool { m, _ := member(b, "a"); return m.Draining == (i%2 == 0) }
		},
	} {
		var took []time.Duration
		for i := range 5 {
			began := time.Now()
			eventually(t, 10*time.Second, what, change(i))
			took = append(took, time.Since(began).Round(time.Millisecond))
		}
		slices.Sort(took)
		if took[2] > time.Second {
			t.Errorf("a change of %s is seen after %v, want most within a second", what, took)
		}
	}
}

// A node that restarts is there once, and under its new start, although its death has not been noticed yet.
func TestARestartedNodeIsThereOnce(t *testing.T) {
	a := node(t, "a", nil)
	join := func(c *Config) { c.Join = []string{a.Addr()} }
	old := node(t, "b", join)
	eventually(t, 10*time.Second, "b is seen", func() bool { return sees(a, "b") })
	old.SetLoad(.25)
	eventually(t, 10*time.Second, "its load is seen", func() bool { m, _ := member(a, "b"); return m.Load == .25 })
	b := node(t, "b", join) // while the old one is still there, which is the hardest case
	b.SetLoad(.75)
	eventually(t, 10*time.Second, "the new b is seen, and it alone", func() bool {
		m, _ := member(a, "b")
		return m.Load == .75 && len(a.Members()) == 2 && len(b.Members()) == 2
	})
	twin := node(t, "b", func(c *Config) { join(c); c.Address = "https://elsewhere.example" })
	eventually(t, 10*time.Second, "a node that shares the name only is another node", func() bool {
		return len(a.Members()) == 3 && len(twin.Members()) == 3
	})
}

// What nobody can hear must not wait for ever.
func TestALoneNodeQueuesNothing(t *testing.T) {
	a := node(t, "a", nil)
	for range 1000 {
		a.Broadcast(1, []byte("spent"))
	}
	if got := a.queue.NumQueued(); got != 0 {
		t.Errorf("%d messages wait for neighbours that are not there", got)
	}
}

// A load that arrives after its node's death was heard must not stay.
func TestTheDeadLeaveNoLoad(t *testing.T) {
	a := node(t, "a", nil)
	a.mu.Lock()
	fresh := a.learn("gone", loadEntry{1, .5})
	kept := len(a.loads)
	a.mu.Unlock()
	if fresh || kept != 0 {
		t.Errorf("the load of a node that is not there: new %t, %d kept; want neither", fresh, kept)
	}
}

func TestLeaveEndsWithItsContext(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes calls, and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	a := node(t, "a", func(c *Config) { c.Join = []string{silent.Addr().String()} })
	conn, err := silent.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	a.Leave(ctx)
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("leaving took %v with 50 ms allowed", took)
	}
}

func TestMessagesReachAllOnce(t *testing.T) {
	const nodes = 5
	var mu sync.Mutex
	heard := map[string][]string{}
	var all []*Cluster
	for i := range nodes {
		name := fmt.Sprintf("n%d", i)
		all = append(all, node(t, name, func(c *Config) {
			if i > 0 {
				c.Join = []string{all[0].Addr()}
			}
			c.OnMessage = func(kind byte, payload []byte) {
				mu.Lock()
				defer mu.Unlock()
				heard[name] = append(heard[name], fmt.Sprint(kind, " ", string(payload)))
			}
		}))
	}
	eventually(t, 15*time.Second, "the pool is whole", func() bool {
		return !slices.ContainsFunc(all, func(c *Cluster) bool { return len(c.Members()) != nodes })
	})
	for i := range 3 {
		all[2].Broadcast(1, fmt.Appendf(nil, "m%d", i))
	}
	want := []string{"1 m0", "1 m1", "1 m2"}
	eventually(t, 10*time.Second, "all have heard", func() bool {
		mu.Lock()
		defer mu.Unlock()
		for _, name := range []string{"n0", "n1", "n3", "n4"} {
			got := slices.Sorted(slices.Values(heard[name]))
			if len(got) >= len(want) && !reflect.DeepEqual(got, want) {
				t.Fatalf("%s heard %q, want %q", name, got, want)
			}
			if len(got) < len(want) {
				return false
			}
		}
		return true
	})
	mu.Lock()
	defer mu.Unlock()
	if len(heard["n2"]) != 0 {
		t.Errorf("the sender heard itself: %q", heard["n2"])
	}
}

func TestNewcomerGetsState(t *testing.T) {
	a := node(t, "a", func(c *Config) { c.LocalState = func() []byte { return []byte("what a knows") } })
	a.SetLoad(.5)
	got := make(chan string, 8)
	b := node(t, "b", func(c *Config) {
		c.Join = []string{a.Addr()}
		c.MergeState = func(state []byte) { got <- string(state) }
	})
	select {
	case state := <-got:
		if state != "what a knows" {
			t.Errorf("b was given %q", state)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("b was given nothing")
	}
	eventually(t, 10*time.Second, "b knows the load with the join", func() bool { m, _ := member(b, "a"); return m.Load == .5 })
}

func TestMetaFits(t *testing.T) {
	m := meta{Draining: true, Bundle: 1<<64 - 1, Started: 1<<64 - 1, Region: strings.Repeat("r", maxRegion), Node: strings.Repeat("n", maxNode), Address: strings.Repeat("a", maxAddress), Build: strings.Repeat("b", maxBuild)}
	text := m.append(nil)
	if len(text) > memberlist.MetaMaxSize {
		t.Errorf("the largest metadata is %d bytes, memberlist panics above %d", len(text), memberlist.MetaMaxSize)
	}
	if got, err := readMeta(text); err != nil || got != m {
		t.Errorf("read back: %+v, %v", got, err)
	}
	m.Build += "b"
	if err := m.check(); err == nil || !strings.Contains(err.Error(), "build") {
		t.Errorf("a build that is too long: %v", err)
	}
}

func TestMemberJSON(t *testing.T) {
	text, err := json.Marshal(Member{Name: "a", Region: "eu", Address: "https://a", State: "alive", Load: .5})
	if want := `{"name":"a","region":"eu","address":"https://a","state":"alive","load":0.5,"draining":false}`; err != nil || string(text) != want {
		t.Errorf("a member is written as %s, want %s", text, want)
	}
}

func FuzzMeta(f *testing.F) {
	f.Add(meta{Region: "eu", Node: "a", Address: "https://a", Build: "b", Draining: true, Bundle: 9}.append(nil))
	f.Add([]byte{1, 0})
	f.Fuzz(func(t *testing.T, b []byte) { // what is read is written as it was, but for what a newer edge added
		m, err := readMeta(b)
		if err != nil {
			return
		}
		again, err := readMeta(m.append(nil))
		if err != nil || again != m {
			t.Errorf("%x reads as %+v, which reads as %+v, %v", b, m, again, err)
		}
	})
}

func FuzzState(f *testing.F) {
	f.Add(appendState(nil, map[string]loadEntry{"a": {1, .5}, "b": {2, 0}}, []byte("owner")))
	f.Add(appendState(nil, nil, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		loads, owner, err := readState(b)
		if err != nil {
			return
		}
		again, rest, err := readState(appendState(nil, loads, owner))
		if err != nil || !reflect.DeepEqual(again, loads) || string(rest) != string(owner) {
			t.Errorf("%x: %v %q, then %v %q, %v", b, loads, owner, again, rest, err)
		}
	})
}

func FuzzMessage(f *testing.F) {
	f.Add(message{Kind: ownKind | 1, Origin: "a-x", Seq: 3, Payload: []byte("p")}.append(nil))
	f.Add(message{Kind: kindLoad, Origin: "a-x", Seq: 3, Payload: loadPayload(.25)}.append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := readMessage(b)
		if err != nil {
			return
		}
		if again := m.append(nil); string(again) != string(b) {
			t.Errorf("%x is read as %+v, which is written %x", b, m, again)
		}
	})
}
