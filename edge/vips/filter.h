/* One-dimensional filtering in 16-bit integers: what every scaling and turning here is made of. Sums of whole numbers are
 * the same on every processor, whatever its vectors, so the same photo gives the same bytes on every node.
 */
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
	double step;      /* source pixels from one output pixel to the next */
	int taps;         /* of a row of weights: a multiple of 8, the last ones zero */
	int used;         /* how many of them are not padding: even */
	int reach;        /* how many taps lie left of the one at the position */
	double narrow;    /* how much the kernel is widened: 1, or the scale if that is less */
	int16_t *weights; /* a row for each phase, each with the sum 1 << EV_WEIGHT_BITS, made when first asked for */
	uint8_t *ready;   /* which of them have been */
	double *scratch;
} ev_kernel;

/* Lanczos-3 for a scale: below 1 it is widened, so that what the output cannot show is removed. */
ev_kernel *ev_kernel_new(double scale);
void ev_kernel_free(ev_kernel *kernel);

const int16_t *ev_srgb_to_light(void); /* 256 entries */
const uint8_t *ev_light_to_srgb(void); /* EV_WHITE + 1 entries */
double ev_lanczos3(double x);

int16_t *ev_alloc(size_t n);
void ev_release(int16_t *p);

/* Fills `pad` samples before and after the n samples at line + pad with the first and the last of them. */
void ev_repeat_ends(int16_t *line, int pad, int n);

/* A position in samples as a whole number of 2^-32, half a phase added, so that the upper bits are rounded by cutting. */
int64_t ev_position(double p);
/* The first sample under the kernel at a position, and its weights there. Sample 0 has its centre at 0. */
int ev_first(const ev_kernel *kernel, int64_t position);
const int16_t *ev_weights(ev_kernel *kernel, int64_t position);
int64_t ev_step(const ev_kernel *kernel);
/* Makes the weights of every phase, for ev_filter. */
void ev_all_weights(ev_kernel *kernel);

/* For each of EV_LINES lines, which start at lines[r], are n samples long and have their ends repeated kernel->taps
 * times: output k is the kernel at offsets[r] + k * step. It goes to out[k * stride + r], for the first `used` lines (a
 * multiple of 4 of them is written, so `out` must have room).
 */
void ev_filter(ev_kernel *kernel, const int16_t *const *lines, const double *offsets, int n, int count, int16_t *out,
	ptrdiff_t stride, int used);

/* The sum of `used` rows of n samples under weights, to out. Rows and out have room for n rounded up to 16. */
void ev_blend(const int16_t *const *rows, const int16_t *weights, int used, int n, int16_t *out);

/* out[k] is the sum of the taps samples at line + first[k] under weights[k], for count outputs (rounded up to 4). */
void ev_across(const int16_t *line, const int *first, const int16_t *const *weights, int taps, int count, int16_t *out);

/* Scaling without turning: rows come in from top to bottom as planes of samples, and go out the same way. */
typedef struct {
	int planes, width, height;          /* of the source */
	int out_width, out_height;
	double scale_x, scale_y;            /* output pixels a source pixel makes */
	double offset_x, offset_y;          /* where the centre of output pixel 0 lies, in source samples (centres at 0, 1, …) */
	int (*read)(void *a, int y, int16_t *const *planes);         /* 0, or not 0 to give up */
	void (*write)(void *a, int y, const int16_t *const *planes);
	void *a;
} ev_separable;

int ev_separable_run(const ev_separable *s);

#endif
