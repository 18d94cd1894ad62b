package web

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// label is a field's name in the pack as people read it, without its unit: "Alternative sizes".
func label(field string) string {
	for _, unit := range []string{"_mm", "_px", "_kb", "_ratio"} {
		field = strings.TrimSuffix(field, unit)
	}
	return capital(strings.NewReplacer("px ", "pixel ", "w over h", "width over height").Replace(plain(field)))
}

// written is a value of the pack as people write it, by the field's name: a band "20 to 30 mm", sizes "35 × 45 mm", a share
// in hundredths. Newer packs may bear fields of which nothing is known here; they are written all the same.
func written(field string, value any) string {
	text := bare(field, value)
	switch {
	case text == "":
		return ""
	case strings.Contains(field, "ratio_of_width"):
		return text + " % of the width"
	case strings.HasSuffix(field, "_ratio"):
		return text + " % of the height"
	case strings.HasSuffix(field, "_mm"):
		return text + " mm"
	case strings.HasSuffix(field, "_kb"):
		return text + " KB"
	case strings.HasSuffix(field, "_px") || strings.HasPrefix(field, "px_range"):
		return text + " pixels"
	case strings.HasSuffix(field, "dpi"):
		return text + " dpi"
	}
	return text
}

// bare is a value without its unit.
func bare(field string, value any) string {
	switch v := value.(type) {
	case string:
		return plain(v)
	case bool:
		return map[bool]string{true: "yes", false: "no"}[v]
	case float64:
		if strings.Contains(field, "ratio") {
			v *= 100
		}
		return number(v)
	case []any:
		parts := make([]string, len(v))
		for i, part := range v {
			parts[i] = bare(field, part)
		}
		_, numbers := first(v).(float64)
		switch {
		case numbers && len(v) == 2 && strings.Contains(field, "outside"):
			return parts[0] + " to " + parts[1]
		case numbers && len(v) == 2:
			return parts[0] + " × " + parts[1]
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		return members(field, v)
	}
	return ""
}

// ages stand in the names of members: child_6_9.
var ages = regexp.MustCompile(`(\d)_(\d)`)

func members(field string, v map[string]any) string {
	low, isLow := v["min"].(float64)
	high, isHigh := v["max"].(float64)
	if isLow || isHigh {
		var s span
		if strings.Contains(field, "ratio") {
			low, high = low*100, high*100
		}
		if isLow {
			s.Min = &low
		}
		if isHigh {
			s.Max = &high
		}
		return s.String()
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(v)) {
		text := bare(field, v[name])
		if strings.HasSuffix(name, "_mm") || strings.HasSuffix(name, "_ratio") { // not of the field's unit
			text = written(name, v[name])
		}
		if text != "" {
			what := label(ages.ReplaceAllString(name, "$1 to $2"))
			if !strings.HasPrefix(name, "m") { // min, max
				what += ":"
			}
			parts = append(parts, what+" "+text)
		}
	}
	return strings.ToLower(strings.Join(parts, ", "))
}

func first(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}
