package face

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/professionalaistudio/studio/edge/inference/inferencetest"
	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/models"
)

func finder(t testing.TB) *Finder {
	t.Helper()
	if err := vips.Start(vips.Config{}); err != nil {
		t.Fatal(err)
	}
	f, err := New(inferencetest.Net(t, models.Detector), inferencetest.Net(t, models.Face))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// sample is one of the portraits of nobody; mirrored, if asked.
func sample(t testing.TB, name string, mirrored bool) vips.Raster {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	img, err := vips.Load(data, vips.LoadConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(img.Close)
	if err := img.ToSRGB(); err != nil {
		t.Fatal(err)
	}
	if mirrored {
		if err := img.FlipHorizontal(); err != nil {
			t.Fatal(err)
		}
	}
	r, err := img.Raster()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// On the portraits of the tests there is one face, and what the two nets say of it agrees: the irises lie where the detector sees eyes,
// the features in their order, within the box or near it.
func TestTheNetsAgree(t *testing.T) {
	f := finder(t)
	for _, name := range []string{"portrait-1.jpg", "portrait-2.jpg", "portrait-3.jpg"} {
		t.Run(name, func(t *testing.T) {
			r := sample(t, name, false)
			faces, err := f.Find(t.Context(), r)
			if err != nil || len(faces) != 1 {
				t.Fatalf("%d faces, %v", len(faces), err)
			}
			l, err := f.Look(t.Context(), r, faces[0])
			if err != nil {
				t.Fatal(err)
			}
			at := func(name string) Point {
				p, ok := l.Point(name)
				if !ok {
					t.Fatalf("there is no point %s", name)
				}
				return p
			}
			five, box := faces[0].Points, faces[0].Box
			apart := math.Hypot(five[RightEye].X-five[LeftEye].X, five[RightEye].Y-five[LeftEye].Y)
			for name, p := range map[string]Point{"left.iris": five[LeftEye], "right.iris": five[RightEye], "nose.tip": five[NoseTip],
				"left.mouth.corner": five[LeftMouth], "right.mouth.corner": five[RightMouth]} {
				if q := at(name); math.Hypot(p.X-q.X, p.Y-q.Y) > 0.3*apart {
					t.Errorf("%s is at %v, and the detector has it at %v; the eyes are %.0f apart", name, q, p, apart)
				}
			}
			if !(at("forehead").Y < at("left.iris").Y && at("left.iris").Y < at("nose.tip").Y && at("nose.tip").Y < at("lip.inner.upper").Y && at("lip.inner.upper").Y < at("chin").Y) {
				t.Errorf("forehead, iris, nose, lip and chin are at %v %v %v %v %v", at("forehead"), at("left.iris"), at("nose.tip"), at("lip.inner.upper"), at("chin"))
			}
			for i, p := range l.Points {
				if p.X < box.X0-0.3*box.Width() || p.X > box.X1+0.3*box.Width() || p.Y < box.Y0-0.3*box.Height() || p.Y > box.Y1+0.3*box.Height() {
					t.Errorf("%s is at %v, far from the face %v", Names[i], p, box)
				}
			}
			t.Logf("score %.2f, yaw %.0f, pitch %.0f, roll %.0f, mouth %.2f, smile %.2f, eyes %.2f %.2f, glasses %.2f %.2f, headwear %.2f, occluded %.2f", faces[0].Score,
				l.Yaw, l.Pitch, l.Roll, l.MouthOpen.Score, l.Smile.Score, l.LeftEyeOpen.Score, l.RightEyeOpen.Score, l.Glasses.Score, l.DarkGlasses.Score, l.Headwear.Score, l.Occluded.Score)
		})
	}
}

// In a mirror left is right: points change sides, yaw and roll their sign.
func TestAMirrorTurnsLeftToRight(t *testing.T) {
	f := finder(t)
	look := func(mirrored bool) (*Look, vips.Raster) {
		r := sample(t, "portrait-2.jpg", mirrored)
		faces, err := f.Find(t.Context(), r)
		if err != nil || len(faces) != 1 {
			t.Fatalf("%d faces, %v", len(faces), err)
		}
		l, err := f.Look(t.Context(), r, faces[0])
		if err != nil {
			t.Fatal(err)
		}
		return l, r
	}
	seen, r := look(false)
	mirrored, _ := look(true)
	eyes := seen.Points[Index("right.iris")].X - seen.Points[Index("left.iris")].X
	for name, other := range map[string]string{"left.iris": "right.iris", "right.jaw.3": "left.jaw.3", "left.brow.1": "right.brow.1", "chin": "chin"} {
		p, q := seen.Points[Index(name)], mirrored.Points[Index(other)]
		if math.Hypot(float64(r.Width)-p.X-q.X, p.Y-q.Y) > 0.15*eyes {
			t.Errorf("%s is at %v, and %s in the mirror at %v", name, p, other, q)
		}
	}
	if math.Abs(seen.Yaw+mirrored.Yaw) > 8 || math.Abs(seen.Roll+mirrored.Roll) > 5 || math.Abs(seen.Pitch-mirrored.Pitch) > 8 {
		t.Errorf("yaw %.1f, pitch %.1f, roll %.1f, and in the mirror %.1f, %.1f, %.1f", seen.Yaw, seen.Pitch, seen.Roll, mirrored.Yaw, mirrored.Pitch, mirrored.Roll)
	}
}
