package compliance

import (
	"fmt"
	"math"
	"strings"

	"github.com/professionalaistudio/studio/edge/portrait/document"
)

// byRow puts the row's word on some of its fields behind a finding whose limits are in another unit than the row's, or in none.
func byRow(f *Finding, s document.Spec, fields ...string) {
	said := s.Said(fields...)
	f.quotes(said)
}

func fileFormat(f *Finding, m Measurements, s document.Spec) {
	file := m.File
	if len(s.FileFormats) > 0 {
		byRow(f, s, "file_formats")
	}
	switch {
	case !s.MayBe(file.Format):
		f.Verdict, f.Advice = Fail, fmt.Sprintf("The file is %s, and must be %s.", file.Format, strings.Join(s.Formats(), " or "))
	case file.Bits != 8 || file.Samples != 3:
		f.Verdict, f.Advice = Fail, fmt.Sprintf("The file has %d bits a pixel, and must have 24: three samples of 8.", file.Bits*file.Samples)
	case file.Progressive:
		f.Verdict, f.Advice = Fail, "The file is progressive or interlaced, and must be plain (baseline), which every reader opens."
	case file.Profile == "other":
		f.Verdict, f.Advice = Fail, "The file's colours are not sRGB, which forms and printers take for granted."
	default:
		f.Verdict, f.Advice = Pass, fmt.Sprintf("The file is a plain 24-bit sRGB %s.", file.Format)
	}
}

func fileSize(f *Finding, m Measurements, s document.Spec) {
	n := m.File.Bytes
	f.Unit, f.Value = "bytes", new(float64(n))
	if s.FileSizeKB == nil {
		f.Verdict, f.Advice = Pass, fmt.Sprintf("The file has %d bytes; this document publishes no limit.", n)
		return
	}
	byRow(f, s, "file_size_kb")
	least, most := s.Bytes()
	if least > 0 {
		f.Min = new(float64(least))
	}
	if most < math.MaxInt {
		f.Max = new(float64(most))
	}
	kb := s.FileSizeKB
	switch {
	case least <= n && n <= most:
		f.Verdict, f.Advice = Pass, fmt.Sprintf("The file has %d bytes, inside the limits.", n)
	case float64(n) >= kb.Min*1000 && float64(n) <= kb.Max*1024:
		f.Verdict, f.Advice = Warn, fmt.Sprintf("The file has %d bytes, inside the limits only for those who count a KB as the file needs it: 1000 or 1024 bytes.", n)
	case n < least:
		f.Verdict, f.Advice = Fail, fmt.Sprintf("The file has %d bytes, %d too few.", n, least-n)
	default:
		f.Verdict, f.Advice = Fail, fmt.Sprintf("The file has %d bytes, %d too many.", n, n-most)
	}
}

// filePixels gives the width as its value; the sentence names both.
func filePixels(f *Finding, m Measurements, s document.Spec) {
	w, h := m.File.Width, m.File.Height
	f.Unit, f.Value = "px", new(float64(w))
	byRow(f, s, "width_px", "height_px", "px_range")
	switch r := s.PXRange; {
	case s.WidthPX != nil:
		f.limits(document.Band{Min: float64(*s.WidthPX), Max: float64(*s.WidthPX)})
	case r != nil:
		if r.MinWidth != nil {
			f.Min = new(float64(*r.MinWidth))
		}
		if r.MaxWidth != nil {
			f.Max = new(float64(*r.MaxWidth))
		}
	default:
		want, _ := s.FilePixels()
		f.limits(document.Band{Min: float64(want), Max: float64(want)})
	}
	if err := s.CheckPixels(w, h); err != nil {
		f.Verdict, f.Advice = Fail, fmt.Sprintf("The file has %d × %d pixels: %v.", w, h, err)
		return
	}
	f.Verdict, f.Advice = Pass, fmt.Sprintf("The file has %d × %d pixels, as asked.", w, h)
}

func fileDPI(f *Finding, m Measurements, s document.Spec) {
	want := float64(s.DPI)
	byRow(f, s, "dpi")
	f.Unit = "dpi"
	f.limits(document.Band{Min: want, Max: want})
	got := m.File.DPI
	if got == 0 {
		f.Verdict, f.Advice = Fail, fmt.Sprintf("The file does not say at what density it is to be printed: it should say %g dpi.", want)
		return
	}
	f.Value = new(got)
	if math.Abs(got-want) >= 0.5 { // a PNG counts pixels per metre, so its dpi are never whole
		f.Verdict, f.Advice = Fail, fmt.Sprintf("The file says %.0f dpi and should say %.0f, so it would be printed %.0f %% too large.", got, want, (want/got-1)*100)
		if got > want {
			f.Advice = fmt.Sprintf("The file says %.0f dpi and should say %.0f, so it would be printed %.0f %% too small.", got, want, (1-want/got)*100)
		}
		return
	}
	f.Verdict, f.Advice = Pass, fmt.Sprintf("The file says %.0f dpi, which prints it at its true size.", got)
}

func fileRatio(f *Finding, m Measurements, s document.Spec) {
	file := m.File
	if file.Format != "jpg" {
		f.Verdict, f.Advice = Pass, "The file is not a JPEG, so nothing of the picture was thrown away to save bytes."
		return
	}
	ratio := 3 * float64(file.Width) * float64(file.Height) / float64(max(file.Bytes, 1))
	f.Value, f.Unit = new(ratio), "times"
	most := s.MaxCompression()
	if most == 0 {
		f.Verdict, f.Advice = Pass, fmt.Sprintf("The file is compressed %.1f times; this document publishes no limit.", ratio)
		return
	}
	byRow(f, s)
	f.Max = new(most)
	if ratio > most {
		f.Verdict, f.Advice = Fail, fmt.Sprintf("The file is compressed %.1f times and may be compressed %g times at most: it needs %.0f bytes.", ratio, most,
			math.Ceil(3*float64(file.Width)*float64(file.Height)/most))
		return
	}
	f.Verdict, f.Advice = Pass, fmt.Sprintf("The file is compressed %.1f times, at most %g are allowed.", ratio, most)
}

func fileExif(f *Finding, m Measurements, _ document.Spec) {
	private := m.File.Private
	f.Value, f.Max = new(float64(len(private))), new(0.0)
	if len(private) > 0 {
		f.Verdict, f.Advice = Fail, fmt.Sprintf("The file carries %s, which nobody who sees the photo needs.", strings.Join(private, ", "))
		return
	}
	f.Verdict, f.Advice = Pass, "The file carries no position, no camera data and no hidden thumbnail."
}
