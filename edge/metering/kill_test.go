package metering

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

// This test kills. The meter and control run as processes of their own, made of the test binary; what they had promised
// is compared with what is on control's disk.
const (
	envRole  = "METERING_TEST_ROLE" // meter, drain, control
	envDir   = "METERING_TEST_DIR"
	envURL   = "METERING_TEST_URL"
	envFirst = "METERING_TEST_FIRST" // of the orders this process counts
)

func TestMain(m *testing.M) {
	dir := os.Getenv(envDir)
	switch os.Getenv(envRole) {
	case "meter":
		runMeter(dir)
	case "drain":
		drainMeter(dir)
	case "control":
		runControl(dir)
	default:
		os.Exit(m.Run())
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// runMeter counts until it is killed, and says on stdout what was acknowledged, after it was.
func runMeter(dir string) {
	var order atomic.Uint64
	order.Store(must(strconv.ParseUint(os.Getenv(envFirst), 10, 64)))
	m := must(Open(Config{Dir: dir, Interval: time.Millisecond}, quiet))
	m.segment = 100 * wire.UsageSize // so that many are begun and deleted
	go m.Run(context.Background(), &Control{URL: os.Getenv(envURL), Node: "a"})
	for range 16 {
		go func() {
			for {
				n := order.Add(1)
				if m.Count(context.Background(), wire.Usage{Op: wire.OpPhoto, Units: 1, Order: n}) == nil {
					os.Stdout.WriteString(fmt.Sprintf("%d\n", n)) // one write, whole or not at all
				}
			}
		}()
	}
	select {}
}

// drainMeter ships what all the others have left.
func drainMeter(dir string) {
	m := must(Open(Config{Dir: dir}, quiet))
	if err := m.Ship(context.Background(), &Control{URL: os.Getenv(envURL), Node: "a"}); err != nil {
		panic(err)
	}
	if err := m.Close(); err != nil {
		panic(err)
	}
}

// runControl is control as the contract has it: it answers once a batch is on its disk, watermark and records in one.
func runControl(dir string) {
	log := must(os.OpenFile(filepath.Join(dir, "ledger"), os.O_CREATE|os.O_RDWR, 0o600))
	marks, _, end := readLedger(log)
	must(log.Seek(end, io.SeekStart))
	var mu sync.Mutex
	listener := must(net.FileListener(os.NewFile(3, "listener")))
	panic(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		boot, records := r.FormValue("boot"), must(io.ReadAll(r.Body))
		fresh, status := []byte{}, http.StatusOK
		for raw := range slices.Chunk(records, wire.UsageSize) {
			u := must(wire.ReadUsage(raw))
			if last := marks[boot] + uint64(len(fresh)/wire.UsageSize); u.Seq == last+1 {
				fresh = append(fresh, raw...)
			} else if u.Seq > last {
				status = http.StatusConflict
				break
			}
		}
		if len(fresh) > 0 {
			entry := binary.LittleEndian.AppendUint32(nil, uint32(len(fresh)))
			entry = append(entry, fmt.Sprintf("%-40s", boot)...)
			must(log.Write(append(entry, fresh...)))
			must(0, log.Sync())
			marks[boot] += uint64(len(fresh) / wire.UsageSize)
		}
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(map[string]uint64{"watermark": marks[boot]})
	})))
}

// readLedger reads whole entries; what a kill left half written was never answered, and is overwritten.
func readLedger(r io.Reader) (marks map[string]uint64, orders map[uint64]int, end int64) {
	marks, orders = map[string]uint64{}, map[uint64]int{}
	in := bufio.NewReader(r)
	for {
		head := make([]byte, 44)
		if _, err := io.ReadFull(in, head); err != nil {
			return marks, orders, end
		}
		records := make([]byte, binary.LittleEndian.Uint32(head))
		if _, err := io.ReadFull(in, records); err != nil {
			return marks, orders, end
		}
		for raw := range slices.Chunk(records, wire.UsageSize) {
			u, err := wire.ReadUsage(raw)
			if err != nil {
				return marks, orders, end
			}
			orders[u.Order]++
		}
		marks[strings.TrimSpace(string(head[4:]))] += uint64(len(records) / wire.UsageSize)
		end += int64(len(head) + len(records))
	}
}

// A process is one of the two, until it is killed.
type process struct {
	*exec.Cmd
	acknowledged chan []uint64
}

func start(t *testing.T, role, dir, url string, first uint64, listener *os.File) *process {
	p := &process{Cmd: exec.Command(os.Args[0]), acknowledged: make(chan []uint64, 1)}
	p.Env = append(os.Environ(), envRole+"="+role, envDir+"="+dir, envURL+"="+url, envFirst+"="+fmt.Sprint(first))
	p.Stderr = os.Stderr
	if listener != nil {
		p.ExtraFiles = []*os.File{listener}
	}
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		var orders []uint64
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var n uint64
			fmt.Sscan(lines.Text(), &n)
			orders = append(orders, n)
		}
		p.acknowledged <- orders
	}()
	return p
}

// kill returns what the process had acknowledged.
func (p *process) kill() []uint64 {
	p.Process.Kill()
	orders := <-p.acknowledged
	p.Wait()
	return orders
}

func TestNothingIsLostOrDoubledWhenEitherSideIsKilled(t *testing.T) {
	spool, ledger := t.TempDir(), t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	listener, err := l.(*net.TCPListener).File() // kept open, so that the port stays ours
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	url := "http://" + l.Addr().String()

	// 50 kills of each, at moments that do not depend on one another.
	const kills = 50
	pause := func() { time.Sleep(rand.N(150 * time.Millisecond)) }
	var both sync.WaitGroup
	var acknowledged []uint64
	both.Go(func() {
		for round := range uint64(kills) {
			p := start(t, "meter", spool, url, round<<32, nil)
			pause()
			acknowledged = append(acknowledged, p.kill()...)
		}
	})
	both.Go(func() {
		for range kills {
			p := start(t, "control", ledger, url, 0, listener)
			pause()
			p.kill()
		}
	})
	both.Wait()

	last := start(t, "control", ledger, url, 0, listener)
	defer last.kill()
	drain := start(t, "drain", spool, url, 0, nil)
	<-drain.acknowledged
	if err := drain.Wait(); err != nil {
		t.Fatalf("what was left could not be shipped: %v", err)
	}
	f, err := os.Open(filepath.Join(ledger, "ledger"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	marks, counted, _ := readLedger(f)
	lost, doubled := 0, 0
	for _, order := range acknowledged {
		if counted[order] == 0 {
			lost++
		}
	}
	for _, n := range counted {
		if n > 1 {
			doubled++
		}
	}
	if lost > 0 || doubled > 0 {
		t.Errorf("of %d acknowledged records %d are lost and %d doubled, want none", len(acknowledged), lost, doubled)
	}
	if len(acknowledged) < 1000 || len(marks) < kills/5 {
		t.Errorf("%d records of %d boots: too few to show anything", len(acknowledged), len(marks))
	}
	t.Logf("%d kills of each side: %d records acknowledged, %d counted, in %d boots", kills, len(acknowledged), len(counted), len(marks))
	if left := files(t, spool, segmentSuffix); len(left) > 0 {
		t.Errorf("shipped and still there: %v", left)
	}
}
