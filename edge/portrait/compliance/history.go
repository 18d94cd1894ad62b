package compliance

import (
	"fmt"
	"strings"

	"github.com/professionalaistudio/studio/edge/portrait/document"
)

// editors are programs that leave their name in a file and are made to change faces or pictures. A camera's own name or
// version is none of them.
var editors = []string{
	"photoshop", "lightroom", "gimp", "snapseed", "facetune", "meitu", "beautyplus", "beautycam", "faceapp", "picsart", "vsco", "remini", "canva",
	"pixelmator", "affinity", "luminar", "airbrush", "ulike", "b612", "youcam", "polarr", "lensa", "photopea", "fotor", "paint.net", "paintshop",
	"photodirector", "capture one", "darktable", "rawtherapee", "acdsee", "picmonkey", "befunky", "pixlr", "perfect365", "faceu", "soda camera",
	"dall-e", "midjourney", "stable diffusion", "firefly",
}

// editTraces looks for signs that the capture is not as the camera made it. They warn and never fail: whoever crops a photo
// leaves the same.
func editTraces(f *Finding, m Measurements, _ document.Spec) {
	var traces []string
	software := strings.ToLower(m.History.Software)
	for _, name := range editors {
		if strings.Contains(software, name) {
			traces = append(traces, fmt.Sprintf("the file was last written by %q", m.History.Software))
			break
		}
	}
	if m.History.Edited {
		traces = append(traces, "the file carries notes of an editor")
	}
	if g := m.Grain; g != nil && g.Blocks.Known && g.Blocks.Value > 0.25 && g.Shifted.Value == 1 {
		traces = append(traces, fmt.Sprintf("it was cut after it was compressed, for its blocks of 8 pixels do not begin in the corner (steps are %.0f %% larger at their seams)", 100*g.Blocks.Value))
	}
	f.most(float64(len(traces)), 0, never, "traces")
	f.tell("No traces of editing: 0 of 3 kinds were found.",
		fmt.Sprintf("Traces of editing, %d of 3 kinds: %s; send the camera's own file.", len(traces), strings.Join(traces, "; ")))
}

// photoAge judges the day that the camera noted. A camera's clock may be wrong, but seldom in one's favour.
func photoAge(f *Finding, m Measurements, s document.Spec) {
	most, said := months(s)
	if said {
		byRow(f, s)
	}
	days := m.History.Today.Sub(m.History.Taken).Hours() / 24
	limit := m.History.Today.Sub(m.History.Today.AddDate(0, -most, 0)).Hours() / 24
	if days < -2 {
		f.unjudged(fmt.Sprintf("the camera's clock is %.0f days ahead", -days))
		return
	}
	days = max(days, 0)
	old := "1 month"
	if most > 1 {
		old = fmt.Sprintf("%d months", most)
	}
	f.most(days, limit, limit, "days")
	f.tell(fmt.Sprintf("The photo was taken %.0f days ago, and may be %s old.", days, old),
		fmt.Sprintf("The photo was taken %.0f days ago, and may be %s old: take a new one.", days, old))
}
