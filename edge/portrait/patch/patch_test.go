package patch

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// flooded is Label by filling one patch after the other.
func flooded(names []uint8, width int) (out []int32, sizes []int) {
	out = make([]int32, len(names))
	for start, in := range names {
		if in != 1 || out[start] != 0 {
			continue
		}
		sizes = append(sizes, 0)
		stack := []int{start}
		out[start] = int32(len(sizes))
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			sizes[len(sizes)-1]++
			x, y := i%width, i/width
			for _, at := range [][2]int{{x - 1, y}, {x + 1, y}, {x, y - 1}, {x, y + 1}} {
				j := at[1]*width + at[0]
				if at[0] < 0 || at[0] >= width || j < 0 || j >= len(names) || names[j] != 1 || out[j] != 0 {
					continue
				}
				out[j] = int32(len(sizes))
				stack = append(stack, j)
			}
		}
	}
	return out, sizes
}

func TestLabelIsWhatFillingFinds(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for n := range 3000 {
		width, height := 1+random.IntN(24), 1+random.IntN(24)
		cells := make([]uint8, width*height)
		part := random.Float64()
		for i := range cells {
			if cells[i] = uint8(2 * random.IntN(2)); random.Float64() < part {
				cells[i] = 1
			}
		}
		want, sizes := flooded(cells, width)
		got := make([]int32, len(cells))
		if found := Label(cells, got, width); !slices.Equal(found, sizes) || !slices.Equal(got, want) {
			t.Fatalf("grid %d of %d × %d, %v: %v of %v, want %v of %v", n, width, height, cells, got, found, want, sizes)
		}
	}
	if sizes := Label(nil, nil, 0); sizes != nil {
		t.Errorf("nothing has %v", sizes)
	}
}

// A spiral and a comb join late what began apart.
func TestLabelJoinsLate(t *testing.T) {
	comb := []uint8{
		1, 0, 1, 0, 1, 0, 1,
		1, 0, 1, 0, 1, 0, 1,
		1, 1, 1, 0, 1, 1, 1,
		0, 0, 1, 1, 1, 0, 0,
		1, 0, 0, 0, 0, 0, 1,
	}
	if sizes := Label(comb, make([]int32, len(comb)), 7); !slices.Equal(sizes, []int{17, 1, 1}) {
		t.Errorf("%v", sizes)
	}
}

func BenchmarkLabel(b *testing.B) {
	const side = 512
	person := make([]uint8, side*side)
	for y := range side {
		for x := range side {
			dx, dy := x-side/2, y-side/3
			if dx*dx+dy*dy < 120*120 || y > side/2 && dx*dx < 200*200 {
				person[y*side+x] = 1
			}
		}
	}
	names := make([]int32, len(person))
	for b.Loop() {
		clear(names)
		Label(person, names, side)
	}
}
