package portrait

import "math"

// The solver finds the crop of geometry §4.2. Its two unknowns are how high the head becomes and how far down the chin
// lies, both in millimetres of the photo; every rule is linear in them:
//
//	a·head + b·chin + k ≥ 0
//
// It makes the smallest slack as large as it can be, so that the crop lies as far from every limit as possible and the
// error of finding a crown and a chin is absorbed. What that leaves open is settled by comfort and composition (settle).

// A half is one side of a rule. A counted one takes part in the slack; one that is not must merely hold.
type half struct {
	a, b, k float64
	counted bool
	head    bool // it limits the head's height
}

func (r half) at(p point) float64 { return r.a*p.head + r.b*p.chin + r.k }

// A point is one crop.
type point struct{ head, chin float64 }

// polygon is a convex region of crops, by its corners.
type polygon []point

// region is where all rules hold with this slack; headSlack is asked of those that limit the head.
func region(rules []half, frame float64, slack, headSlack float64) polygon {
	// Wider than any photo: a head of twice the frame, a chin a frame outside it.
	p := polygon{{0.01 * frame, -frame}, {2 * frame, -frame}, {2 * frame, 2 * frame}, {0.01 * frame, 2 * frame}}
	for _, r := range rules {
		need := 0.0
		if r.counted {
			need = slack
			if r.head {
				need = max(slack, headSlack)
			}
		}
		if p = p.cut(r, need); len(p) == 0 {
			return nil
		}
	}
	return p
}

// cut keeps what has r.at ≥ need (Sutherland and Hodgman).
func (p polygon) cut(r half, need float64) polygon {
	var kept polygon
	for i, from := range p {
		to := p[(i+1)%len(p)]
		f, t := r.at(from)-need, r.at(to)-need
		if f >= 0 {
			kept = append(kept, from)
		}
		if (f >= 0) != (t >= 0) {
			u := f / (f - t)
			kept = append(kept, point{from.head + u*(to.head-from.head), from.chin + u*(to.chin-from.chin)})
		}
	}
	return kept
}

// Tolerances of the solver, in millimetres.
const (
	exact   = 1e-7
	yields  = 0.02 // slack that is given away for composition: less than a pixel
	comfort = 0.5  // beyond the smallest slack, the head's height keeps this much: what we warn below
)

// solve finds the crop with the largest smallest slack. Nothing is found when the rules exclude one another.
func solve(rules []half, frame float64) (crop point, slack float64, ok bool) {
	if region(rules, frame, 0, 0) == nil {
		return point{}, 0, false
	}
	low, high := 0.0, frame
	for high-low > exact {
		if mid := (low + high) / 2; region(rules, frame, mid, 0) != nil {
			low = mid
		} else {
			high = mid
		}
	}
	return settle(rules, frame, low), low, true
}

// settle chooses among the crops of the largest slack. First the head's height moves away from its limits, if it can
// without anything else losing: composition is not worth a head at the edge of its band. Then, a hair's breadth of slack
// given away, the free space above and below the head comes as near to 4 : 7 as it can, which is Japan's own proportion.
func settle(rules []half, frame, slack float64) point {
	low, high := slack, slack+comfort
	if region(rules, frame, slack, high) != nil {
		low = high
	}
	for high-low > exact {
		if mid := (low + high) / 2; region(rules, frame, slack, mid) != nil {
			low = mid
		} else {
			high = mid
		}
	}
	open := region(rules, frame, max(slack-yields, 0), low)
	// Above is chin - head, below is frame - chin: 7·above = 4·below is a line.
	composed := half{a: -7, b: 11, k: -4 * frame}
	var sum point
	n, nearest := 0.0, math.Inf(1)
	consider := func(p point) {
		switch d := math.Abs(composed.at(p)); {
		case d < nearest-exact:
			sum, n, nearest = p, 1, d
		case d <= nearest+exact:
			sum, n = point{sum.head + p.head, sum.chin + p.chin}, n+1
		}
	}
	for i, from := range open {
		to := open[(i+1)%len(open)]
		consider(from)
		if f, t := composed.at(from), composed.at(to); f*t < 0 {
			u := f / (f - t)
			consider(point{from.head + u*(to.head-from.head), from.chin + u*(to.chin-from.chin)})
		}
	}
	return point{sum.head / n, sum.chin / n}
}
