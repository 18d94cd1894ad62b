package main

import "github.com/professionalaistudio/studio/edge/portrait"

// checkCommand judges a photo as it is and writes no picture.
func checkCommand(c *console, args []string) error {
	ask := c.portraitFlags(c.flags("check"))
	if err := ask.parse(args); err != nil {
		return &exitError{notMade, err}
	}
	result, err := ask.run((*portrait.Pipeline).Check)
	if err != nil {
		return &exitError{notMade, err}
	}
	return ask.tell(result, false)
}
