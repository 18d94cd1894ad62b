package wire

import (
	"slices"
	"strings"
	"testing"
)

// imgproxys are all names and aliases of its options, free and Pro, of pictures and of /info, in its manual and in its
// official client library as of November 2026.
const imgproxys = `
resize rs size s resizing_type rt resizing_algorithm ra width w height h min-width mw min-height mh min_width min_height zoom z dpr
enlarge el extend ex extend_aspect_ratio extend_ar exar gravity g objects_position obj_pos op crop c crop_aspect_ratio crop_ar car
crop_objects c_obj co trim t padding pd auto_rotate ar rotate rot flip fl background bg background_alpha bga adjust a brightness br
contrast saturation sa monochrome mc duotone dt blur bl sharpen sh pixelate pix unsharp_masking ush blur_areas ba progressive_blur
pbl blur_detections bd draw_detections dd colorize col gradient gr watermark wm watermark_url wmu watermark_text wmt watermark_size
wms watermark_rotate wm_rot wmr watermark_shadow wmsh style st strip_metadata sm keep_copyright kcr dpi color_profile cp icc
strip_color_profile scp preserve_hdr ph enforce_thumbnail eth quality q format_quality fq autoquality aq max_bytes mb jpeg_options
jpgo png_options pngo webp_options webpo avif_options avifo gif_options gifo format f ext page pg pages pgs disable_animation da
video_thumbnail_second vts video_thumbnail_keyframes vtk video_thumbnail_tile vtt video_thumbnail_animation vta fallback_image_url
fiu skip_processing skp raw cachebuster cb cache_tags ct bypass_cache bc expires exp filename fn return_attachment att preset pr
hashsum hs max_src_resolution msr max_src_file_size msfs max_animation_frames maf max_animation_frame_resolution mafr
max_result_dimension mrd average avg blurhash bh calc_hashsums chs classify cl detect_objects do dimensions d dominant_colors dc
exif iptc xmp palette p perceptual_hash phash pages_number pn thumb_hash th video_meta vm -`

// What we add to the grammar has names that imgproxy gives to nothing, and what we share has its.
func TestOurOptionsAreNotImgproxys(t *testing.T) {
	theirs := strings.Fields(imgproxys)
	ours := []string{"matte", "document", "mode", "head", "sheet"}
	for _, names := range OptionNames() {
		for _, name := range names {
			if taken := slices.Contains(theirs, name); taken == slices.Contains(ours, name) {
				t.Errorf("%s: is imgproxy's %v, is an addition of ours %v", name, taken, !taken)
			}
		}
	}
}

// The refusal says what to do.
func TestContradictionsSayWhatToDo(t *testing.T) {
	for text, want := range map[string]string{
		"document:us-passport/w:50":                 `option "w": "50" makes another picture than the document asks for: leave it out`,
		"document:us-passport/mode:crop/bg:0":       `option "bg": "0" is not a colour: write fff, ffffff or 255:255:255`,
		"document:us-passport/mode:crop/bg:0aF/cb:": `option "bg": "0aF" cannot be had with mode:crop, which replaces nothing`,
		"sheet:a4": `option "sheet": "a4" is of a document photo: name its document as well`,
		"f:json":   `option "f": "json" is of a document photo: name its document as well`,
	} {
		if _, err := ParseOptions(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
