/* One-dimensional filtering with a kernel that may start anywhere: what both passes of a resampling are made of. */
#ifndef EDGE_VIPS_FILTER_H
#define EDGE_VIPS_FILTER_H

#include <stddef.h>
#include <stdint.h>

/* Light is kept in 16 bits with this for white. The room above and below is for the overshoot of the kernel, which is
 * at most a quarter; the step between two dark sRGB values is 8.
 */
enum { EV_WHITE = 26214 };

/* Lines are filtered this many at a time. */
enum { EV_LINES = 16 };

typedef struct {
	double step;  /* source pixels from one output pixel to the next */
	int taps;     /* of a row of weights: a multiple of 8 */
	int reach;    /* how many taps lie at and left of the position */
	int16_t *weights; /* EV_PHASES rows of them, each with the sum 1 << EV_WEIGHT_BITS */
} ev_kernel;

ev_kernel *ev_kernel_new(double scale);
void ev_kernel_free(ev_kernel *kernel);

const int16_t *ev_srgb_to_light(void);  /* 256 entries */
const uint8_t *ev_light_to_srgb(void);  /* EV_WHITE + 1 entries */
double ev_lanczos3(double x);

int16_t *ev_alloc(size_t n);
void ev_release(int16_t *p);

/* Fills `pad` samples before and after the n samples at line + pad with the first and the last of them. */
void ev_repeat_ends(int16_t *line, int pad, int n);

/* For each of EV_LINES lines, which start at lines[r], are n samples long and have their ends repeated kernel->taps
 * times: output k is the kernel at offsets[r] + k * step, in samples, the centre of sample 0 being 0. It goes to
 * out[k * stride + r], for the first `used` lines (a multiple of 4 of them is written, so `out` must have room).
 * `own` says that the offsets differ from line to line.
 */
void ev_filter(const ev_kernel *kernel, const int16_t *const *lines, const double *offsets, int own, int n, int count,
	int16_t *out, ptrdiff_t stride, int used);

#endif
