package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/professionalaistudio/studio/models"
)

// A netRow is one net as `edge models` shows it.
type netRow struct {
	Name    string      `json:"name"`
	Task    models.Task `json:"task"`
	Version string      `json:"version"`
	Bytes   int64       `json:"bytes"`
	SHA256  string      `json:"sha256"`
	From    string      `json:"from"`           // a path, or models.Built
	Did     string      `json:"did,omitempty"`  // of a pull: kept, fetched or replaced
	Warm    float64     `json:"warm,omitempty"` // of a pull: seconds that loading it and its first run took
}

func modelsCommand(c *console, args []string) error {
	fs := c.flags("models")
	asJSON := fs.Bool("json", false, "print JSON")
	from := fs.String("from", "", "for pull: a manifest to begin with, a file or an https address; it becomes that of EDGE_MODELS")
	word := "list"
	if len(args) > 0 && (args[0] == "list" || args[0] == "pull") {
		word, args = args[0], args[1:]
	}
	if _, err := parse(fs, args); err != nil {
		return err
	}
	cfg, err := c.settings()
	if err != nil {
		return err
	}
	if word == "list" {
		if *from != "" {
			return &exitError{2, errors.New("-from is for `edge models pull`")}
		}
		set, err := openSet(cfg)
		if err != nil {
			return err
		}
		var rows []netRow
		for _, m := range set.All() {
			rows = append(rows, netRow{Name: m.Name, Task: m.Task, Version: m.Version, Bytes: m.Bytes, SHA256: m.SHA256, From: set.From(m.Task)})
		}
		return c.printNets(rows, *asJSON)
	}

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	rows, err := c.pull(ctx, cfg, *from)
	return errors.Join(c.printNets(rows, *asJSON), err) // what was done stays done
}

func (c *console) printNets(rows []netRow, asJSON bool) error {
	if asJSON || !c.person() {
		encoder := json.NewEncoder(c.out)
		for _, row := range rows {
			if err := encoder.Encode(row); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%.12s\t%s", row.Task, row.Name, row.Version, megabytes(row.Bytes), row.SHA256, row.From)
		if row.Did != "" {
			fmt.Fprintf(w, "\t%s, runs (%.0f ms)", row.Did, row.Warm*1e3)
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// since is rounded, for people and for JSON.
func since(start time.Time) float64 { return time.Since(start).Round(100 * time.Microsecond).Seconds() }
