package document

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// An edition is the version of a pack: the day it was put together and a count of that day.
type edition struct {
	day   string // 2026-11-24, so that days compare as text
	count int    // from 1
}

var editionForm = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})\.([1-9]\d{0,5})$`)

// parseEdition reads "2026-11-24.1".
func parseEdition(version string) (edition, error) {
	m := editionForm.FindStringSubmatch(version)
	if m == nil || !isDay(m[1]) {
		return edition{}, fmt.Errorf("the version %.40q is not a day and a count, as in 2026-11-24.1", version)
	}
	count, err := strconv.Atoi(m[2])
	return edition{m[1], count}, err
}

// compare is below 0 if e is older than f.
func (e edition) compare(f edition) int {
	return cmp.Or(cmp.Compare(e.day, f.day), cmp.Compare(e.count, f.count))
}

func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
