/* Pixels in plain memory: an image's own, and what nets see of them. */
#include <math.h>
#include <string.h>

#include <vips/vips.h>

#include "bridge.h"
#include "memory.h"

/* Where the samples of an image lie, or NULL while they are not in memory in one piece. */
void *ev_data(VipsImage *in)
{
	if (in->BandFmt != VIPS_FORMAT_UCHAR || in->Coding != VIPS_CODING_NONE || !in->data
		|| (in->dtype != VIPS_IMAGE_SETBUF && in->dtype != VIPS_IMAGE_SETBUF_FOREIGN))
		return NULL;
	return in->data;
}

/* One band of zeros in memory. */
int ev_grey(int width, int height, VipsImage **out)
{
	VipsImage *image = ev_image_new(NULL, width, height, 1, VIPS_INTERPRETATION_B_W);

	if (!image)
		return -1;
	*out = image;
	return 0;
}

int ev_add_alpha(VipsImage *in, VipsImage *alpha, VipsImage **out)
{
	return vips_bandjoin2(in, alpha, out, NULL);
}

/* How one axis is scaled: output i is the sum of count[i] samples from first[i] on, under weights + i * most. */
typedef struct {
	int most;
	int *first, *count;
	float *weights;
} ev_axis;

static void ev_axis_free(ev_axis *axis)
{
	g_free(axis->first);
	g_free(axis->count);
	g_free(axis->weights);
}

/* Shrinking averages the source under each output; enlarging blends the two samples beside its centre. */
static int ev_axis_make(ev_axis *axis, int from, int to)
{
	double step = (double) from / to;

	axis->most = step > 1 ? (int) ceil(step) + 1 : 2;
	axis->first = g_try_new0(int, to);
	axis->count = g_try_new0(int, to);
	axis->weights = g_try_new0(float, (size_t) to * axis->most);
	if (!axis->first || !axis->count || !axis->weights)
		return -1;
	for (int i = 0; i < to; i++) {
		float *w = axis->weights + (size_t) i * axis->most;

		if (step > 1) {
			double low = i * step, high = low + step;
			int first = (int) low;
			int end = VIPS_MIN(from, VIPS_MIN(first + axis->most, (int) ceil(high - 1e-9)));

			axis->first[i] = first;
			axis->count[i] = end - first;
			for (int k = first; k < end; k++)
				w[k - first] = (float) ((fmin(k + 1, high) - fmax(k, low)) / step);
		}
		else {
			double at = fmin(fmax((i + 0.5) * step - 0.5, 0), from - 1);
			int first = VIPS_MIN((int) at, VIPS_MAX(from - 2, 0));

			axis->first[i] = first;
			axis->count[i] = VIPS_MIN(2, from - first);
			w[0] = (float) (1 - (at - first));
			w[1] = (float) (at - first);
		}
	}
	return 0;
}

/* Vectors as wide as the processor's, chosen when the program is loaded. Without a fused multiplication all have the same sums. */
#if defined(__x86_64__) && defined(__GLIBC__)
#define EV_WIDEST __attribute__((target_clones("avx2", "default")))
#else
#define EV_WIDEST
#endif

enum {
	PIECE = 256, /* samples that are added up at a time: they stay where the processor has them at hand */
	FULL = 257,  /* rows of bytes that 16 bits can hold the sum of */
};

/* The weighted sum of n rows, `stride` apart, of which all but the first and the last weigh the same. */
EV_WIDEST static void ev_add_rows(const uint8_t *rows, size_t stride, int n, const float *weights, size_t samples, float *line)
{
	uint16_t whole[PIECE];
	int last = n - 1;

	for (size_t at = 0; at < samples; at += PIECE, rows += PIECE, line += PIECE) {
		size_t m = VIPS_MIN(samples - at, PIECE);
		const uint8_t *row = rows;

		for (size_t i = 0; i < m; i++)
			line[i] = weights[0] * row[i];
		if (last - 1 > FULL) {
			for (int k = 1; k < last; k++) {
				row += stride;
				for (size_t i = 0; i < m; i++)
					line[i] += weights[k] * row[i];
			}
		}
		else if (last > 1) {
			row += stride;
			for (size_t i = 0; i < m; i++)
				whole[i] = row[i];
			for (int k = 2; k < last; k++) {
				row += stride;
				for (size_t i = 0; i < m; i++)
					whole[i] += row[i];
			}
			for (size_t i = 0; i < m; i++)
				line[i] += weights[1] * whole[i];
		}
		if (last > 0) {
			row = rows + (size_t) last * stride;
			for (size_t i = 0; i < m; i++)
				line[i] += weights[last] * row[i];
		}
	}
	explicit_bzero(whole, sizeof whole);
}

/* A pixel, of which the fourth sample is the next one's red. */
typedef float ev_colour __attribute__((vector_size(16)));
typedef int32_t ev_colour_whole __attribute__((vector_size(16)));
typedef uint8_t ev_colour_bytes __attribute__((vector_size(4)));

static inline ev_colour ev_colour_at(const float *p)
{
	ev_colour v;

	memcpy(&v, p, sizeof v);
	return v;
}

/* To the nearest, of 0 to 255. */
static inline void ev_colour_write(uint8_t *out, ev_colour v)
{
	ev_colour_bytes b = __builtin_convertvector(__builtin_convertvector(v + 0.5f, ev_colour_whole), ev_colour_bytes);

	memcpy(out, &b, 3);
}

/* Every output is the sum of as many samples, some of which weigh nothing: a loop whose length is known is worth more than the few that it
 * could leave out. So the line goes on with zeros.
 */
static inline __attribute__((always_inline)) void ev_columns(const float *line, const ev_axis *across, int taps, int width, uint8_t *out)
{
	for (int x = 0; x < width; x++, out += 3) {
		const float *p = line + 3 * (size_t) across->first[x];
		const float *w = across->weights + (size_t) x * taps;
		ev_colour sum = { 0 };

		for (int k = 0; k < taps; k++)
			sum += w[k] * ev_colour_at(p + 3 * k);
		ev_colour_write(out, sum);
	}
}

EV_WIDEST static void ev_add_columns(const float *line, const ev_axis *across, int width, uint8_t *out)
{
	switch (across->most) {
	case 2:
		ev_columns(line, across, 2, width, out);
		break;
	case 3:
		ev_columns(line, across, 3, width, out);
		break;
	case 4:
		ev_columns(line, across, 4, width, out);
		break;
	case 5:
		ev_columns(line, across, 5, width, out);
		break;
	default:
		ev_columns(line, across, across->most, width, out);
	}
}

/* width x height samples of three bands, lines `stride` apart, to out_width x out_height of them, lines out_stride apart. */
int ev_average(const uint8_t *pixels, size_t stride, int width, int height, uint8_t *out, size_t out_stride, int out_width, int out_height)
{
	ev_axis across = { 0 }, down = { 0 };
	size_t samples = 3 * (size_t) width;
	float *line = NULL;
	int result = -1;

	if (ev_axis_make(&across, width, out_width) || ev_axis_make(&down, height, out_height)
		|| !(line = g_try_new0(float, samples + 3 * (size_t) across.most + 1)))
		goto done;
	for (int y = 0; y < out_height; y++) {
		ev_add_rows(pixels + (size_t) down.first[y] * stride, stride, down.count[y], down.weights + (size_t) y * down.most, samples, line);
		ev_add_columns(line, &across, out_width, out + (size_t) y * out_stride);
	}
	result = 0;
done:
	if (line)
		explicit_bzero(line, samples * sizeof(float));
	g_free(line);
	ev_axis_free(&across);
	ev_axis_free(&down);
	return result;
}

/* What lies beside a place between n samples, by their centres, from the edge on the edge itself. */
static inline int ev_beside(double at, int n, int *next, float *part)
{
	at = VIPS_CLIP(0.0, at - 0.5, n - 1.0);
	int low = (int) at;

	*next = VIPS_MIN(low + 1, n - 1);
	*part = (float) (at - low);
	return low;
}

/* A pixel as numbers; there is one byte more behind it, or it is the last of all. */
static inline ev_colour ev_pixel_at(const uint8_t *p, const uint8_t *last)
{
	ev_colour_bytes b = { 0 };

	memcpy(&b, p, p == last ? 3 : 4);
	return __builtin_convertvector(b, ev_colour);
}

/* out_width x out_height pixels, read between those of another picture where m puts their middles. */
EV_WIDEST void ev_warp(const uint8_t *pixels, int width, int height, const double m[6], uint8_t *out, int out_width, int out_height)
{
	const uint8_t *last = pixels + 3 * ((size_t) width * height - 1);

	for (int y = 0; y < out_height; y++) {
		double x0 = m[1] * (y + 0.5) + m[2], y0 = m[4] * (y + 0.5) + m[5];

		for (int x = 0; x < out_width; x++, out += 3) {
			float fx, fy;
			int right, below;
			int left = ev_beside(x0 + m[0] * (x + 0.5), width, &right, &fx);
			int above = ev_beside(y0 + m[3] * (x + 0.5), height, &below, &fy);
			const uint8_t *upper = pixels + 3 * (size_t) above * width, *lower = pixels + 3 * (size_t) below * width;
			ev_colour a = ev_pixel_at(upper + 3 * left, last), b = ev_pixel_at(upper + 3 * right, last);
			ev_colour c = ev_pixel_at(lower + 3 * left, last), d = ev_pixel_at(lower + 3 * right, last);
			ev_colour up = a + fx * (b - a), down = c + fx * (d - c);

			ev_colour_write(out, up + fy * (down - up));
		}
	}
}
