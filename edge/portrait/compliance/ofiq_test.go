package compliance

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"
)

// All pairs of raw value and score that OFIQ publishes for its conformance photos: testdata/ofiq_expected.csv is its
// expected_results.csv (MIT, © 2024 Federal Office for Information Security, Germany).
func TestOFIQ(t *testing.T) {
	f, err := os.Open("testdata/ofiq_expected.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.FieldsPerRecord = ';', -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	names, pairs := rows[0], 0
	column := map[string]int{}
	for i, name := range names {
		column[name] = i
	}
	for _, row := range rows[1:] {
		for i, name := range names[1:29] {
			raw, err := strconv.ParseFloat(row[i+1], 64)
			if err != nil {
				t.Fatal(err)
			}
			want, err := strconv.Atoi(row[column[name+".scalar"]])
			if err != nil {
				t.Fatal(err)
			}
			got, ok := OFIQ(name, raw)
			if !ok || got != want {
				t.Errorf("%s: %s of %g is %d, want %d", row[0], name, raw, got, want)
			}
			pairs++
		}
		// The identity that every port can be tested by (compliance facts A3, 9).
		v := func(name string) float64 {
			f, _ := strconv.ParseFloat(row[column[name]], 64)
			return f
		}
		if one := v("HeadSize") * (v("MarginAboveOfTheFaceImage") + v("MarginBelowOfTheFaceImage")); math.Abs(one-1) > 1e-3 { // its points are whole pixels
			t.Errorf("%s: head size times margins is %g, want 1", row[0], one)
		}
	}
	if pairs != 784 {
		t.Errorf("%d pairs, want 784", pairs)
	}
	if _, ok := OFIQ("Beauty", 1); ok {
		t.Error("a component that OFIQ does not have has a quality")
	}
}
