/* What can be done to a picture between opening and writing it. Each function is one step. */
#include <string.h>

#include <vips/vips.h>

#include "bridge.h"

/* A colour profile larger than this is not read: the largest honest ones, for printing presses, have 2 or 3 MB. */
#define EV_MAX_PROFILE (4 << 20)

int ev_width(VipsImage *in)
{
	return in->Xsize;
}

int ev_height(VipsImage *in)
{
	return in->Ysize;
}

int ev_bands(VipsImage *in)
{
	return in->Bands;
}

int ev_has_alpha(VipsImage *in)
{
	return vips_image_hasalpha(in);
}

int ev_orientation(VipsImage *in)
{
	int orientation = vips_image_get_orientation(in);

	return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

void ev_kill(VipsImage *in)
{
	vips_image_set_kill(in, TRUE);
}

int ev_copy_memory(VipsImage *in, VipsImage **out)
{
	*out = vips_image_copy_memory(in);
	return *out ? 0 : -1;
}

int ev_autorotate(VipsImage *in, VipsImage **out)
{
	return vips_autorot(in, out, NULL);
}

int ev_rotate(VipsImage *in, VipsImage **out, int degrees)
{
	VipsAngle angle = degrees == 90 ? VIPS_ANGLE_D90 : degrees == 180 ? VIPS_ANGLE_D180 : VIPS_ANGLE_D270;

	return vips_rot(in, out, angle, NULL);
}

int ev_flip(VipsImage *in, VipsImage **out, int vertical)
{
	return vips_flip(in, out, vertical ? VIPS_DIRECTION_VERTICAL : VIPS_DIRECTION_HORIZONTAL, NULL);
}

/* Whether a profile calls itself sRGB, so that its pixels can be taken as they are. Most pictures carry such a profile,
 * and a pass through a colour engine would change nothing in them but the time they take. A small profile cannot hide a
 * table, and a linear one says so in its name.
 */
static int ev_names_srgb(const unsigned char *profile, size_t size)
{
	char name[256];
	size_t n = 0;
	size_t tags, offset = 0, length = 0;

	if (size < 132 || size > 16384 || memcmp(profile + 16, "RGB ", 4) != 0)
		return 0;
	tags = (size_t) profile[128] << 24 | profile[129] << 16 | profile[130] << 8 | profile[131];
	for (size_t i = 0; i < tags && 132 + 12 * (i + 1) <= size; i++) {
		const unsigned char *tag = profile + 132 + 12 * i;

		if (memcmp(tag, "desc", 4) == 0) {
			offset = (size_t) tag[4] << 24 | tag[5] << 16 | tag[6] << 8 | tag[7];
			length = (size_t) tag[8] << 24 | tag[9] << 16 | tag[10] << 8 | tag[11];
			break;
		}
	}
	if (offset >= size || length > size - offset)
		return 0;
	/* ASCII or UTF-16: the letters, without the zeros. */
	for (size_t i = 0; i < length && n < sizeof name - 1; i++)
		if (profile[offset + i] >= ' ' && profile[offset + i] < 127)
			name[n++] = (char) profile[offset + i];
	name[n] = 0;
	return strstr(name, "sRGB") != NULL && strstr(name, "inear") == NULL;
}

/* The profile of an image if there is one that has to be applied. */
static int ev_profile(VipsImage *in)
{
	const void *profile;
	size_t size;

	if (!vips_image_get_typeof(in, VIPS_META_ICC_NAME) || vips_image_get_blob(in, VIPS_META_ICC_NAME, &profile, &size))
		return 0;
	return size >= 132 && size <= EV_MAX_PROFILE && !ev_names_srgb(profile, size);
}

/* Colour bands to 8-bit sRGB, or 8-bit grey if that is wanted and enough. No alpha in here. */
static int ev_colour_to_srgb(VipsImage *in, VipsImage **out, int keep_grey)
{
	VipsImage *base = vips_image_new();
	VipsImage **t = (VipsImage **) vips_object_local_array(VIPS_OBJECT(base), 4);
	VipsInterpretation type = in->Type;
	VipsInterpretation target = VIPS_INTERPRETATION_sRGB;
	int result = -1;

	if (ev_profile(in)) {
		if (!vips_icc_transform(in, &t[0], "srgb", "embedded", TRUE, "depth", 8, NULL)) {
			*out = t[0];
			g_object_ref(*out);
			g_object_unref(base);
			return 0;
		}
		/* A broken profile is no reason to refuse a picture: it is taken as if it had none, as browsers do. */
		vips_error_clear();
	}

	/* What has no colour space that libvips can convert is taken by its number of bands. */
	if (type == VIPS_INTERPRETATION_MULTIBAND || !vips_colourspace_issupported(in))
		type = in->Bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
	if (keep_grey && in->Bands < 3)
		target = VIPS_INTERPRETATION_B_W;

	if (type == target && in->BandFmt == VIPS_FORMAT_UCHAR && in->Type == type) {
		*out = in;
		g_object_ref(in);
		result = 0;
	}
	else if (!vips_colourspace(in, &t[1], target, "source_space", type, NULL) && !vips_cast_uchar(t[1], out, NULL))
		result = 0;

	g_object_unref(base);
	return result;
}

static int ev_convert(VipsImage *in, VipsImage **out, int keep_grey)
{
	VipsImage *base;
	VipsImage **t;
	int colours, result = -1;

	/* Nothing to do is the common case. */
	if (in->BandFmt == VIPS_FORMAT_UCHAR && !ev_profile(in)
		&& ((in->Type == VIPS_INTERPRETATION_sRGB && (in->Bands == 3 || in->Bands == 4))
			|| (keep_grey && in->Type == VIPS_INTERPRETATION_B_W && in->Bands <= 2))) {
		*out = in;
		g_object_ref(in);
		return 0;
	}

	/* How many bands are colour: by what they mean, as far as there are that many. A TIFF may say anything. */
	if (in->Type == VIPS_INTERPRETATION_CMYK && in->Bands >= 4)
		colours = 4;
	else if (in->Type == VIPS_INTERPRETATION_B_W || in->Type == VIPS_INTERPRETATION_GREY16 || in->Bands < 3)
		colours = 1;
	else
		colours = 3;

	base = vips_image_new();
	t = (VipsImage **) vips_object_local_array(VIPS_OBJECT(base), 8);

	if (in->Bands == colours)
		result = ev_colour_to_srgb(in, out, keep_grey);
	else if (!vips_image_hasalpha(in)) {
		/* Extra bands that are not alpha: dropped. */
		if (!vips_extract_band(in, &t[0], 0, "n", colours, NULL))
			result = ev_colour_to_srgb(t[0], out, keep_grey);
	}
	else {
		/* Alpha takes a way of its own: libvips' colour engine keeps its numbers, so 16-bit alpha would come out 256
		 * times too large beside 8-bit colour. */
		int wide = in->Type == VIPS_INTERPRETATION_RGB16 || in->Type == VIPS_INTERPRETATION_GREY16
			|| in->BandFmt == VIPS_FORMAT_USHORT;
		int unit = in->Type == VIPS_INTERPRETATION_scRGB
			|| in->BandFmt == VIPS_FORMAT_FLOAT || in->BandFmt == VIPS_FORMAT_DOUBLE;
		double factor = wide ? 255.0 / 65535.0 : unit ? 255.0 : 1.0;

		if (!vips_extract_band(in, &t[0], 0, "n", colours, NULL)
			&& !vips_extract_band(in, &t[1], colours, "n", 1, NULL)
			&& !ev_colour_to_srgb(t[0], &t[2], keep_grey)
			&& !(factor == 1.0 ? vips_copy(t[1], &t[3], NULL) : vips_linear1(t[1], &t[3], factor, wide ? 0.5 : 0, NULL))
			&& !vips_cast_uchar(t[3], &t[4], NULL)
			&& !vips_bandjoin2(t[2], t[4], out, NULL))
			result = 0;
	}

	g_object_unref(base);
	return result;
}

int ev_to_srgb(VipsImage *in, VipsImage **out, int keep_grey)
{
	VipsImage *converted;

	if (ev_convert(in, &converted, keep_grey))
		return -1;
	if (!vips_image_get_typeof(converted, VIPS_META_ICC_NAME)) {
		*out = converted;
		return 0;
	}
	/* The profile has been applied, or was none: it must not be applied again by whoever opens the result. */
	if (vips_copy(converted, out, NULL)) {
		g_object_unref(converted);
		return -1;
	}
	g_object_unref(converted);
	vips_image_remove(*out, VIPS_META_ICC_NAME);
	return 0;
}

/* Runs one step on premultiplied pixels where there is alpha, so that the colour of what cannot be seen does not bleed
 * into what can.
 */
typedef int (*ev_step)(VipsImage *in, VipsImage **out, const void *a);

static int ev_premultiplied(VipsImage *in, VipsImage **out, ev_step step, const void *a)
{
	VipsImage *base;
	VipsImage **t;
	int result;

	if (!vips_image_hasalpha(in))
		return step(in, out, a);

	base = vips_image_new();
	t = (VipsImage **) vips_object_local_array(VIPS_OBJECT(base), 5);
	result = vips_premultiply(in, &t[0], NULL)
		|| vips_cast(t[0], &t[1], in->BandFmt, NULL)
		|| step(t[1], &t[2], a)
		|| vips_unpremultiply(t[2], &t[3], NULL)
		|| vips_cast(t[3], out, in->BandFmt, NULL);
	g_object_unref(base);
	return result ? -1 : 0;
}

typedef struct {
	int width, height;
} ev_size;

static int ev_resize_step(VipsImage *in, VipsImage **out, const void *a)
{
	const ev_size *to = a;
	VipsImage *t = NULL;
	int result;

	if (vips_resize(in, &t, (double) to->width / in->Xsize, "vscale", (double) to->height / in->Ysize, NULL))
		return -1;
	if (t->Xsize == to->width && t->Ysize == to->height) {
		*out = t;
		return 0;
	}
	/* libvips rounds once more than we did: one row or column too many is cut, one too few is repeated. */
	result = vips_embed(t, out, 0, 0, to->width, to->height, "extend", VIPS_EXTEND_COPY, NULL);
	g_object_unref(t);
	return result;
}

/* What ev_scale does not take (more than 8 bits, odd bands, a hundredfold shrinking) goes libvips' way. */
int ev_resize(VipsImage *in, VipsImage **out, int width, int height)
{
	ev_size to = { width, height };
	VipsImage *t = NULL;

	if (ev_can_scale(in, width, height))
		return ev_scale(in, out, width, height);
	if (ev_premultiplied(in, &t, ev_resize_step, &to))
		return -1;
	*out = vips_image_copy_memory(t);
	g_object_unref(t);
	return *out ? 0 : -1;
}

int ev_crop(VipsImage *in, VipsImage **out, int x, int y, int width, int height)
{
	return vips_extract_area(in, out, x, y, width, height, NULL);
}

int ev_smartcrop(VipsImage *in, VipsImage **out, int width, int height)
{
	return vips_smartcrop(in, out, width, height, "interesting", VIPS_INTERESTING_ATTENTION, NULL);
}

/* A colour in as many bands as an image has: r g b, grey, and 255 for alpha. */
static VipsArrayDouble *ev_colour(VipsImage *in, int r, int g, int b, double alpha)
{
	double ink[4];
	int n = 0;

	if (in->Bands < 3)
		ink[n++] = (299 * r + 587 * g + 114 * b + 500) / 1000;
	else {
		ink[n++] = r;
		ink[n++] = g;
		ink[n++] = b;
	}
	if (in->Bands == 2 || in->Bands == 4)
		ink[n++] = alpha;
	return vips_array_double_new(ink, n);
}

int ev_embed(VipsImage *in, VipsImage **out, int x, int y, int width, int height, int clear, int r, int g, int b)
{
	VipsImage *with_alpha = NULL;
	VipsArrayDouble *ink;
	int result;

	if (clear) {
		if (vips_image_hasalpha(in)) {
			with_alpha = in;
			g_object_ref(in);
		}
		else if (vips_addalpha(in, &with_alpha, NULL))
			return -1;
		result = vips_embed(with_alpha, out, x, y, width, height, "extend", VIPS_EXTEND_BLACK, NULL);
		g_object_unref(with_alpha);
		return result;
	}
	ink = ev_colour(in, r, g, b, 255);
	result = vips_embed(in, out, x, y, width, height, "extend", VIPS_EXTEND_BACKGROUND, "background", ink, NULL);
	vips_area_unref(VIPS_AREA(ink));
	return result;
}

int ev_insert(VipsImage *in, VipsImage *sub, VipsImage **out, int x, int y)
{
	return vips_insert(in, sub, out, x, y, NULL);
}

int ev_flatten(VipsImage *in, VipsImage **out, int r, int g, int b)
{
	double ink[3] = { r, g, b };
	VipsArrayDouble *background;
	int result;

	if (!vips_image_hasalpha(in)) {
		*out = in;
		g_object_ref(in);
		return 0;
	}
	if (in->Bands < 3)
		ink[0] = (299 * r + 587 * g + 114 * b + 500) / 1000;
	background = vips_array_double_new(ink, in->Bands - 1);
	result = vips_flatten(in, out, "background", background, NULL);
	vips_area_unref(VIPS_AREA(background));
	return result;
}

/* A Gaussian leaves nothing that a picture of a size less could not show. So a wide one is done on a small picture, and
 * takes no longer than a narrow one.
 */
#define EV_BLUR_WHOLE 16.0
#define EV_BLUR_SMALL 6.0

static int ev_blur_step(VipsImage *in, VipsImage **out, const void *a)
{
	double sigma = *(const double *) a, by = sigma / EV_BLUR_SMALL;
	ev_size small = { VIPS_MAX(1, (int) (in->Xsize / by + 0.5)), VIPS_MAX(1, (int) (in->Ysize / by + 0.5)) };
	ev_size whole = { in->Xsize, in->Ysize };
	VipsImage *base;
	VipsImage **t;
	int result;

	if (sigma <= EV_BLUR_WHOLE)
		return vips_gaussblur(in, out, sigma, NULL);
	base = vips_image_new();
	t = (VipsImage **) vips_object_local_array(VIPS_OBJECT(base), 2);
	result = ev_resize_step(in, &t[0], &small) || vips_gaussblur(t[0], &t[1], EV_BLUR_SMALL, NULL)
		|| ev_resize_step(t[1], out, &whole);
	g_object_unref(base);
	return result ? -1 : 0;
}

int ev_blur(VipsImage *in, VipsImage **out, double sigma)
{
	return ev_premultiplied(in, out, ev_blur_step, &sigma);
}

static int ev_sharpen_step(VipsImage *in, VipsImage **out, const void *a)
{
	return vips_sharpen(in, out, "sigma", *(const double *) a, NULL);
}

int ev_sharpen(VipsImage *in, VipsImage **out, double sigma)
{
	return ev_premultiplied(in, out, ev_sharpen_step, &sigma);
}

static int ev_set_dpi(VipsImage *in, VipsImage **out, double dpi)
{
	if (vips_copy(in, out, "xres", dpi / 25.4, "yres", dpi / 25.4, NULL))
		return -1;
	vips_image_set_string(*out, VIPS_META_RESOLUTION_UNIT, "in");
	return 0;
}

/* What may not be written again even where metadata is kept: the camera's small picture, which shows all of the scene, also
 * what was cut away, and what was said of an animation of which one frame is left.
 */
int ev_keep(VipsImage *in, VipsImage **out, double dpi)
{
	static const char *const gone[] = { "jpeg-thumbnail-data", VIPS_META_PAGE_HEIGHT, VIPS_META_N_PAGES, "delay", "gif-delay",
		"loop", "gif-loop", "gif-palette", VIPS_META_SEQUENTIAL };

	if (ev_set_dpi(in, out, dpi))
		return -1;
	for (size_t i = 0; i < G_N_ELEMENTS(gone); i++)
		vips_image_remove(*out, gone[i]);
	return 0;
}

static void *ev_collect(VipsImage *image, const char *name, GValue *value, void *a)
{
	(void) image;
	(void) value;
	g_ptr_array_add(a, g_strdup(name));
	return NULL;
}

/* Everything a file said beside its pixels goes: EXIF, XMP, IPTC, comments, profiles, previews, whatever comes next. */
int ev_strip(VipsImage *in, VipsImage **out, double dpi)
{
	GPtrArray *names;

	if (ev_set_dpi(in, out, dpi))
		return -1;
	names = g_ptr_array_new_with_free_func(g_free);
	vips_image_map(*out, ev_collect, names);
	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);

		/* These are of the image and not of the file. */
		if (strcmp(name, VIPS_META_SEQUENTIAL) != 0 && strcmp(name, VIPS_META_RESOLUTION_UNIT) != 0)
			vips_image_remove(*out, name);
	}
	g_ptr_array_free(names, TRUE);
	return 0;
}
