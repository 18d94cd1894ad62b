package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"golang.org/x/sys/unix"

	"github.com/professionalaistudio/studio/edge/config"
)

// A command is one word after the program's name. Its code is in the file of that name.
type command struct {
	name, usage, does string
	run               func(*console, []string) error
}

// commands are listed in the order of --help. It is a function since help lists them too.
func commands() []command {
	return []command{
		{"serve", "serve", "run a node until it is told to stop (also without a word)", serveCommand},
		{"sign", "sign [-key ID] [-base URL] OPTIONS SOURCE", "print a signed URL", signCommand},
		{"image", "image FILE OPTIONS -o OUT", "the options of a signed URL on a file", imageCommand},
		{"matte", "matte FILE -o OUT.png [-alpha] [-background HEX]", "a person without the background", matteCommand},
		{"photo", "photo FILE -document ID [-head CROWNX,CROWNY,CHINX,CHINY] [-background HEX] [-mode crop] [-sheet PAPER [-copies N] [-gap MM] [-with ID[:N],…]] [-format jpeg|png|pdf] [-drawing OUT.svg] [-json] -o OUT", "a document photo out of a file", photoCommand},
		{"check", "check FILE -document ID [-head …] [-background HEX] [-drawing OUT.svg] [-json]", "what a document's rules say of a photo", checkCommand},
		{"batch", "batch DIR -document ID -o OUTDIR [-recursive] [-skip | -overwrite] [-jobs N] [-findings] [flags of photo], or batch DIR -document ID -check", "document photos out of a folder, many at once; a line of JSON for each", batchCommand},
		{"verify", "verify FILE -keys KEYS [-photo PICTURE] [-json]", "is a photo's receipt good? FILE is the JSON answer, or the receipt alone", verifyCommand},
		{"documents", "documents [WORDS | ID] [-country CC] [-language TAG] [-json]", "which documents there are, what each asks, and whether a photo made at home will do", documentsCommand},
		{"migrate", "migrate", "imgproxy's settings on standard input, ours on standard output: env | edge migrate", migrateCommand},
		{"models", "models [list | pull [-from MANIFEST]] [-json]", "the nets that a node would use; fetch an operator's own into EDGE_MODELS", modelsCommand},
		{"doctor", "doctor [-json]", "is this host fit to run a node?", doctorCommand},
		{"version", "version", "what this program is", versionCommand},
	}
}

// A console is what a command is run with.
type console struct {
	environ     []string
	out, errors io.Writer
}

// An exitError ends the program with a status of its own; without err it says nothing.
type exitError struct {
	status int
	err    error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func main() {
	c := &console{environ: os.Environ(), out: os.Stdout, errors: os.Stderr}
	os.Exit(c.main(os.Args[1:]))
}

// main runs a command and turns its error into a status and a sentence.
func (c *console) main(args []string) int {
	err := c.dispatch(args)
	if err == nil {
		return 0
	}
	status := 1
	var exit *exitError
	if errors.As(err, &exit) {
		status, err = exit.status, exit.err
	}
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		for line := range strings.Lines(err.Error()) {
			fmt.Fprintln(c.errors, "edge:", strings.TrimSuffix(line, "\n"))
		}
	}
	return status
}

func (c *console) dispatch(args []string) error {
	word := "serve"
	if len(args) > 0 {
		word, args = args[0], args[1:]
	}
	switch word {
	case "help", "-h", "-help", "--help":
		return c.help(args)
	}
	for _, cmd := range commands() {
		if cmd.name == word {
			return cmd.run(c, args)
		}
	}
	return fmt.Errorf("there is no command %q: `edge --help` lists them", word)
}

// help prints what there is, or all about one command.
func (c *console) help(words []string) error {
	if len(words) > 0 && words[0] != "help" && !strings.HasPrefix(words[0], "-") {
		asked := &console{environ: c.environ, out: c.out, errors: c.out} // it is the answer, and no complaint
		err := asked.dispatch([]string{words[0], "-help"})
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	fmt.Fprint(c.out, "edge: an image proxy that knows people.\n\n")
	for _, cmd := range commands() {
		fmt.Fprintf(c.out, "  edge %s\n      %s\n", cmd.usage, cmd.does)
	}
	fmt.Fprint(c.out, "\n`edge help COMMAND` lists the flags of one. Flags may stand before or after the file. Settings are environment variables:\n\n")
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, s := range config.Settings() {
		fmt.Fprintf(w, "  %s\t%s\t%s\n", s.Name, s.Default, s.Meaning)
	}
	return w.Flush()
}

// flags makes the flag set of a command, which prints the command's own help.
func (c *console) flags(name string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(c.errors)
	fs.Usage = func() {
		for _, cmd := range commands() {
			if cmd.name == name {
				fmt.Fprintf(c.errors, "edge %s\n  %s\n", cmd.usage, cmd.does)
			}
		}
		fs.PrintDefaults()
	}
	return fs
}

// parse reads flags wherever they stand, and returns the words between them; want names those there must be.
func parse(fs *flag.FlagSet, args []string, want ...string) ([]string, error) {
	words, err := parseWords(fs, args)
	if err != nil {
		return nil, err
	}
	if len(words) != len(want) {
		return nil, &exitError{2, fmt.Errorf("%s takes %s, and got %d of %d: `edge %s -help` shows how",
			fs.Name(), list(want), len(words), len(want), fs.Name())}
	}
	return words, nil
}

// parseWords reads flags wherever they stand, and returns the words between them, however many.
func parseWords(fs *flag.FlagSet, args []string) ([]string, error) {
	var words []string
	for len(args) > 0 {
		if err := fs.Parse(args); err != nil {
			return nil, &exitError{2, err}
		}
		rest := fs.Args()
		if cut := len(args) - len(rest); cut > 0 && args[cut-1] == "--" { // all that follows are words
			words = append(words, rest...)
			break
		}
		if len(rest) == 0 {
			break
		}
		words, args = append(words, rest[0]), rest[1:]
	}
	return words, nil
}

func list(words []string) string {
	if len(words) == 0 {
		return "nothing but flags"
	}
	return strings.Join(words, " and ")
}

// settings are the node's, for the commands that need them.
func (c *console) settings() (config.Config, error) { return config.Load(c.environ) }

// person tells whether somebody reads what is printed: they get a table, a program gets JSON.
func (c *console) person() bool { return terminal(c.out) }

func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

// write puts a result where -o says; "-" is standard output.
func (c *console) write(path string, data []byte) error {
	if path == "-" {
		_, err := c.out.Write(data)
		return err
	}
	return os.WriteFile(path, data, 0o644)
}
