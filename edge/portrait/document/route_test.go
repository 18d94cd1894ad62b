package document

import (
	"slices"
	"strings"
	"testing"
)

func TestRoute(t *testing.T) {
	for _, test := range []struct{ id, verdict, says, may, mayNot string }{
		{"us-passport", "pass", "yourself; the authority forbids every digital change", "turned upright", "another background"},
		{"us-passport", "pass", "stays as it was taken.", "scaled", "beyond its edges"},
		{"it-cie", "pass", "only scaled and cut", "scaled", "turned upright"},
		{"de-passport", "fail", "do not file this one", "", ""},
		{"ca-passport", "fail", "stamp", "", ""},
		{"us-green-card", "fail", "takes the photo itself", "", ""},
		{"nl-passport", "warn", "counter", "at your own risk", ""},
		{"mx-passport", "warn", "ask yours", "", ""},
		{"jp-passport", "pass", "our sources say nothing of editing and nothing of the background, so one that fails its checks is replaced by white", "where the one taken fails", "retouched"},
		{"generic-cv-square", "pass", "nobody has a rule", "another background", "retouched"},
		{"by-passport", "pass", "technical retouching and nothing more", "", "retouched"},
	} {
		r := mustFind(t, test.id).Route()
		any := func(list []string, part string) bool {
			return slices.ContainsFunc(list, func(s string) bool { return strings.Contains(s, part) })
		}
		if r.Verdict != test.verdict || !strings.Contains(r.Advice, test.says) || !any(r.May, test.may) || test.mayNot != "" && !any(r.MayNot, test.mayNot) {
			t.Errorf("%s: %+v, want %+v", test.id, r, test)
		}
	}
}

// The words of every row agree with what is done to its photo, and none is left in the pack's own code.
func TestEveryRouteSaysWhatIsDone(t *testing.T) {
	for _, s := range All() {
		r := s.Route()
		if _, known := alterations[s.AlterationRule]; !known {
			t.Errorf("%s: %s has no words", s.ID, s.AlterationRule)
		}
		if !slices.Contains([]string{"pass", "warn", "fail"}, r.Verdict) || strings.Contains(r.Advice, "_") || strings.Count(r.Advice, ".") != 1 || !strings.HasSuffix(r.Advice, ".") {
			t.Errorf("%s: %s, %q is not one sentence", s.ID, r.Verdict, r.Advice)
		}
		if kept := strings.Contains(r.Advice, "stays as it was taken."); kept != s.EditBarred() {
			t.Errorf("%s: barred %v, and it says %q", s.ID, s.EditBarred(), r.Advice)
		}
		for what, may := range map[string]bool{
			"turned upright": s.MayStraighten(), "given more of an even background beyond its edges": s.MayExtend(), "given another background": !s.EditBarred() && s.BackgroundReplacement == Allowed,
		} {
			if slices.Contains(r.May, what) != may {
				t.Errorf("%s: may be %s: %v, and it says %v", s.ID, what, may, r.May)
			}
		}
		if len(r.May)+len(r.MayNot) != 5 || r.Said.Source() == "" {
			t.Errorf("%s: %v, %v, on the word of %q", s.ID, r.May, r.MayNot, r.Said.Source())
		}
	}
	if got := (Spec{AlterationRule: "prohibited_by_moonlight"}).Alteration(); got != "the authority forbids editing (by moonlight)" {
		t.Errorf("a rule of a newer pack is %q", got)
	}
}
