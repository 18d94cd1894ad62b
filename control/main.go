// Command control is the control plane: it knows people, orders, keys and counts, and never sees a photo.
//
// run is the whole program: it reads the settings, then does what the first word says. What `control serve` starts
// stands in serve.go, in the order it starts.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/professionalaistudio/studio/control/config"
	"github.com/professionalaistudio/studio/control/identity"
)

// version is set by the linker.
var version = "unknown"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	err := run(ctx, os.Args[1:], os.Environ(), os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A command is a word of the command line.
type command struct {
	name, arguments, help string
	do                    func(ctx context.Context, s settings, args []string, stdout io.Writer) error
}

var commands = []command{
	{"serve", "", "serve pages, JSON and edges until stopped (also without a word)", serve},
	{"migrate", "", "bring the database up to date; serve does so too", migrate},
	{"rotate", "", "sign tokens with the next key and publish a new one after it", rotate},
	{"node", "[-revoke] REGION", "print a node token for edges of a region, shown this once; with -revoke, end a node's", node},
	{"version", "", "say which build this is", nil},
	{"help", "", "this list, and every setting", nil},
}

// settings is the environment, read and checked.
type settings struct {
	config.Config
	issuers []identity.Issuer // those of CONTROL_OIDC besides the built-in one
}

// load reports every fault together.
func load(environ []string) (settings, error) {
	cfg, err := config.Load(environ)
	issuers, issuersErr := identity.ParseIssuers(cfg.Issuers())
	if issuersErr != nil {
		issuersErr = fmt.Errorf("CONTROL_OIDC: %w", issuersErr)
	}
	if err := errors.Join(err, issuersErr); err != nil {
		return settings{}, err
	}
	return settings{cfg, issuers}, nil
}

// run is the program, without the parts of a process that a test cannot have.
func run(ctx context.Context, args, environ []string, stdout io.Writer) error {
	word, rest := "serve", args
	if len(args) > 0 {
		word, rest = args[0], args[1:]
	}
	switch word {
	case "version", "-version", "--version":
		_, err := fmt.Fprintln(stdout, "control", version)
		return err
	case "help", "-h", "-help", "--help":
		return help(stdout)
	}
	for _, c := range commands {
		if c.name != word {
			continue
		}
		if len(rest) == 1 && (rest[0] == "-h" || rest[0] == "-help" || rest[0] == "--help") {
			_, err := fmt.Fprintf(stdout, "control %s %s\n  %s\n", c.name, c.arguments, c.help)
			return err
		}
		s, err := load(environ)
		if err != nil {
			return err
		}
		return c.do(ctx, s, rest, stdout)
	}
	return fmt.Errorf("%q is no command; `control help` lists them", word)
}

func help(w io.Writer) error {
	fmt.Fprintln(w, "control: the control plane of Professional AI Studio")
	fmt.Fprintln(w, "\nCommands")
	for _, c := range commands {
		fmt.Fprintf(w, "  %-24s %s\n", c.name+" "+c.arguments, c.help)
	}
	fmt.Fprintln(w, "\nSettings, from the environment")
	for _, s := range config.Settings() {
		def := s.Default
		if def == "" {
			def = "empty"
		}
		fmt.Fprintf(w, "  %-24s %s (%s)\n", s.Name, s.Help, def)
	}
	_, err := fmt.Fprintln(w, "\nThe state directory is $STATE_DIRECTORY, else $XDG_STATE_HOME/studio, else ~/.local/state/studio.")
	return err
}
