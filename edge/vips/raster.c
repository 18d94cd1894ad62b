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

static inline ev_colour ev_colour_at(const float *p)
{
	ev_colour v;

	memcpy(&v, p, sizeof v);
	return v;
}

/* Every output is the sum of as many samples, some of which weigh nothing: a loop whose length is known is worth more than the few that it
 * could leave out. So the line goes on with zeros.
 */
static inline __attribute__((always_inline)) void ev_columns(const float *line, const ev_axis *across, int taps, int width, ev_colour by,
	ev_colour more, float *red, float *green, float *blue)
{
	for (int x = 0; x < width; x++) {
		const float *p = line + 3 * (size_t) across->first[x];
		const float *w = across->weights + (size_t) x * taps;
		ev_colour sum = { 0 };

		for (int k = 0; k < taps; k++)
			sum += w[k] * ev_colour_at(p + 3 * k);
		sum = sum * by + more;
		red[x] = sum[0];
		green[x] = sum[1];
		blue[x] = sum[2];
	}
}

EV_WIDEST static void ev_add_columns(const float *line, const ev_axis *across, int width, const float scale[3], const float offset[3], float *red,
	float *green, float *blue)
{
	ev_colour by = { scale[0], scale[1], scale[2], 0 }, more = { offset[0], offset[1], offset[2], 0 };

	switch (across->most) {
	case 2:
		ev_columns(line, across, 2, width, by, more, red, green, blue);
		break;
	case 3:
		ev_columns(line, across, 3, width, by, more, red, green, blue);
		break;
	case 4:
		ev_columns(line, across, 4, width, by, more, red, green, blue);
		break;
	case 5:
		ev_columns(line, across, 5, width, by, more, red, green, blue);
		break;
	default:
		ev_columns(line, across, across->most, width, by, more, red, green, blue);
	}
}

/* width x height samples of three bands, lines `stride` apart, to out_width x out_height of three planes whose lines are out_stride and which
 * themselves are `plane` apart: each value times scale[c] plus offset[c].
 */
int ev_average(const uint8_t *pixels, size_t stride, int width, int height, float *planes, size_t out_stride, size_t plane, int out_width,
	int out_height, const float scale[3], const float offset[3])
{
	ev_axis across = { 0 }, down = { 0 };
	size_t samples = 3 * (size_t) width;
	float *line = NULL;
	int result = -1;

	if (ev_axis_make(&across, width, out_width) || ev_axis_make(&down, height, out_height)
		|| !(line = g_try_new0(float, samples + 3 * (size_t) across.most + 1)))
		goto done;
	for (int y = 0; y < out_height; y++) {
		float *red = planes + (size_t) y * out_stride;

		ev_add_rows(pixels + (size_t) down.first[y] * stride, stride, down.count[y], down.weights + (size_t) y * down.most, samples, line);
		ev_add_columns(line, &across, out_width, scale, offset, red, red + plane, red + 2 * plane);
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

static inline float ev_blend(float a, float b, float c, float d, float fx, float fy)
{
	float up = a + fx * (b - a), down = c + fx * (d - c);

	return up + fy * (down - up);
}

/* Three planes of out_width x out_height, read between the samples of others where m puts the middles of their pixels. */
void ev_warp(const float *planes, int width, int height, const double m[6], float *out, int out_width, int out_height, const float scale[3],
	const float offset[3])
{
	size_t plane = (size_t) width * height, out_plane = (size_t) out_width * out_height;

	for (int y = 0; y < out_height; y++) {
		double x0 = m[1] * (y + 0.5) + m[2], y0 = m[4] * (y + 0.5) + m[5];
		float *to = out + (size_t) y * out_width;

		for (int x = 0; x < out_width; x++) {
			float fx, fy;
			int right, below;
			int left = ev_beside(x0 + m[0] * (x + 0.5), width, &right, &fx);
			int above = ev_beside(y0 + m[3] * (x + 0.5), height, &below, &fy);
			const float *upper = planes + (size_t) above * width, *lower = planes + (size_t) below * width;

			for (int c = 0; c < 3; c++, upper += plane, lower += plane)
				to[c * out_plane + x] = ev_blend(upper[left], upper[right], lower[left], lower[right], fx, fy) * scale[c] + offset[c];
		}
	}
}
