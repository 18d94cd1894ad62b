package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// A bar is one line of the terminal, at any width: it leaves the last column free, and gives up the bar before the figures.
func TestBar(t *testing.T) {
	for name, test := range map[string]struct {
		done, total, width int
		took               time.Duration
		note, want         string
	}{
		"nothing done":        {0, 40, 80, 0, "", "[>" + strings.Repeat(" ", 39) + "] 0/40"},
		"a half":              {20, 40, 80, 4 * time.Second, "", "[" + strings.Repeat("=", 20) + ">" + strings.Repeat(" ", 19) + "] 20/40  5.0 a second, 0:04 left"},
		"all":                 {40, 40, 80, 8 * time.Second, "", "[" + strings.Repeat("=", 40) + "] 40/40  5.0 a second"},
		"slow, with a note":   {1, 100, 70, 4 * time.Second, "1 not made", "[>" + strings.Repeat(" ", 22) + "] 1/100  0.25 a second, 6:36 left, 1 not made"},
		"no room for a bar":   {5, 100, 34, time.Second, "", "5/100  5.0 a second, 0:19 left"},
		"no room for figures": {5, 100, 10, time.Second, "", "5/100  5."},
	} {
		t.Run(name, func(t *testing.T) {
			got := bar(test.done, test.total, test.took, test.note, test.width)
			if got != test.want {
				t.Errorf("the bar is\n%q, want\n%q", got, test.want)
			}
			if n := utf8.RuneCountInString(got); n >= test.width {
				t.Errorf("it has %d columns of %d", n, test.width)
			}
		})
	}
}

// On anything but a terminal there is no bar, and what is printed is passed on.
func TestNoBarWithoutATerminal(t *testing.T) {
	var bar, out bytes.Buffer
	p := newProgress(&bar, 2)
	p.step("")
	if err := p.print(&out, []byte("a line\n")); err != nil {
		t.Fatal(err)
	}
	p.step("")
	p.end()
	if bar.Len() > 0 || out.String() != "a line\n" {
		t.Errorf("the bar is %q and the output %q", bar.String(), out.String())
	}
}

// A terminal is a screen of 60 columns that keeps what it is shown.
func openTerminal(t *testing.T) (screen func() string, terminal *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(int(master.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 60}); err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	var shown bytes.Buffer
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 4096)
		for {
			n, err := master.Read(b)
			shown.Write(b[:n])
			if err != nil { // EIO, once nobody has the terminal open any more
				return
			}
		}
	}()
	t.Cleanup(func() { master.Close() })
	return func() string {
		slave.Close()
		<-done
		return shown.String()
	}, slave
}

// lines is what stands on a screen in the end: \r goes back to the first column, and \x1b[K clears what is right of it.
func lines(shown string) (all []string) {
	for line := range strings.SplitSeq(shown, "\n") {
		stands := ""
		for part := range strings.SplitSeq(line, "\r") {
			if rest, clear := strings.CutPrefix(part, "\x1b[K"); clear {
				stands = rest
			} else if part != "" {
				stands = part
			}
		}
		all = append(all, stands)
	}
	return all
}

// On a terminal there is a bar while photos are made, and none in the end; results go where they are sent, whole.
func TestProgressOnATerminal(t *testing.T) {
	screen, tty := openTerminal(t)
	dir := folder(t, 12)
	if err := os.WriteFile(dir+"/half.jpg", sample(t)[:9000], 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := edgeProgram(t, "batch", dir, "-document", "in-visa", "-o", t.TempDir()+"/out")
	var stdout bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, tty
	if status := statusOf(cmd.Run()); status != failing {
		t.Errorf("the status is %d, want %d", status, failing)
	}
	shown := screen()
	if strings.Count(shown, "[>") == 0 || strings.Count(shown, "\r\x1b[K") < 2 || !strings.Contains(shown, "] 13/13") || !strings.Contains(shown, "1 not made") {
		t.Errorf("there is no bar in %q", shown)
	}
	stands := lines(shown)
	if !strings.HasPrefix(stands[0], "in-visa, pack ") {
		t.Errorf("in the end there stands %q, want the summary alone", stands)
	}
	for piece := range strings.SplitSeq(shown, "\r") {
		if bar := strings.TrimPrefix(piece, "\x1b[K"); strings.HasPrefix(bar, "[") && len(bar) >= 60 {
			t.Errorf("the bar %q has no room in 60 columns", bar)
		}
	}
	if n := bytes.Count(stdout.Bytes(), []byte("\n")); n != 13 || bytes.ContainsAny(stdout.Bytes(), "\r\x1b") {
		t.Errorf("there are %d results: %s", n, stdout.Bytes())
	}
}

// Where results are read by a person too, they hear of what is not well and of nothing else, and the bar makes way for it.
func TestResultsOnATerminal(t *testing.T) {
	screen, tty := openTerminal(t)
	dir := folder(t, 3)
	if err := os.WriteFile(dir+"/half\x1b[2J.jpg", sample(t)[:9000], 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := edgeProgram(t, "batch", dir, "-document", "in-visa", "-mode", "crop", "-o", t.TempDir()+"/out")
	cmd.Stdout, cmd.Stderr = tty, tty
	if status := statusOf(cmd.Run()); status != failing {
		t.Errorf("the status is %d, want %d", status, failing)
	}
	shown := screen()
	stands := lines(shown)
	failed, not := 0, 0
	for _, line := range stands {
		if strings.HasPrefix(line, "failing    "+dir) && strings.Contains(line, "bg.colour") {
			failed++
		}
		if strings.HasPrefix(line, "not made   \""+dir) && strings.Contains(line, `half\x1b[2J.jpg": The image is broken`) {
			not++
		}
	}
	if failed != 3 || not != 1 || strings.Contains(shown, `{"file"`) || strings.Contains(shown, "\x1b[2J") {
		t.Errorf("there stands\n%s", strings.Join(stands, "\n"))
	}

	screen, tty = openTerminal(t)
	cmd = edgeProgram(t, "batch", dir, "-document", "in-visa", "-json", "-check")
	cmd.Stdout = tty
	cmd.Run()
	if got := strings.Count(screen(), `{"file":"`); got != 4 {
		t.Errorf("-json gives %d lines, want 4", got)
	}
}
