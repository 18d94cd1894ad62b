package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/landlock-lsm/go-landlock/landlock"
	landlocksys "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// sealMemory keeps what is in memory there: no core file, and nothing for another process of this user to read. The
// limit alone does not stop a core_pattern that is a pipe, and being undumpable does.
func sealMemory() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("core dumps cannot be switched off: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("this process cannot be made undumpable: %w", err)
	}
	return nil
}

// loaderSettings are what a program can only be told before it starts. Each was found by looking for a photo in the memory
// of a node that had answered (memory_test.go). M_PERTURB, by which package vips has freed memory overwritten, does not
// reach the blocks that glibc keeps for each thread. And the vector registers hold what was last copied: they are saved on
// the stack when a library's function is bound at its first call, and when Go's scheduler interrupts a thread.
var loaderSettings = []struct{ name, value, join string }{
	{"GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", ":"},
	{"LD_BIND_NOW", "1", ""},
	{"GODEBUG", "asyncpreemptoff=1", ","},
}

// startAgain puts the program in place of itself with those settings, unless it runs with them. It keeps its process id.
func startAgain(environ []string) error {
	changed := false
	for _, s := range loaderSettings {
		i := slices.IndexFunc(environ, func(line string) bool { return strings.HasPrefix(line, s.name+"=") })
		switch {
		case i < 0:
			environ = append(environ, s.name+"="+s.value)
		case strings.Contains(environ[i], s.value) || s.join == "":
			continue
		default: // the operator's own stand first, and the last one counts
			environ[i] += s.join + s.value
		}
		changed = true
	}
	if !changed {
		return nil
	}
	if err := syscall.Exec("/proc/self/exe", os.Args, environ); err != nil {
		return fmt.Errorf("this program cannot start itself again: %w", err)
	}
	return nil
}

// sealDisk makes the whole file system read-only for this process and its children but for one folder. Whatever a
// library does with a photo, the kernel lets it write nowhere. A kernel without Landlock is told of, and the node goes
// on: the rules above it still hold.
func sealDisk(spool string, log *slog.Logger) error {
	abi, err := landlocksys.LandlockGetABIVersion()
	if err != nil || abi < 1 {
		log.Warn("This kernel has no Landlock: nothing but our own rules keeps photos off the disk.")
		return nil
	}
	err = landlock.V5.BestEffort().RestrictPaths(landlock.RODirs("/"), landlock.RWDirs(spool))
	if err != nil {
		return fmt.Errorf("sealing the disk by Landlock: %w", err)
	}
	if f, err := os.OpenFile(filepath.Join(os.TempDir(), "studio-landlock"), os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
		f.Close()
		return errors.New("sealing the disk: a file could still be made")
	} else if !errors.Is(err, fs.ErrPermission) && !errors.Is(err, syscall.EROFS) {
		log.Debug("The try at a file failed otherwise than by permission.", "error", err)
	}
	log.Info("Nothing can be written but the spool.", "abi", abi)
	return nil
}

// swap lists the swap areas that photos could be written to.
func swap() []string {
	data, err := os.ReadFile("/proc/swaps")
	if err != nil {
		return nil
	}
	var areas []string
	for line := range strings.Lines(string(data)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] != "Filename" {
			areas = append(areas, fields[0])
		}
	}
	return areas
}
