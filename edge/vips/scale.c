/* Scaling to a size in the colours as they are: imgproxy's and libvips' way, without a turn through linear light. It reads
 * rows from libvips as the decoder makes them, on the calling thread, so a large picture is never in memory as a whole.
 */
#include <string.h>

#include <vips/vips.h>

#include "bridge.h"
#include "filter.h"

/* Samples are counted in 1/64 of a level, which leaves half the range for the overshoot of the kernel. */
enum { BITS = 6, ROUND = 1 << (BITS - 1) };

/* Rows are asked of libvips in blocks of this many. */
enum { BLOCK = 16 };

typedef struct {
	VipsImage *in;
	VipsRegion *region;
	VipsImage *out;
	int bands;
	int failed;
} ev_scaling;

static int ev_scale_read(void *a, int y, int16_t *const *planes)
{
	ev_scaling *s = a;
	int width = s->in->Xsize;
	const VipsPel *row;

	if (y < s->region->valid.top || y >= s->region->valid.top + s->region->valid.height || s->region->valid.width == 0) {
		VipsRect block = { 0, y, width, VIPS_MIN(BLOCK, s->in->Ysize - y) };

		if (vips_region_prepare(s->region, &block)) {
			s->failed = 1;
			return -1;
		}
	}
	row = VIPS_REGION_ADDR(s->region, 0, y);

	switch (s->bands) {
	case 1:
		for (int x = 0; x < width; x++)
			planes[0][x] = (int16_t) (row[x] << BITS);
		break;
	case 3:
		for (int x = 0; x < width; x++) {
			planes[0][x] = (int16_t) (row[3 * x] << BITS);
			planes[1][x] = (int16_t) (row[3 * x + 1] << BITS);
			planes[2][x] = (int16_t) (row[3 * x + 2] << BITS);
		}
		break;
	default:
		/* Colour counts as much as it can be seen. */
		for (int x = 0; x < width; x++) {
			const VipsPel *p = row + s->bands * x;
			int alpha = p[s->bands - 1];

			for (int c = 0; c < s->bands - 1; c++)
				planes[c][x] = (int16_t) (((p[c] * alpha << BITS) + 127) / 255);
			planes[s->bands - 1][x] = (int16_t) (alpha << BITS);
		}
	}
	return 0;
}

static inline VipsPel ev_clip(int v)
{
	return (VipsPel) (v < 0 ? 0 : v > 255 ? 255 : v);
}

static inline VipsPel ev_level(int v)
{
	return ev_clip((v + ROUND) >> BITS);
}

static void ev_scale_write(void *a, int y, const int16_t *const *planes)
{
	ev_scaling *s = a;
	int width = s->out->Xsize;
	VipsPel *row = VIPS_IMAGE_ADDR(s->out, 0, y);

	switch (s->bands) {
	case 1:
		for (int x = 0; x < width; x++)
			row[x] = ev_level(planes[0][x]);
		break;
	case 3:
		for (int x = 0; x < width; x++) {
			row[3 * x] = ev_level(planes[0][x]);
			row[3 * x + 1] = ev_level(planes[1][x]);
			row[3 * x + 2] = ev_level(planes[2][x]);
		}
		break;
	default:
		for (int x = 0; x < width; x++) {
			VipsPel *p = row + s->bands * x;
			int alpha = planes[s->bands - 1][x];

			p[s->bands - 1] = ev_level(alpha);
			for (int c = 0; c < s->bands - 1; c++)
				p[c] = p[s->bands - 1] == 0 ? 0 : ev_clip((planes[c][x] * 255 + alpha / 2) / alpha);
		}
	}
}

/* Whether this is a picture that ev_scale takes: 8 bits, and bands that we know the meaning of. */
int ev_can_scale(VipsImage *in, int width, int height)
{
	return in->BandFmt == VIPS_FORMAT_UCHAR && in->Coding == VIPS_CODING_NONE && in->Bands >= 1 && in->Bands <= 4
		&& (in->Bands == 2 || in->Bands == 4) == (vips_image_hasalpha(in) != 0)
		&& width * 100L >= in->Xsize && height * 100L >= in->Ysize;
}

int ev_scale(VipsImage *in, VipsImage **out, int width, int height)
{
	ev_scaling s = { .in = in, .bands = in->Bands };
	double scale_x = (double) width / in->Xsize, scale_y = (double) height / in->Ysize;
	ev_separable job = {
		.planes = in->Bands, .width = in->Xsize, .height = in->Ysize, .out_width = width, .out_height = height,
		.scale_x = scale_x, .scale_y = scale_y,
		.offset_x = 0.5 / scale_x - 0.5, .offset_y = 0.5 / scale_y - 0.5,
		.read = ev_scale_read, .write = ev_scale_write, .a = &s,
	};
	int result = -1;

	if (vips_image_pio_input(in))
		return -1;
	s.out = vips_image_new_memory();
	s.region = vips_region_new(in);
	if (!s.region || vips_image_pipelinev(s.out, VIPS_DEMAND_STYLE_ANY, in, NULL))
		goto done;
	vips_image_remove(s.out, VIPS_META_SEQUENTIAL);
	s.out->Xsize = width;
	s.out->Ysize = height;
	if (vips_image_write_prepare(s.out))
		goto done;
	if (ev_separable_run(&job)) {
		if (!s.failed)
			vips_error("edge", "out of memory");
		goto done;
	}
	*out = s.out;
	s.out = NULL;
	result = 0;
done:
	VIPS_UNREF(s.region);
	VIPS_UNREF(s.out);
	return result;
}
