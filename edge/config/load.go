package config

import (
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// Faults is everything that is wrong with the settings, a sentence each.
type Faults []string

func (f Faults) Error() string {
	return "settings: " + strings.Join(f, "\nsettings: ")
}

// Load reads the settings out of environ ("NAME=value"). The error, if any, is Faults.
func Load(environ []string) (Config, error) {
	env := map[string]string{}
	for _, line := range environ {
		if name, value, ok := strings.Cut(line, "="); ok {
			env[name] = value
		}
	}

	var cfg Config
	var faults Faults
	known := map[string]bool{}
	for field, value := range fields(&cfg) {
		name := field.Tag.Get("env")
		known[name] = true
		text := strings.TrimSpace(env[name])
		if text == "" {
			text = field.Tag.Get("envDefault")
		}
		if text == "" {
			continue
		}
		if err := set(value, text); err != nil {
			faults = append(faults, fault(field, text, err))
		}
	}
	for name := range env {
		if strings.HasPrefix(name, "EDGE_") && !known[name] {
			cfg.Unknown = append(cfg.Unknown, name)
		}
	}
	slices.Sort(cfg.Unknown)

	faults = append(faults, cfg.complete(env)...)
	faults = append(faults, cfg.check()...)
	if len(faults) > 0 {
		return cfg, faults
	}
	return cfg, nil
}

// fault names the setting, and the value unless it is a secret: what is printed at a start ends up in a log.
func fault(field reflect.StructField, text string, err error) string {
	name := field.Tag.Get("env")
	if field.Tag.Get("secret") != "" {
		return fmt.Sprintf("%s %s", name, err)
	}
	return fmt.Sprintf("%s %s, but is %q", name, err, text)
}

// fields yields every setting of cfg with the place where its value goes.
func fields(cfg *Config) iter.Seq2[reflect.StructField, reflect.Value] {
	return func(yield func(reflect.StructField, reflect.Value) bool) {
		v := reflect.ValueOf(cfg).Elem()
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.Tag.Get("env") != "" && !yield(field, v.Field(i)) {
				return
			}
		}
	}
}

// complete fills in what depends on the machine or on another setting.
func (c *Config) complete(env map[string]string) (faults Faults) {
	if c.Node == "" {
		host, err := os.Hostname()
		if err != nil || host == "" {
			faults = append(faults, "EDGE_NODE must be set where the host has no name")
		}
		c.Node = host
	}
	if c.Spool == "" {
		state := stateDirectory(env)
		if state == "" {
			faults = append(faults, "EDGE_SPOOL must be set where there is neither STATE_DIRECTORY nor HOME")
		} else {
			c.Spool = filepath.Join(state, "spool")
		}
	}
	if len(c.Origins) == 0 && c.ControlURL != "" {
		if u, err := parseWeb(c.ControlURL); err == nil {
			c.Origins = []string{originOf(u)}
		}
	}
	return faults
}

// stateDirectory is where this program may keep things: systemd's, else the desktop's, else the home's.
func stateDirectory(env map[string]string) string {
	if dir, _, _ := strings.Cut(env["STATE_DIRECTORY"], ":"); dir != "" {
		return dir
	}
	if dir := env["XDG_STATE_HOME"]; dir != "" {
		return filepath.Join(dir, "studio")
	}
	if dir := env["HOME"]; dir != "" {
		return filepath.Join(dir, ".local", "state", "studio")
	}
	return ""
}

// A Setting is one line of the manual.
type Setting struct{ Name, Default, Meaning string }

// Settings lists every setting in the order of Config.
func Settings() []Setting {
	var all []Setting
	for field := range fields(new(Config)) {
		all = append(all, Setting{field.Tag.Get("env"), field.Tag.Get("envDefault"), field.Tag.Get("doc")})
	}
	return all
}
