package main

import "github.com/professionalaistudio/studio/edge/portrait"

// checkCommand judges a photo as it is and writes no picture but the findings drawn on it, where that is asked for.
func checkCommand(c *console, args []string) error {
	fs := c.flags("check")
	asJSON := fs.Bool("json", false, "print JSON")
	drawing := drawingFlag(fs)
	ask := portraitFlags(fs, false)
	file, err := ask.parse(args, "FILE")
	if err == nil {
		ask.request.Drawing, err = drawingKind(*drawing)
	}
	if err != nil {
		return &exitError{notMade, err}
	}
	result, err := ask.once(c, file, (*portrait.Pipeline).Check)
	if err != nil {
		return &exitError{notMade, err}
	}
	defer result.Wipe()
	if err := c.writeDrawing(*drawing, result); err != nil {
		return &exitError{notMade, err}
	}
	return c.tell(result, "", *asJSON)
}
