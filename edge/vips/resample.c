/* One resampling by an affine map: Lanczos-3, as wide as the shrinking asks, in linear light.
 *
 * Three ways lead to the same picture. Without turning, rows are blended and then columns. For turns up to about twenty
 * degrees, rows are filtered and then columns of the sheared picture (Catmull and Smith's decomposition). Both count in
 * 16-bit integers. The direct way weighs every source pixel under the kernel of every output pixel; it takes any map, and
 * is what the tests hold the other two against.
 *
 * Coordinates are corners: pixel i covers [i, i+1).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vips/vips.h>

#include "bridge.h"
#include "memory.h"
#include "filter.h"

/* The part of the source that is at hand, and where it lies in the whole. */
typedef struct {
	const uint8_t *pixels; /* RGB, of the region */
	size_t stride;
	int left, top, width, height; /* the region */
	int full_width, full_height;
} ev_source;

typedef struct {
	double a, b, c, d, e, f; /* source to output */
	double ia, ib, ic, id, ie, jf; /* and back */
} ev_affine;

static ev_affine ev_invert(const double m[6])
{
	double det = m[0] * m[4] - m[1] * m[3];
	ev_affine t = { m[0], m[1], m[2], m[3], m[4], m[5], 0, 0, 0, 0, 0, 0 };

	t.ia = m[4] / det;
	t.ib = -m[1] / det;
	t.ic = (m[1] * m[5] - m[4] * m[2]) / det;
	t.id = -m[3] / det;
	t.ie = m[0] / det;
	t.jf = (m[3] * m[2] - m[0] * m[5]) / det;
	return t;
}

/* How much of the output pixel (x, y) the source covers, edges taken as straight lines at their distance: 0 to 1. */
static double ev_coverage(const ev_affine *t, const ev_source *s, int x, int y)
{
	double px = x + 0.5, py = y + 0.5;
	double u = t->ia * px + t->ib * py + t->ic;
	double v = t->id * px + t->ie * py + t->jf;
	double gu = sqrt(t->ia * t->ia + t->ib * t->ib);
	double gv = sqrt(t->id * t->id + t->ie * t->ie);
	double distance[4] = { u / gu, (s->full_width - u) / gu, v / gv, (s->full_height - v) / gv };
	double share = 1;

	for (int i = 0; i < 4; i++) {
		double part = distance[i] + 0.5;

		share *= part < 0 ? 0 : part > 1 ? 1 : part;
	}
	return share;
}

/* The pixels of a row of the output that need no coverage, because they lie inside the source: from first to last - 1. */
typedef struct {
	int first, last;
} ev_span;

static ev_span ev_inside(const ev_affine *t, const ev_source *s, int y, int width)
{
	double u = t->ib * (y + 0.5) + t->ic, v = t->ie * (y + 0.5) + t->jf;
	double gu = sqrt(t->ia * t->ia + t->ib * t->ib), gv = sqrt(t->id * t->id + t->ie * t->ie);
	/* Distances to the four edges, as slope times x plus start. */
	double slope[4] = { t->ia / gu, -t->ia / gu, t->id / gv, -t->id / gv };
	double start[4] = { u / gu, (s->full_width - u) / gu, v / gv, (s->full_height - v) / gv };
	double low = 0, high = width;
	ev_span span;

	for (int i = 0; i < 4; i++) {
		double at = (0.5 - start[i]) / slope[i];

		/* A pixel to spare, for the rounding of these sums. */
		if (slope[i] > 1e-12)
			low = fmax(low, at + 1);
		else if (slope[i] < -1e-12)
			high = fmin(high, at - 1);
		else if (start[i] < 0.5 + 1e-6)
			high = 0;
	}
	span.first = (int) ceil(low);
	span.last = (int) fmax(floor(high), span.first);
	return span;
}

static inline int ev_clamp_light(int v)
{
	return v < 0 ? 0 : v > EV_WHITE ? EV_WHITE : v;
}

/* A pixel that the edge of the source crosses, or that lies beyond it. */
static void ev_put(uint8_t *pixel, int red, int green, int blue, double share, const int16_t background[3])
{
	const uint8_t *to_srgb = ev_light_to_srgb();
	int light[3] = { red, green, blue };

	for (int c = 0; c < 3; c++)
		pixel[c] = to_srgb[(int) (ev_clamp_light(light[c]) * share + background[c] * (1 - share) + 0.5)];
}

/* n pixels of row y from column x on. */
static void ev_put_row(const ev_source *s, const ev_affine *t, ev_span inside, uint8_t *out, int x, int y, int n,
	const int16_t *red, const int16_t *green, const int16_t *blue, const int16_t background[3])
{
	const uint8_t *to_srgb = ev_light_to_srgb();

	for (int i = 0; i < n; i++, out += 3) {
		if (x + i >= inside.first && x + i < inside.last) {
			out[0] = to_srgb[ev_clamp_light(red[i])];
			out[1] = to_srgb[ev_clamp_light(green[i])];
			out[2] = to_srgb[ev_clamp_light(blue[i])];
		}
		else
			ev_put(out, red[i], green[i], blue[i], ev_coverage(t, s, x + i, y), background);
	}
}

static int ev_clamp(int v, int low, int high)
{
	return v < low ? low : v > high ? high : v;
}

/* Every source pixel under the kernel of every output pixel. */
static void ev_direct(const ev_source *s, const ev_affine *t, uint8_t *target, int width, int height,
	const int16_t background[3])
{
	const int16_t *to_light = ev_srgb_to_light();
	/* The kernel is measured along the axes of the output: in output pixels where the picture shrinks, so that it
	 * removes what they cannot show, in source pixels where it grows. */
	double kx = fmax(1, sqrt(t->a * t->a + t->b * t->b));
	double ky = fmax(1, sqrt(t->d * t->d + t->e * t->e));
	double reach_x = fabs(t->ia) * 3 * kx + fabs(t->ib) * 3 * ky;
	double reach_y = fabs(t->id) * 3 * kx + fabs(t->ie) * 3 * ky;

	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			double px = x + 0.5, py = y + 0.5;
			double u = t->ia * px + t->ib * py + t->ic;
			double v = t->id * px + t->ie * py + t->jf;
			double share = ev_coverage(t, s, x, y);
			double sum[3] = { 0, 0, 0 }, weights = 0;
			int16_t light[3] = { 0, 0, 0 };

			if (share > 0) {
				for (int j = (int) floor(v - reach_y); j <= (int) ceil(v + reach_y); j++) {
					const uint8_t *row = s->pixels
						+ (size_t) (ev_clamp(j, s->top, s->top + s->height - 1) - s->top) * s->stride;

					for (int i = (int) floor(u - reach_x); i <= (int) ceil(u + reach_x); i++) {
						double dx = t->a * (i + 0.5) + t->b * (j + 0.5) + t->c - px;
						double dy = t->d * (i + 0.5) + t->e * (j + 0.5) + t->f - py;
						double w = ev_lanczos3(dx / kx) * ev_lanczos3(dy / ky);
						const uint8_t *p;

						if (w == 0)
							continue;
						p = row + 3 * (ev_clamp(i, s->left, s->left + s->width - 1) - s->left);
						weights += w;
						for (int c = 0; c < 3; c++)
							sum[c] += w * to_light[p[c]];
					}
				}
				for (int c = 0; c < 3; c++)
					light[c] = (int16_t) fmax(-32768, fmin(32767, floor(sum[c] / weights + 0.5)));
			}
			ev_put(target + 3 * ((size_t) y * width + x), light[0], light[1], light[2], share, background);
		}
}

/* A row of pixels as light, a colour at a time. */
static void ev_to_planes(const uint8_t *row, int n, int16_t *red, int16_t *green, int16_t *blue)
{
	const int16_t *to_light = ev_srgb_to_light();

	for (int x = 0; x < n; x++) {
		red[x] = to_light[row[3 * x]];
		green[x] = to_light[row[3 * x + 1]];
		blue[x] = to_light[row[3 * x + 2]];
	}
}

/* The fast way works on strips of this many output columns, so that what it keeps in between fits a processor's cache. */
enum { STRIP = 192, LINES = EV_LINES };

/* The range of source pixels, clamped to [low, high), under a kernel of n taps around the positions from p to q. */
static void ev_range(double p, double q, int n, int low, int high, int *from, int *to)
{
	double first = floor(fmin(p, q)) - n - 1, last = ceil(fmax(p, q)) + n + 2;

	*from = ev_clamp((int) fmax(fmin(first, 1e9), -1e9), low, high - 1);
	*to = ev_clamp((int) fmax(fmin(last, 1e9), -1e9), *from + 1, high);
}

static int ev_fast(const ev_source *s, const ev_affine *t, uint8_t *target, int width, int height,
	const int16_t background[3])
{
	/* Rows: x = (x' - b·y - c) / a. Columns of what comes out: y = (y' - f - (d/a)(x' - c)) / e2. */
	double e2 = t->e - t->d * t->b / t->a;
	ev_kernel *across = ev_kernel_new(t->a);
	ev_kernel *down = ev_kernel_new(e2);
	int right = s->left + s->width, bottom = s->top + s->height;
	int16_t *lines = NULL, *between = NULL, *finished = NULL;
	ev_span *inside = NULL;
	int result = -1;

	if (!across || !down)
		goto done;
	ev_all_weights(across);
	ev_all_weights(down);

	/* Source lines as light, a colour at a time, with the edge repeated on both sides. */
	size_t line = (size_t) s->width + 2 * across->taps;
	lines = ev_alloc(3 * LINES * line);
	/* Per colour and output column, the source rows that its pixels need. */
	size_t column = (size_t) s->height + 2 * down->taps;
	between = ev_alloc(3 * (size_t) STRIP * column);
	finished = ev_alloc(3 * (size_t) LINES * height);
	inside = g_try_new(ev_span, height);
	if (!lines || !between || !finished || !inside)
		goto done;
	for (int y = 0; y < height; y++)
		inside[y] = ev_inside(t, s, y, width);

	for (int x0 = 0; x0 < width; x0 += STRIP) {
		int strip = width - x0 < STRIP ? width - x0 : STRIP;
		int from_y, to_y;
		double p[4];

		for (int i = 0; i < 4; i++) {
			double px = i & 1 ? x0 + strip - 0.5 : x0 + 0.5, py = i & 2 ? height - 0.5 : 0.5;

			p[i] = (py - t->f - t->d / t->a * (px - t->c)) / e2 - 0.5;
		}
		ev_range(fmin(p[0], p[1]), fmax(p[2], p[3]), down->taps, s->top, bottom, &from_y, &to_y);

		for (int y = from_y; y < to_y; y += LINES) {
			int rows = to_y - y < LINES ? to_y - y : LINES;
			int from_x, to_x;
			double first = (x0 + 0.5 - t->b * (y + 0.5) - t->c) / t->a - 0.5;
			double last = (x0 + strip - 0.5 - t->b * (y + rows - 0.5) - t->c) / t->a - 0.5;
			double lean = fabs(t->b / t->a) * LINES;
			const int16_t *starts[LINES];
			double offsets[LINES];

			ev_range(first - lean, last + lean, across->taps, s->left, right, &from_x, &to_x);
			for (int r = 0; r < LINES; r++) {
				/* A block that is not full repeats its last line; what comes out of that is not used. */
				int row = y + (r < rows ? r : rows - 1);

				offsets[r] = (x0 + 0.5 - t->b * (row + 0.5) - t->c) / t->a - 0.5 - from_x;
			}
			for (int r = 0; r < rows; r++) {
				const uint8_t *in = s->pixels + (size_t) (y + r - s->top) * s->stride + 3 * (size_t) (from_x - s->left);
				int16_t *l[3];

				for (int c = 0; c < 3; c++)
					l[c] = lines + (size_t) (c * LINES + r) * line;
				ev_to_planes(in, to_x - from_x, l[0] + across->taps, l[1] + across->taps, l[2] + across->taps);
				for (int c = 0; c < 3; c++)
					ev_repeat_ends(l[c], across->taps, to_x - from_x);
			}
			for (int c = 0; c < 3; c++) {
				for (int r = 0; r < LINES; r++)
					starts[r] = lines + (size_t) (c * LINES + (r < rows ? r : rows - 1)) * line + across->taps;
				ev_filter(across, starts, offsets, to_x - from_x, strip,
					between + (size_t) c * STRIP * column + down->taps + (y - from_y), (ptrdiff_t) column, rows);
			}
		}
		for (int c = 0; c < 3; c++)
			for (int x = 0; x < strip; x++)
				ev_repeat_ends(between + ((size_t) c * STRIP + x) * column, down->taps, to_y - from_y);

		for (int x = 0; x < strip; x += LINES) {
			int columns = strip - x < LINES ? strip - x : LINES;
			const int16_t *starts[LINES];
			double offsets[LINES];

			for (int c = 0; c < 3; c++) {
				for (int r = 0; r < LINES; r++) {
					int at = x + (r < columns ? r : columns - 1);

					starts[r] = between + ((size_t) c * STRIP + at) * column + down->taps;
					offsets[r] = (0.5 - t->f - t->d / t->a * (x0 + at + 0.5 - t->c)) / e2 - 0.5 - from_y;
				}
				ev_filter(down, starts, offsets, to_y - from_y, height,
					finished + (size_t) c * LINES * height, LINES, LINES);
			}
			for (int y = 0; y < height; y++) {
				const int16_t *red = finished + (size_t) y * LINES;
				const int16_t *green = red + (size_t) LINES * height;

				ev_put_row(s, t, inside[y], target + 3 * ((size_t) y * width + x0 + x), x0 + x, y, columns, red, green,
					green + (size_t) LINES * height, background);
			}
		}
	}
	result = 0;
done:
	if (result)
		vips_error("edge", "out of memory");
	ev_release(lines);
	ev_release(between);
	ev_release(finished);
	g_free(inside);
	ev_kernel_free(across);
	ev_kernel_free(down);
	return result;
}

/* Without turning the columns of the picture stay columns, and whole rows can be blended. */
typedef struct {
	const ev_source *source;
	const ev_affine *affine;
	uint8_t *target;
	int width;
	const int16_t *background;
} ev_upright;

static int ev_upright_read(void *a, int y, int16_t *const *planes)
{
	const ev_upright *u = a;

	ev_to_planes(u->source->pixels + (size_t) y * u->source->stride, u->source->width, planes[0], planes[1], planes[2]);
	return 0;
}

static void ev_upright_write(void *a, int y, const int16_t *const *planes)
{
	const ev_upright *u = a;

	ev_put_row(u->source, u->affine, ev_inside(u->affine, u->source, y, u->width), u->target + 3 * (size_t) y * u->width,
		0, y, u->width, planes[0], planes[1], planes[2], u->background);
}

static int ev_run_upright(const ev_source *s, const ev_affine *t, uint8_t *target, int width, int height,
	const int16_t background[3])
{
	ev_upright u = { s, t, target, width, background };
	ev_separable job = {
		.planes = 3, .width = s->width, .height = s->height, .out_width = width, .out_height = height,
		.scale_x = t->a, .scale_y = t->e,
		.offset_x = (0.5 - t->c) / t->a - 0.5 - s->left, .offset_y = (0.5 - t->f) / t->e - 0.5 - s->top,
		.read = ev_upright_read, .write = ev_upright_write, .a = &u,
	};

	if (ev_separable_run(&job)) {
		vips_error("edge", "out of memory");
		return -1;
	}
	return 0;
}

/* Which maps the fast way takes: no mirroring, little turning, and shrinking that its whole weights can express. */
static int ev_is_gentle(const double m[6])
{
	double e2 = m[4] - m[3] * m[1] / m[0];

	return m[0] > 1.0 / 64 && m[4] > 1.0 / 64 && e2 > 1.0 / 64 && fabs(m[3]) <= 0.37 * m[0] && fabs(m[1]) <= 0.37 * m[4];
}

static int ev_run(const ev_source *s, uint8_t *target, int width, int height, const double m[6],
	const uint8_t background[3], int direct)
{
	ev_affine t = ev_invert(m);
	int16_t light[3];

	for (int c = 0; c < 3; c++)
		light[c] = ev_srgb_to_light()[background[c]];
	if (!direct && ev_is_gentle(m) && m[1] == 0 && m[3] == 0)
		return ev_run_upright(s, &t, target, width, height, light);
	if (!direct && ev_is_gentle(m))
		return ev_fast(s, &t, target, width, height, light);
	ev_direct(s, &t, target, width, height, light);
	return 0;
}

int ev_resample_pixels(const uint8_t *source, int source_width, int source_height, uint8_t *target, int width, int height,
	const double m[6], const uint8_t background[3], int direct)
{
	ev_source s = { source, 3 * (size_t) source_width, 0, 0, source_width, source_height, source_width, source_height };

	return ev_run(&s, target, width, height, m, background, direct);
}

int ev_resample(VipsImage *in, VipsImage **out, const double m[6], int width, int height, int r, int g, int b)
{
	uint8_t background[3] = { (uint8_t) r, (uint8_t) g, (uint8_t) b };
	ev_affine t = ev_invert(m);
	double kx = fmax(1, sqrt(m[0] * m[0] + m[1] * m[1])), ky = fmax(1, sqrt(m[3] * m[3] + m[4] * m[4]));
	/* Twice the reach of the kernel, for the fast way's slanted one and the rounding of its blocks. */
	double reach_x = 2 * (fabs(t.ia) * 3 * kx + fabs(t.ib) * 3 * ky) + 4;
	double reach_y = 2 * (fabs(t.id) * 3 * kx + fabs(t.ie) * 3 * ky) + 4;
	double low_x = INFINITY, high_x = -INFINITY, low_y = INFINITY, high_y = -INFINITY;
	VipsImage *region = NULL, *memory = NULL, *image = NULL;
	ev_source s = { .full_width = in->Xsize, .full_height = in->Ysize };
	int x1, y1, result = -1;

	if (in->Bands != 3 || in->BandFmt != VIPS_FORMAT_UCHAR || in->Coding != VIPS_CODING_NONE) {
		vips_error("edge", "resample wants three bands of 8 bits");
		return -1;
	}

	/* Only what the output can see is decoded. */
	for (int i = 0; i < 4; i++) {
		double px = i & 1 ? width : 0, py = i & 2 ? height : 0;
		double u = t.ia * px + t.ib * py + t.ic, v = t.id * px + t.ie * py + t.jf;

		low_x = fmin(low_x, u);
		high_x = fmax(high_x, u);
		low_y = fmin(low_y, v);
		high_y = fmax(high_y, v);
	}
	s.left = ev_clamp((int) fmax(-1e9, fmin(1e9, floor(low_x - reach_x))), 0, in->Xsize - 1);
	s.top = ev_clamp((int) fmax(-1e9, fmin(1e9, floor(low_y - reach_y))), 0, in->Ysize - 1);
	x1 = ev_clamp((int) fmax(-1e9, fmin(1e9, ceil(high_x + reach_x))), s.left + 1, in->Xsize);
	y1 = ev_clamp((int) fmax(-1e9, fmin(1e9, ceil(high_y + reach_y))), s.top + 1, in->Ysize);
	s.width = x1 - s.left;
	s.height = y1 - s.top;

	if (in->data && (in->dtype == VIPS_IMAGE_SETBUF || in->dtype == VIPS_IMAGE_SETBUF_FOREIGN)) {
		/* Already in memory: nothing is copied. */
		memory = in;
		g_object_ref(in);
		s.stride = VIPS_IMAGE_SIZEOF_LINE(in);
		s.pixels = (const uint8_t *) VIPS_IMAGE_ADDR(in, s.left, s.top);
	}
	else {
		if (vips_extract_area(in, &region, s.left, s.top, s.width, s.height, NULL)
			|| !(memory = vips_image_copy_memory(region)))
			goto done;
		s.stride = VIPS_IMAGE_SIZEOF_LINE(memory);
		s.pixels = (const uint8_t *) VIPS_IMAGE_ADDR(memory, 0, 0);
	}

	image = ev_image_new(NULL, width, height, 3, VIPS_INTERPRETATION_sRGB);
	if (!image
		|| ev_run(&s, VIPS_IMAGE_ADDR(image, 0, 0), width, height, m, background, 0))
		goto done;
	*out = image;
	image = NULL;
	result = 0;
done:
	VIPS_UNREF(region);
	VIPS_UNREF(memory);
	VIPS_UNREF(image);
	return result;
}
