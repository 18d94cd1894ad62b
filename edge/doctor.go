package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	landlocksys "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"

	"github.com/professionalaistudio/studio/edge/config"
	"github.com/professionalaistudio/studio/edge/vips"
)

// A sign is one thing the doctor looked at. "warn" is a host on which a node runs and a promise is weaker.
type sign struct {
	Check   string `json:"check"`
	Verdict string `json:"verdict"` // ok, warn or fail
	Says    string `json:"says"`
}

// doctorCommand looks at this host. Its status is 1 if a node should not run here.
func doctorCommand(c *console, args []string) error {
	fs := c.flags("doctor")
	asJSON := fs.Bool("json", false, "print JSON")
	if _, err := parse(fs, args); err != nil {
		return err
	}
	signs := c.examine()
	fit := true
	for _, s := range signs {
		fit = fit && s.Verdict != "fail"
	}
	if *asJSON || !c.person() {
		encoder := json.NewEncoder(c.out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(struct {
			Fit    bool   `json:"fit"`
			Checks []sign `json:"checks"`
		}{fit, signs}); err != nil {
			return err
		}
	} else {
		w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		for _, s := range signs {
			fmt.Fprintf(w, "%s\t%s\t%s\n", s.Verdict, s.Check, s.Says)
		}
		w.Flush()
	}
	if !fit {
		return &exitError{1, fmt.Errorf("a node should not run on this host: mend what is marked fail")}
	}
	return nil
}

func (c *console) examine() []sign {
	var signs []sign
	say := func(check, verdict, format string, args ...any) {
		signs = append(signs, sign{check, verdict, strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "; ")})
	}

	cfg, err := c.settings()
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			say("settings", "fail", "%s", strings.TrimSpace(strings.TrimPrefix(line, "settings: ")))
		}
	} else {
		say("settings", "ok", "node %s in region %s", cfg.Node, cfg.Region)
	}
	for _, name := range cfg.Unknown {
		say("settings", "warn", "%s is not a setting", name)
	}

	if err := vips.Start(vips.Config{}); err != nil {
		say("libvips", "fail", "%v", err)
	} else {
		say("libvips", "ok", "%s reads jpeg png webp avif gif tiff, writes jpeg png webp avif", vips.Version())
		vips.Stop()
	}

	if cfg.Spool == "" {
		say("spool", "fail", "there is no folder for it")
	} else if err := writable(cfg.Spool); err != nil {
		say("spool", "fail", "usage cannot be kept in %s: %v", cfg.Spool, err)
	} else {
		say("spool", "ok", "%s", cfg.Spool)
	}

	if err := sealMemory(); err != nil {
		say("core dumps", "fail", "%v", err)
	} else {
		say("core dumps", "ok", "off, whatever the core pattern")
	}
	if areas := swap(); len(areas) > 0 {
		say("swap", "warn", "%s: a photo in memory may be written there; switch it off (swapoff -a) or set MemorySwapMax=0 for the unit", strings.Join(areas, " "))
	} else {
		say("swap", "ok", "none")
	}
	if abi, err := landlocksys.LandlockGetABIVersion(); err != nil || abi < 1 {
		say("landlock", "warn", "this kernel has none: nothing but our own rules keeps photos off the disk")
	} else {
		say("landlock", "ok", "version %d: nothing but the spool can be written", abi)
	}
	var files unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &files); err != nil || files.Max < 4096 {
		say("open files", "warn", "at most %d: a busy node wants 8192", files.Max)
	} else {
		say("open files", "ok", "up to %d", files.Max)
	}

	if pack, err := openPack(cfg); err != nil {
		say("documents", "fail", "%v", err)
	} else if cfg.Documents != "" {
		say("documents", "ok", "%d in pack %s from %s, its signature is right", len(pack.All()), pack.Name(), cfg.Documents)
	} else {
		say("documents", "ok", "%d in pack %s, built in", len(pack.All()), pack.Name())
	}
	c.examineNets(cfg, say)
	return signs
}

// examineNets loads the library and every net, as a node does at its start.
func (c *console) examineNets(cfg config.Config, say func(check, verdict, format string, args ...any)) {
	runtime, err := startInference(cfg, 1, nil)
	if err != nil {
		say("onnxruntime", "fail", "%v", err)
	} else {
		defer runtime.Close()
		say("onnxruntime", "ok", "%s from %s", runtime.Version(), runtime.Library())
	}
	set, err := openSet(cfg)
	if err != nil {
		say("models", "fail", "%v", err)
		return
	}
	for _, m := range set.All() {
		about := fmt.Sprintf("%s, %s, %s, its digest is right", m.Version, megabytes(m.Bytes), set.From(m.Task))
		if runtime == nil {
			say(m.Name, "warn", "%s; it was not loaded", about)
			continue
		}
		start := time.Now()
		_, data, _ := set.For(m.Task)
		n, err := runtime.Load(m, data)
		if err != nil {
			say(m.Name, "fail", "%v", modelsFault(cfg, err))
			continue
		}
		warm := time.Now()
		err = n.Run(context.Background(), func([]byte) {}, func([][]float32) error { return nil })
		if err = errors.Join(err, n.Close()); err != nil {
			say(m.Name, "fail", "%v", err)
			continue
		}
		say(m.Name, "ok", "%s; loads in %.0f ms, runs in %.1f ms", about, warm.Sub(start).Seconds()*1e3, time.Since(warm).Seconds()*1e3)
	}
}

// writable makes the folder if it can be made, and tries it.
func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return err
	}
	f.Close()
	return os.Remove(f.Name())
}
