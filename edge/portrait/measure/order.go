package measure

import "slices"

// middle is the median; 0 of nothing. It sorts its argument.
func middle(v []float64) float64 { return ranked(v, 0.5) }

// ranked is the value that a share q of the others stays below. It sorts its argument.
func ranked(v []float64, q float64) float64 {
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	return v[min(int(q*float64(len(v))), len(v)-1)]
}

// upper is the larger half. It sorts its argument.
func upper(v []float64) []float64 {
	slices.Sort(v)
	return v[len(v)/2:]
}

// medianLab is the median of each axis.
func medianLab(c []lab) lab {
	var m lab
	axis := make([]float64, len(c))
	for k := range m {
		for i := range c {
			axis[i] = float64(c[i][k])
		}
		m[k] = float32(middle(axis))
	}
	return m
}
