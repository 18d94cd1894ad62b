package face

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The net was trained with the points of points.py, in its order.
func TestNamesAreThoseOfTheTraining(t *testing.T) {
	source, err := os.ReadFile("../../../models/training/points.py")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(source), "_TABLE = (")
	table, _, _ = strings.Cut(table, "\nNAMES")
	var want []string
	for _, m := range regexp.MustCompile(`\("([a-z0-9.]+)", \d+, (\d+|None)\)`).FindAllStringSubmatch(table, -1) {
		if m[2] == "None" {
			want = append(want, m[1])
		} else {
			want = append(want, "left."+m[1], "right."+m[1])
		}
	}
	if !slices.Equal(Names, want) {
		t.Errorf("the names are %q, in points.py %q", Names, want)
	}
	if len(Names) != len(Look{}.Points) {
		t.Errorf("%d names for %d points", len(Names), len(Look{}.Points))
	}
	if i := Index("chin"); i < 0 || Names[i] != "chin" || Index("ear") != -1 {
		t.Errorf("Index is wrong: chin is %d, ear %d", i, Index("ear"))
	}
}
