package metering

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

// ErrClosed: the meter takes no more records.
var ErrClosed = errors.New("the meter is closed")

// Config is what may be tuned of a Meter.
type Config struct {
	Dir      string        // of the spool; made where it is missing
	Node     string        // who counts, for the log
	MaxBytes int64         // of records in the spool; 0 = 64 MiB
	Gather   time.Duration // how long a group waits for more; 0 = while the one before is being written
	Interval time.Duration // between shipments while there is something to ship; 0 = 1 s
}

// A Meter keeps usage records. It may be used by many goroutines.
type Meter struct {
	cfg     Config
	log     *slog.Logger
	lock    *os.File
	segment int64 // bytes after which a file is full
	create  func(path string) (file, error)

	kick  chan struct{} // a group waits
	fresh chan struct{} // there is something to ship
	stop  chan struct{}
	done  chan struct{}

	mu      sync.Mutex // guards the next five
	filling *group
	closed  bool
	boots   []*boot // the last is the one that grows
	used    int64   // bytes of all segments
	ours    *boot

	shipping sync.Mutex // one shipment at a time
	writing  sync.Mutex // guards writer
	writer   writer
}

// A file is what the spool writes to; *os.File is one.
type file interface {
	Write(p []byte) (int, error)
	Sync() error
	Close() error
}

// A group is the records that are made durable by one fsync.
type group struct {
	records []wire.Usage
	done    chan struct{}
}

func newGroup() *group { return &group{done: make(chan struct{})} }

// Open takes possession of the spool, and finds what earlier boots have left to ship.
func Open(cfg Config, log *slog.Logger) (*Meter, error) {
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = 64 << 20
	}
	if cfg.Interval <= 0 {
		cfg.Interval = time.Second
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("usage spool: %w", err)
	}
	lock, err := lockDir(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("usage spool: %w", err)
	}
	m := &Meter{
		cfg:     cfg,
		log:     log,
		lock:    lock,
		segment: min(512<<10, cfg.MaxBytes/16),
		create: func(path string) (file, error) {
			return os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		},
		kick:    make(chan struct{}, 1),
		fresh:   make(chan struct{}, 1),
		stop:    make(chan struct{}),
		done:    make(chan struct{}),
		filling: newGroup(),
	}
	if err := m.load(); err != nil {
		lock.Close()
		return nil, fmt.Errorf("usage spool: %w", err)
	}
	m.begin()
	m.gauge()
	go m.commit()
	return m, nil
}

// begin starts a new boot.
func (m *Meter) begin() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ours = &boot{id: newBootID()}
	m.boots = append(m.boots, m.ours)
	m.writer.next, m.writer.number = 1, 1
	m.used = 0
	for _, b := range m.boots {
		for _, s := range b.segments {
			m.used += s.size
		}
	}
}

// Count makes u durable and returns. Its number and time are the meter's to give. While the spool is full, or its disk
// fails, it returns without having done so and only the total is kept: whoever has worked for u gets served.
//
// An error means that u was not counted, or, when ctx ends first, that it may have been.
func (m *Meter) Count(ctx context.Context, u wire.Usage) error {
	if u.Op == 0 {
		return fmt.Errorf("count usage without an operation: %w", wire.ErrUsage)
	}
	u.Time = uint32(time.Now().Unix())
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return ErrClosed
	}
	g := m.filling
	g.records = append(g.records, u)
	m.mu.Unlock()
	poke(m.kick)
	select {
	case <-g.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("count usage: %w", context.Cause(ctx))
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// commit writes one group after the other. While one is being written the next one fills: the slower the disk, the more
// records share an fsync.
func (m *Meter) commit() {
	defer close(m.done)
	tick := time.NewTicker(time.Second) // for what could not be written
	defer tick.Stop()
	for {
		select {
		case <-m.kick:
			if m.cfg.Gather > 0 {
				time.Sleep(m.cfg.Gather)
			}
		case <-tick.C:
		case <-m.stop:
			m.write(m.take())
			m.writing.Lock()
			m.writer.end(m)
			m.writing.Unlock()
			return
		}
		m.write(m.take())
	}
}

// take ends the group that is filling.
func (m *Meter) take() *group {
	m.mu.Lock()
	defer m.mu.Unlock()
	g := m.filling
	m.filling = newGroup()
	return g
}

func (m *Meter) write(g *group) {
	m.writing.Lock()
	m.writer.write(m, g.records)
	m.writing.Unlock()
	close(g.done)
	m.gauge()
}

// Close makes durable what was counted, and gives up the spool. What has not been shipped is shipped by the next boot.
func (m *Meter) Close() error {
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return nil
	}
	m.closed = true
	m.mu.Unlock()
	close(m.stop)
	<-m.done
	return m.lock.Close()
}

func (m *Meter) gauge() {
	m.mu.Lock()
	defer m.mu.Unlock()
	var n uint64
	for _, b := range m.boots {
		n += b.records()
	}
	backlog.Set(float64(n))
	spoolBytes.Set(float64(m.used))
}
