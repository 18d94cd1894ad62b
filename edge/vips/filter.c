#include "filter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include <glib.h>

/* A position is rounded to this part of a source pixel: 1/1024, so that the steepest edge there can be is wrong by less
 * than one level in eight bits.
 */
enum { EV_PHASE_BITS = 10, EV_PHASES = 1 << EV_PHASE_BITS, EV_WEIGHT_BITS = 14 };

/* sin(pi x), from products and sums alone, so that it is the same on every machine: libm's is not. */
static double ev_sinpi(double x)
{
	double n = floor(x + 0.5);
	double r = (x - n) * M_PI; /* -pi/2 to pi/2 */
	double r2 = r * r;
	double s = 1.0 / 6227020800.0;

	s = s * r2 - 1.0 / 39916800.0;
	s = s * r2 + 1.0 / 362880.0;
	s = s * r2 - 1.0 / 5040.0;
	s = s * r2 + 1.0 / 120.0;
	s = s * r2 - 1.0 / 6.0;
	s = s * r2 + 1.0;
	s = s * r;
	return (long long) n & 1 ? -s : s;
}

double ev_lanczos3(double x)
{
	if (x == 0)
		return 1;
	if (x <= -3 || x >= 3)
		return 0;
	return 3 * ev_sinpi(x) * ev_sinpi(x / 3) / (M_PI * M_PI * x * x);
}

static int16_t srgb_to_light[256];
static uint8_t light_to_srgb[EV_WHITE + 1];

static double ev_to_light(double v)
{
	return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

/* Made when the program is loaded, so that nobody has to ask whether they are there. */
__attribute__((constructor)) static void ev_make_tables(void)
{
	int code = 0;

	for (int i = 0; i < 256; i++)
		srgb_to_light[i] = (int16_t) floor(EV_WHITE * ev_to_light(i / 255.0) + 0.5);
	for (int v = 0; v <= EV_WHITE; v++) {
		/* The code whose light is nearest in sRGB: the border is at half a code. */
		while (code < 255 && v >= EV_WHITE * ev_to_light((code + 0.5) / 255.0))
			code++;
		light_to_srgb[v] = (uint8_t) code;
	}
}

const int16_t *ev_srgb_to_light(void)
{
	return srgb_to_light;
}

const uint8_t *ev_light_to_srgb(void)
{
	return light_to_srgb;
}

int16_t *ev_alloc(size_t n)
{
	return g_try_malloc_n(n + 16, sizeof(int16_t));
}

/* The heap overwrites what is freed (start.c), here as everywhere. */
void ev_release(int16_t *p)
{
	g_free(p);
}

ev_kernel *ev_kernel_new(double scale)
{
	double narrow = scale < 1 ? scale : 1; /* below 1 the kernel is as wide as the output's pixels ask */
	int half = (int) ceil(3 / narrow);
	ev_kernel *k = g_try_new0(ev_kernel, 1);
	double *w;

	if (!k)
		return NULL;
	k->step = 1 / scale;
	k->reach = half - 1;
	k->taps = (2 * half + 7) / 8 * 8;
	k->weights = g_try_malloc_n((size_t) EV_PHASES * k->taps, sizeof(int16_t));
	w = g_try_malloc_n(2 * half, sizeof(double));
	if (!k->weights || !w) {
		g_free(w);
		ev_kernel_free(k);
		return NULL;
	}
	for (int phase = 0; phase < EV_PHASES; phase++) {
		int16_t *row = k->weights + (size_t) phase * k->taps;
		double sum = 0;
		int whole = 0, largest = 0;

		for (int i = 0; i < 2 * half; i++) {
			w[i] = ev_lanczos3((i - k->reach - (double) phase / EV_PHASES) * narrow);
			sum += w[i];
		}
		for (int i = 0; i < k->taps; i++) {
			row[i] = i < 2 * half ? (int16_t) floor(w[i] / sum * (1 << EV_WEIGHT_BITS) + 0.5) : 0;
			whole += row[i];
			if (row[i] > row[largest])
				largest = i;
		}
		/* An even grey must stay what it is. */
		row[largest] = (int16_t) (row[largest] + (1 << EV_WEIGHT_BITS) - whole);
	}
	g_free(w);
	return k;
}

void ev_kernel_free(ev_kernel *k)
{
	if (k) {
		g_free(k->weights);
		g_free(k);
	}
}

void ev_repeat_ends(int16_t *line, int pad, int n)
{
	for (int i = 0; i < pad; i++) {
		line[i] = line[pad];
		line[pad + n + i] = line[pad + n - 1];
	}
}

/* Four sums of products at once: lines a to d under weights wa to wd. The result is the same in every variant, because
 * whole numbers are added.
 */
static inline void ev_dots(const int16_t *const at[4], const int16_t *const weights[4], int taps, int16_t out[4])
{
#if defined(__SSE2__)
	__m128i sum[4];

	for (int r = 0; r < 4; r++) {
		__m128i s = _mm_madd_epi16(_mm_loadu_si128((const __m128i *) at[r]),
			_mm_loadu_si128((const __m128i *) weights[r]));

		for (int i = 8; i < taps; i += 8)
			s = _mm_add_epi32(s, _mm_madd_epi16(_mm_loadu_si128((const __m128i *) (at[r] + i)),
				_mm_loadu_si128((const __m128i *) (weights[r] + i))));
		sum[r] = s;
	}
	__m128i ab = _mm_add_epi32(_mm_unpacklo_epi32(sum[0], sum[1]), _mm_unpackhi_epi32(sum[0], sum[1]));
	__m128i cd = _mm_add_epi32(_mm_unpacklo_epi32(sum[2], sum[3]), _mm_unpackhi_epi32(sum[2], sum[3]));
	__m128i all = _mm_add_epi32(_mm_unpacklo_epi64(ab, cd), _mm_unpackhi_epi64(ab, cd));

	all = _mm_srai_epi32(_mm_add_epi32(all, _mm_set1_epi32(1 << (EV_WEIGHT_BITS - 1))), EV_WEIGHT_BITS);
	_mm_storel_epi64((__m128i *) out, _mm_packs_epi32(all, all));
#else
	for (int r = 0; r < 4; r++) {
		int32_t s = 1 << (EV_WEIGHT_BITS - 1);

		for (int i = 0; i < taps; i++)
			s += (int32_t) at[r][i] * weights[r][i];
		s >>= EV_WEIGHT_BITS;
		out[r] = (int16_t) (s > 32767 ? 32767 : s < -32768 ? -32768 : s);
	}
#endif
}

void ev_filter(const ev_kernel *kernel, const int16_t *const *lines, const double *offsets, int own, int n, int count,
	int16_t *out, ptrdiff_t stride, int used)
{
	/* Positions in 2^-32 of a sample: a sum of whole numbers, so that no line drifts from its neighbour. */
	const double unit = 4294967296.0;
	int64_t step = (int64_t) floor(kernel->step * unit + 0.5);
	int64_t half_phase = (int64_t) 1 << (31 - EV_PHASE_BITS);
	int64_t position[EV_LINES];
	int low = -kernel->taps, high = n;

	for (int r = 0; r < EV_LINES; r++) {
		double p = offsets[r] < -1e8 ? -1e8 : offsets[r] > 1e8 ? 1e8 : offsets[r];

		position[r] = (int64_t) floor(p * unit + 0.5) + half_phase;
	}
	used = (used + 3) / 4 * 4;
	for (int k = 0; k < count; k++) {
		const int16_t *at[4], *weights[4];
		ptrdiff_t start = 0;

		for (int r = 0; r < used; r += 4) {
			for (int i = 0; i < 4; i++) {
				/* Without `own` all lines have the positions of the first. */
				if (own || r + i == 0) {
					int64_t p = position[r + i] + k * step;
					int64_t first = (p >> 32) - kernel->reach;

					/* Beyond its ends a line is its end. */
					start = (ptrdiff_t) (first < low ? low : first > high ? high : first);
					weights[i] = kernel->weights
						+ (size_t) ((p >> (32 - EV_PHASE_BITS)) & (EV_PHASES - 1)) * kernel->taps;
				}
				else if (i > 0)
					weights[i] = weights[0];
				at[i] = lines[r + i] + start;
			}
			ev_dots(at, weights, kernel->taps, out + k * stride + r);
		}
	}
}
