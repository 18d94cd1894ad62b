package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A progress is a bar in the last line of a terminal, under what else is printed there. On anything but a terminal it draws nothing, and
// only passes on what is printed. Any number of goroutines may use it.
type progress struct {
	w     io.Writer // where the bar is drawn
	live  bool      // w is a terminal
	total int
	now   func() time.Time

	mu    sync.Mutex
	start time.Time
	last  time.Time // when it was last drawn
	line  string    // what is drawn now
	done  int
	note  string
}

// newProgress draws the bar of nothing done yet.
func newProgress(w io.Writer, total int) *progress {
	p := &progress{w: w, live: terminal(w), total: total, now: time.Now}
	p.start = p.now()
	p.draw()
	return p
}

// drawnEvery keeps a fast run from being a slow terminal.
const drawnEvery = 100 * time.Millisecond

// step counts one more as done; note stands behind the figures, "2 not made".
func (p *progress) step(note string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.note = p.done+1, note
	if p.done == p.total || p.now().Sub(p.last) >= drawnEvery {
		p.draw()
	}
}

// print writes a whole line to w, which may be the same terminal: the bar makes way for it.
func (p *progress) print(w io.Writer, line []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	away := p.live && terminal(w)
	if away {
		p.erase()
	}
	_, err := w.Write(line)
	if away {
		p.draw()
	}
	return err
}

// end takes the bar away and says how long it all took.
func (p *progress) end() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	p.live = false
	return p.now().Sub(p.start)
}

func (p *progress) erase() {
	if p.line != "" {
		fmt.Fprint(p.w, "\r\x1b[K") // to the line's begin, and everything right of it away
		p.line = ""
	}
}

func (p *progress) draw() {
	if !p.live {
		return
	}
	p.last = p.now()
	p.erase()
	p.line = bar(p.done, p.total, p.last.Sub(p.start), p.note, columns(p.w))
	fmt.Fprint(p.w, p.line)
}

// bar is a line that leaves the last column free, where a terminal would break it:
// [======>            ] 12/40  8.3 a second, 0:03 left, 2 not made
func bar(done, total int, took time.Duration, note string, width int) string {
	text := fmt.Sprintf("%d/%d", done, total)
	if done > 0 && took > 0 {
		text += fmt.Sprintf("  %s a second", figure(float64(done)/took.Seconds()))
		if left := time.Duration(float64(took) * float64(total-done) / float64(done)).Round(time.Second); done < total {
			text += fmt.Sprintf(", %d:%02d left", int(left.Minutes()), int(left.Seconds())%60)
		}
	}
	if note != "" {
		text += ", " + note
	}
	room := width - 1 - len(text) - len("[] ")
	if room < 10 { // the figures matter more
		return text[:max(min(len(text), width-1), 0)]
	}
	room = min(room, 40)
	full := room
	if total > 0 {
		full = room * done / total
	}
	drawn := strings.Repeat("=", full)
	if full < room {
		drawn += ">" + strings.Repeat(" ", room-full-1)
	}
	return "[" + drawn + "] " + text
}

// figure is a speed as people read one: 0.25, 8.3, 120.
func figure(v float64) string {
	switch {
	case v < 1:
		return fmt.Sprintf("%.2f", v)
	case v < 100:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// columns is how wide the terminal behind w is; 80 where it does not say, or is none.
func columns(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ); err == nil && size.Col > 0 {
			return int(size.Col)
		}
	}
	return 80
}
