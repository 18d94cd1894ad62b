package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/professionalaistudio/studio/edge/portrait/document"
	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/models"
)

// version is set by the build.
var version string

// build is which program this is: what the build said, else what the Go command stamped into it.
func build() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}

func versionCommand(c *console, args []string) error {
	fs := c.flags("version")
	asJSON := fs.Bool("json", false, "print JSON")
	if _, err := parse(fs, args); err != nil {
		return err
	}
	about := struct {
		Version   string `json:"version"`
		Go        string `json:"go"`
		Platform  string `json:"platform"`
		Libvips   string `json:"libvips"`
		Documents string `json:"documents"`
		Models    string `json:"models"` // of this build
	}{build(), runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH, vips.Version(), document.Embedded().Name(), versions(models.Embedded().Models)}
	if *asJSON {
		return json.NewEncoder(c.out).Encode(about)
	}
	_, err := fmt.Fprintf(c.out, "edge %s\n%s %s\nlibvips %s\ndocuments %s\nmodels %s\n",
		about.Version, about.Go, about.Platform, about.Libvips, about.Documents, about.Models)
	return err
}
