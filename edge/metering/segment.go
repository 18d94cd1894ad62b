package metering

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

// A boot is one run of numbers from 1 on, for which control keeps one watermark. A process has one; it gets another only
// when control's watermark and our numbers no longer fit together.
type boot struct {
	id       string
	segments []*segment // by number
	acked    uint64     // control has counted up to here, as far as we have heard
}

// A segment is a file of records. Its numbers grow, but may begin with some that the one before it holds too: after a
// failed write they are written again, to a new file.
type segment struct {
	path        string
	size        int64 // bytes that are durable
	first, last uint64
}

// records counts those that control has not acknowledged.
func (b *boot) records() (n uint64) {
	from := b.acked
	for _, s := range b.segments {
		if s.last > from {
			n += s.last - max(from, s.first-1)
			from = s.last
		}
	}
	return n
}

// newBootID begins with the time, so that names sort by age.
func newBootID() string {
	var b [4]byte
	rand.Read(b[:])
	return fmt.Sprintf("%012x%s", time.Now().UnixMilli(), hex.EncodeToString(b[:]))
}

const (
	segmentSuffix = ".usage"  // records that may be shipped
	totalsSuffix  = ".totals" // records that still change
	tempSuffix    = ".tmp"
)

// A segment's name is its boot and its number. A boot of totals is named for the boot that made them (-t), one that was
// numbered anew for the one it replaces (-r), so that doing it again after a crash gives the same name.
var segmentName = regexp.MustCompile(`^([0-9a-f]{20}(?:-[tr][0-9]+)*)\.([0-9]{6,18})\.usage$`)

func (m *Meter) path(boot string, number int, suffix string) string {
	return filepath.Join(m.cfg.Dir, fmt.Sprintf("%s.%06d%s", boot, number, suffix))
}

// scan reads the records of a segment. A torn tail and what a disk has spoiled are passed over: records have one size, so
// the next begins where it would have. whole tells that there was nothing to pass over.
func scan(data []byte, record func(u wire.Usage, raw []byte)) (whole bool) {
	whole = len(data)%wire.UsageSize == 0
	for raw := range slices.Chunk(data, wire.UsageSize) {
		u, err := wire.ReadUsage(raw)
		if err != nil {
			whole = false
			continue
		}
		record(u, raw)
	}
	return whole
}

// load reads what earlier boots have left.
func (m *Meter) load() error {
	entries, err := os.ReadDir(m.cfg.Dir)
	if err != nil {
		return err
	}
	for i, e := range entries {
		path := filepath.Join(m.cfg.Dir, e.Name())
		switch {
		case strings.HasSuffix(path, tempSuffix):
			if err := os.Remove(path); err != nil {
				return err
			}
		case strings.HasSuffix(path, totalsSuffix): // they change no more
			sealed := strings.TrimSuffix(path, totalsSuffix) + segmentSuffix
			if err := os.Rename(path, sealed); err != nil {
				return err
			}
			info, err := os.Stat(sealed)
			if err != nil {
				return err
			}
			entries[i] = dirEntry{info}
		}
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	for _, e := range entries {
		name := segmentName.FindStringSubmatch(e.Name())
		if name == nil {
			continue
		}
		s, err := readSegment(filepath.Join(m.cfg.Dir, e.Name()))
		if err != nil {
			return err
		}
		if s.last == 0 { // nothing of it was ever acknowledged
			if err := os.Remove(s.path); err != nil {
				return err
			}
			continue
		}
		if n := len(m.boots); n == 0 || m.boots[n-1].id != name[1] {
			m.boots = append(m.boots, &boot{id: name[1]})
		}
		b := m.boots[len(m.boots)-1]
		b.segments = append(b.segments, s)
	}
	if err := m.finishRenumbering(); err != nil {
		return err
	}
	return m.syncDir()
}

// dirEntry is an entry under its new name.
type dirEntry struct{ os.FileInfo }

func (d dirEntry) Type() os.FileMode          { return d.Mode().Type() }
func (d dirEntry) Info() (os.FileInfo, error) { return d.FileInfo, nil }

func readSegment(path string) (*segment, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	s := &segment{path: path, size: int64(len(data))}
	scan(data, func(u wire.Usage, _ []byte) {
		if s.first == 0 {
			s.first = u.Seq
		}
		s.last = max(s.last, u.Seq)
	})
	return s, nil
}

// writeWhole makes a file with these bytes, or none.
func (m *Meter) writeWhole(path string, data []byte) error {
	f, err := m.create(path + tempSuffix)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		os.Remove(path + tempSuffix)
		return err
	}
	if err := os.Rename(path+tempSuffix, path); err != nil {
		return err
	}
	return m.syncDir()
}

// syncDir makes the names of new files durable; a file without a name is lost in a crash, however often it was synced.
func (m *Meter) syncDir() error {
	d, err := os.Open(m.cfg.Dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// lockDir keeps a second process off the spool. The lock goes with the process, however it ends.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("another process uses the spool in %s: %w", dir, err)
	}
	return f, nil
}
