package measure

import "slices"

// middle is the median; 0 of nothing. It reorders its argument.
func middle(v []float64) float64 { return ranked(v, 0.5) }

// ranked is the value that a share q of the others stays below. It reorders its argument, but only as far as it must (Hoare's
// selection).
func ranked(v []float64, q float64) float64 {
	if len(v) == 0 {
		return 0
	}
	k := min(int(q*float64(len(v))), len(v)-1)
	for low, high := 0, len(v)-1; low < high; {
		pivot := v[low+(high-low)/2]
		i, j := low, high
		for i <= j {
			for v[i] < pivot {
				i++
			}
			for v[j] > pivot {
				j--
			}
			if i <= j {
				v[i], v[j] = v[j], v[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case k <= j:
			high = j
		case k >= i:
			low = i
		default:
			return v[k]
		}
	}
	return v[k]
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
	defer clear(axis)
	for k := range m {
		for i := range c {
			axis[i] = float64(c[i][k])
		}
		m[k] = float32(middle(axis))
	}
	return m
}
