package main

import "github.com/professionalaistudio/studio/edge/portrait"

// checkCommand judges a photo as it is and writes no picture.
func checkCommand(c *console, args []string) error {
	fs := c.flags("check")
	asJSON := fs.Bool("json", false, "print JSON")
	ask := portraitFlags(fs, false)
	file, err := ask.parse(args, "FILE")
	if err != nil {
		return &exitError{notMade, err}
	}
	result, err := ask.once(c, file, (*portrait.Pipeline).Check)
	if err != nil {
		return &exitError{notMade, err}
	}
	return c.tell(result, "", *asJSON)
}
