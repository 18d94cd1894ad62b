package measure

import "math"

const (
	rimFrom, rimTo = 2 * oneCell, 5 * oneCell // from the outline, on either side, that are compared
	sectors        = 36                       // of the outline around the face
	enough         = 96                       // cells for the median of a sector, whose ring holds some sixty; eight times as many for a shoulder
)

// contrast compares what lies just inside the outline of the person with what lies just outside, by the medians of sectors of
// ten degrees about the middle of the face. Above the chin it is the head, below it what is worn.
func (s *Scene) contrast(g *small) (head, clothes Number) {
	if s.points == nil {
		return unknown(noFace), unknown(noFace)
	}
	middle := g.from(mid(s.points.eyes(), s.points[Chin]))
	chin := g.from(s.points[Chin])[1]
	var inside, outside [sectors][]lab
	var worn, behind [2][]lab // by side
	for k := range sectors {
		inside[k], outside[k] = make([]lab, 0, enough), make([]lab, 0, enough)
	}
	for side := range 2 {
		worn[side], behind[side] = make([]lab, 0, 8*enough), make([]lab, 0, 8*enough)
	}
	keep := func(list *[]lab, i int) {
		if len(*list) < cap(*list) {
			*list = append(*list, g.lab[i])
		}
	}
	defer func() {
		for _, lists := range [][][]lab{inside[:], outside[:], worn[:], behind[:]} {
			for _, list := range lists {
				clear(list)
			}
		}
	}()
	for y := range g.h {
		for x := range g.w {
			i := y*g.w + x
			in := g.in[i] >= rimFrom && g.in[i] <= rimTo && g.alpha[i] >= 250
			out := g.out[i] >= rimFrom && g.out[i] <= rimTo && g.known[i] && g.alpha[i] <= sureWall
			if !in && !out {
				continue
			}
			dx, dy := float64(x)+0.5-middle[0], float64(y)+0.5-middle[1]
			if float64(y) > chin+0.1*(chin-middle[1]) {
				side := Left
				if dx > 0 {
					side = Right
				}
				if in {
					keep(&worn[side], i)
				} else {
					keep(&behind[side], i)
				}
				continue
			}
			k := int((math.Atan2(dy, dx)/math.Pi + 1) / 2 * sectors)
			k = min(max(k, 0), sectors-1)
			if in {
				keep(&inside[k], i)
			} else {
				keep(&outside[k], i)
			}
		}
	}
	var steps []float64
	for k := range sectors {
		if len(inside[k]) >= 4 && len(outside[k]) >= 4 {
			steps = append(steps, Difference(medianLab(inside[k]).wide(), medianLab(outside[k]).wide()))
		}
	}
	head, clothes = unknown("the outline of the head cannot be seen"), unknown("no shoulder can be seen before the background")
	if len(steps) >= sectors/6 {
		head = number(ranked(steps, 0.25), s.at(s.points.hull())...)
	}
	for side := range 2 {
		if len(worn[side]) < 10 || len(behind[side]) < 10 {
			continue
		}
		if d := Difference(medianLab(worn[side]).wide(), medianLab(behind[side]).wide()); !clothes.Known || d < clothes.Value {
			clothes = number(d)
		}
	}
	return head, clothes
}
