package document

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
)

// A Band is what a rule allows, both ends included. An open end is infinite here and null in JSON.
type Band struct{ Min, Max float64 }

// Target is half the width given to a rule that publishes a single value, in millimetres: nobody cuts paper better.
const Target = 0.5

// Has says whether v lies in the band.
func (b Band) Has(v float64) bool { return b.Min <= v && v <= b.Max }

// Slack is how far v is from the nearest end: negative outside the band.
func (b Band) Slack(v float64) float64 { return min(v-b.Min, b.Max-v) }

// Scale multiplies both ends.
func (b Band) Scale(k float64) Band { return Band{b.Min * k, b.Max * k} }

// Both is where two bands overlap; it is empty (Min above Max) when they do not.
func (b Band) Both(c Band) Band { return Band{max(b.Min, c.Min), min(b.Max, c.Max)} }

// Widened is the band itself, or for a single published value (Min == Max) that value with Target on either side.
func (b Band) Widened() Band {
	if b.Min == b.Max {
		return Band{b.Min - Target, b.Max + Target}
	}
	return b
}

// Ends gives the two ends as JSON has them: nil where the band is open.
func (b Band) Ends() (low, high *float64) {
	if !math.IsInf(b.Min, 0) {
		low = new(b.Min)
	}
	if !math.IsInf(b.Max, 0) {
		high = new(b.Max)
	}
	return low, high
}

func (b Band) MarshalJSON() ([]byte, error) {
	low, high := b.Ends()
	return json.Marshal(struct {
		Min *float64 `json:"min"`
		Max *float64 `json:"max"`
	}{low, high})
}

func strict(data []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}

func (b *Band) UnmarshalJSON(data []byte) error {
	var ends struct{ Min, Max *float64 }
	if err := strict(data, &ends); err != nil {
		return err
	}
	*b = Band{math.Inf(-1), math.Inf(1)}
	if ends.Min != nil {
		b.Min = *ends.Min
	}
	if ends.Max != nil {
		b.Max = *ends.Max
	}
	if b.Min > b.Max {
		return fmt.Errorf("min %g is above max %g", b.Min, b.Max)
	}
	return nil
}
