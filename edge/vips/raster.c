/* Pixels in plain memory: an image's own, and what nets see of them. */
#include <math.h>
#include <string.h>

#include <vips/vips.h>

#include "bridge.h"

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
	VipsImage *image = vips_image_new_memory();

	vips_image_init_fields(image, width, height, 1, VIPS_FORMAT_UCHAR, VIPS_CODING_NONE, VIPS_INTERPRETATION_B_W, 1, 1);
	if (vips_image_write_prepare(image)) {
		g_object_unref(image);
		return -1;
	}
	memset(VIPS_IMAGE_ADDR(image, 0, 0), 0, VIPS_IMAGE_SIZEOF_IMAGE(image));
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

/* width x height samples of three bands, lines `stride` apart, to planes of out_width x out_height: each value times scale[c]
 * plus offset[c].
 */
int ev_average(const uint8_t *pixels, size_t stride, int width, int height, float *planes, int out_width, int out_height,
	const float scale[3], const float offset[3])
{
	ev_axis across = { 0 }, down = { 0 };
	size_t samples = 3 * (size_t) width;
	float *line = g_try_new(float, samples);
	uint16_t *whole = g_try_new(uint16_t, samples); /* the sum of the rows that count in full */
	int result = -1;

	if (!line || !whole || ev_axis_make(&across, width, out_width) || ev_axis_make(&down, height, out_height))
		goto done;
	for (int y = 0; y < out_height; y++) {
		const float *weights = down.weights + (size_t) y * down.most;
		int n = down.count[y];

		for (int k = 0; k < n; k++) {
			const uint8_t *row = pixels + (size_t) (down.first[y] + k) * stride;
			float w = weights[k];

			/* Between the first and the last all weigh the same: they are added as they are, 257 at most fit. */
			if (n > 3 && n < 259 && k > 0 && k < n - 1) {
				if (k == 1)
					for (size_t i = 0; i < samples; i++)
						whole[i] = row[i];
				else
					for (size_t i = 0; i < samples; i++)
						whole[i] += row[i];
				if (k == n - 2)
					for (size_t i = 0; i < samples; i++)
						line[i] += w * whole[i];
			}
			else if (k == 0)
				for (size_t i = 0; i < samples; i++)
					line[i] = w * row[i];
			else
				for (size_t i = 0; i < samples; i++)
					line[i] += w * row[i];
		}
		float *red = planes + (size_t) y * out_width;
		float *green = red + (size_t) out_width * out_height, *blue = green + (size_t) out_width * out_height;

		for (int x = 0; x < out_width; x++) {
			const float *p = line + 3 * (size_t) across.first[x];
			const float *w = across.weights + (size_t) x * across.most;
			float r = 0, g = 0, b = 0;

			for (int k = 0; k < across.count[x]; k++, p += 3) {
				r += w[k] * p[0];
				g += w[k] * p[1];
				b += w[k] * p[2];
			}
			red[x] = r * scale[0] + offset[0];
			green[x] = g * scale[1] + offset[1];
			blue[x] = b * scale[2] + offset[2];
		}
	}
	result = 0;
done:
	if (line)
		explicit_bzero(line, samples * sizeof(float));
	if (whole)
		explicit_bzero(whole, samples * sizeof(uint16_t));
	g_free(line);
	g_free(whole);
	ev_axis_free(&across);
	ev_axis_free(&down);
	return result;
}
