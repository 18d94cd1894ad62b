#include "filter.h"
#include "bridge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include <glib.h>

/* A position is rounded to this part of a source pixel, 1/512: it is wrong by a thousandth of a pixel at most, which the
 * steepest edge there can be shows as a quarter of a level in eight bits.
 */
enum { EV_PHASE_BITS = 9, EV_PHASES = 1 << EV_PHASE_BITS, EV_WEIGHT_BITS = 14 };

/* sin(pi x), from products and sums alone, so that it is the same on every machine: libm's is not. */
static double ev_sinpi(double x)
{
	double n = floor(x + 0.5);
	double r = (x - n) * M_PI; /* -pi/2 to pi/2 */
	double r2 = r * r;
	double s = -1.0 / 1307674368000.0;

	s = s * r2 + 1.0 / 6227020800.0;
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
static int wide;

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
		/* The code that is nearest in sRGB: the border is at half a code. */
		while (code < 255 && v >= EV_WHITE * ev_to_light((code + 0.5) / 255.0))
			code++;
		light_to_srgb[v] = (uint8_t) code;
	}
	ev_wide(1);
}

const int16_t *ev_srgb_to_light(void)
{
	return srgb_to_light;
}

const uint8_t *ev_light_to_srgb(void)
{
	return light_to_srgb;
}

/* Whether the wide vectors of this processor are used; a test turns them off to compare. */
int ev_wide(int on)
{
#if defined(__SSE2__)
	__builtin_cpu_init();
	wide = on && __builtin_cpu_supports("avx2");
#else
	(void) on;
#endif
	return wide;
}

int16_t *ev_alloc(size_t n)
{
	return g_try_malloc_n(n + 32, sizeof(int16_t));
}

/* The heap overwrites what is freed (start.c), here as everywhere. */
void ev_release(int16_t *p)
{
	g_free(p);
}

ev_kernel *ev_kernel_new(double scale)
{
	ev_kernel *k = g_try_new0(ev_kernel, 1);
	int half;

	if (!k)
		return NULL;
	k->step = 1 / scale;
	k->narrow = scale < 1 ? scale : 1;
	half = (int) ceil(3 / k->narrow);
	k->reach = half - 1;
	k->used = 2 * half;
	k->taps = (k->used + 7) / 8 * 8;
	k->weights = g_try_malloc_n((size_t) EV_PHASES * k->taps, sizeof(int16_t));
	k->ready = g_try_malloc0(EV_PHASES);
	k->scratch = g_try_malloc_n(k->used, sizeof(double));
	if (!k->weights || !k->ready || !k->scratch) {
		ev_kernel_free(k);
		return NULL;
	}
	return k;
}

void ev_kernel_free(ev_kernel *k)
{
	if (k) {
		g_free(k->weights);
		g_free(k->ready);
		g_free(k->scratch);
		g_free(k);
	}
}

static void ev_make_weights(ev_kernel *k, int phase)
{
	int16_t *row = k->weights + (size_t) phase * k->taps;
	double sum = 0;
	int whole = 0, largest = 0;

	for (int i = 0; i < k->used; i++) {
		k->scratch[i] = ev_lanczos3((i - k->reach - (double) phase / EV_PHASES) * k->narrow);
		sum += k->scratch[i];
	}
	for (int i = 0; i < k->taps; i++) {
		row[i] = i < k->used ? (int16_t) floor(k->scratch[i] / sum * (1 << EV_WEIGHT_BITS) + 0.5) : 0;
		whole += row[i];
		if (row[i] > row[largest])
			largest = i;
	}
	/* An even grey must stay what it is. */
	row[largest] = (int16_t) (row[largest] + (1 << EV_WEIGHT_BITS) - whole);
	k->ready[phase] = 1;
}

int64_t ev_position(double p)
{
	p = p < -1e8 ? -1e8 : p > 1e8 ? 1e8 : p;
	return (int64_t) floor(p * 4294967296.0 + 0.5) + ((int64_t) 1 << (31 - EV_PHASE_BITS));
}

int64_t ev_step(const ev_kernel *k)
{
	return (int64_t) floor(k->step * 4294967296.0 + 0.5);
}

int ev_first(const ev_kernel *k, int64_t position)
{
	return (int) (position >> 32) - k->reach;
}

void ev_all_weights(ev_kernel *k)
{
	for (int phase = 0; phase < EV_PHASES; phase++)
		if (!k->ready[phase])
			ev_make_weights(k, phase);
}

const int16_t *ev_weights(ev_kernel *k, int64_t position)
{
	int phase = (int) (position >> (32 - EV_PHASE_BITS)) & (EV_PHASES - 1);

	if (!k->ready[phase])
		ev_make_weights(k, phase);
	return k->weights + (size_t) phase * k->taps;
}

void ev_repeat_ends(int16_t *line, int pad, int n)
{
	for (int i = 0; i < pad; i++) {
		line[i] = line[pad];
		line[pad + n + i] = line[pad + n - 1];
	}
}

/* Four sums of products at once, in each kind of vectors. */
#if defined(__SSE2__)
static inline __attribute__((always_inline)) void ev_finish4(__m128i a, __m128i b, __m128i c, __m128i d, int16_t *out)
{
	__m128i ab = _mm_add_epi32(_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b));
	__m128i cd = _mm_add_epi32(_mm_unpacklo_epi32(c, d), _mm_unpackhi_epi32(c, d));
	__m128i all = _mm_add_epi32(_mm_unpacklo_epi64(ab, cd), _mm_unpackhi_epi64(ab, cd));

	all = _mm_srai_epi32(_mm_add_epi32(all, _mm_set1_epi32(1 << (EV_WEIGHT_BITS - 1))), EV_WEIGHT_BITS);
	_mm_storel_epi64((__m128i *) out, _mm_packs_epi32(all, all));
}

static inline __attribute__((always_inline)) __m128i ev_madd8(const int16_t *a, const int16_t *b)
{
	return _mm_madd_epi16(_mm_loadu_si128((const __m128i *) a), _mm_loadu_si128((const __m128i *) b));
}

static inline __attribute__((always_inline)) void ev_dots_narrow(const int16_t *const at[4], const int16_t *const w[4],
	int taps, int16_t *out)
{
	__m128i a = ev_madd8(at[0], w[0]), b = ev_madd8(at[1], w[1]), c = ev_madd8(at[2], w[2]), d = ev_madd8(at[3], w[3]);

	for (int i = 8; i < taps; i += 8) {
		a = _mm_add_epi32(a, ev_madd8(at[0] + i, w[0] + i));
		b = _mm_add_epi32(b, ev_madd8(at[1] + i, w[1] + i));
		c = _mm_add_epi32(c, ev_madd8(at[2] + i, w[2] + i));
		d = _mm_add_epi32(d, ev_madd8(at[3] + i, w[3] + i));
	}
	ev_finish4(a, b, c, d, out);
}

#define EV_AVX2 __attribute__((target("avx2")))

EV_AVX2 static inline __attribute__((always_inline)) __m256i ev_madd16(const int16_t *a, const int16_t *b)
{
	return _mm256_madd_epi16(_mm256_loadu_si256((const __m256i *) a), _mm256_loadu_si256((const __m256i *) b));
}

EV_AVX2 static inline __attribute__((always_inline)) __m128i ev_halves(__m256i v)
{
	return _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
}

EV_AVX2 static inline __attribute__((always_inline)) void ev_dots_wide(const int16_t *const at[4],
	const int16_t *const w[4], int taps, int16_t *out)
{
	if (taps < 16) {
		ev_finish4(ev_madd8(at[0], w[0]), ev_madd8(at[1], w[1]), ev_madd8(at[2], w[2]), ev_madd8(at[3], w[3]), out);
		return;
	}
	__m256i a = ev_madd16(at[0], w[0]), b = ev_madd16(at[1], w[1]), c = ev_madd16(at[2], w[2]), d = ev_madd16(at[3], w[3]);
	__m128i e, f, g, h;
	int i;

	for (i = 16; i + 16 <= taps; i += 16) {
		a = _mm256_add_epi32(a, ev_madd16(at[0] + i, w[0] + i));
		b = _mm256_add_epi32(b, ev_madd16(at[1] + i, w[1] + i));
		c = _mm256_add_epi32(c, ev_madd16(at[2] + i, w[2] + i));
		d = _mm256_add_epi32(d, ev_madd16(at[3] + i, w[3] + i));
	}
	e = ev_halves(a);
	f = ev_halves(b);
	g = ev_halves(c);
	h = ev_halves(d);
	if (i < taps) {
		e = _mm_add_epi32(e, ev_madd8(at[0] + i, w[0] + i));
		f = _mm_add_epi32(f, ev_madd8(at[1] + i, w[1] + i));
		g = _mm_add_epi32(g, ev_madd8(at[2] + i, w[2] + i));
		h = _mm_add_epi32(h, ev_madd8(at[3] + i, w[3] + i));
	}
	ev_finish4(e, f, g, h, out);
}

#define WAY(name) name##_wide
#define TARGET EV_AVX2
#define DOTS ev_dots_wide
#include "filter_ways.h"
#undef WAY
#undef TARGET
#undef DOTS
#else
static inline void ev_dots_narrow(const int16_t *const at[4], const int16_t *const w[4], int taps, int16_t *out)
{
	for (int r = 0; r < 4; r++) {
		int32_t s = 1 << (EV_WEIGHT_BITS - 1);

		for (int i = 0; i < taps; i++)
			s += (int32_t) at[r][i] * w[r][i];
		s >>= EV_WEIGHT_BITS;
		out[r] = (int16_t) (s > 32767 ? 32767 : s < -32768 ? -32768 : s);
	}
}
#endif

#define WAY(name) name##_narrow
#define TARGET
#define DOTS ev_dots_narrow
#include "filter_ways.h"

void ev_filter(ev_kernel *kernel, const int16_t *const *lines, const double *offsets, int n, int count, int16_t *out,
	ptrdiff_t stride, int used)
{
	int64_t position[EV_LINES];

	for (int r = 0; r < EV_LINES; r++)
		position[r] = ev_position(offsets[r]);
	used = (used + 3) / 4 * 4;
#if defined(__SSE2__)
	if (wide) {
		ev_filter_wide(kernel, lines, position, n, count, out, stride, used);
		return;
	}
#endif
	ev_filter_narrow(kernel, lines, position, n, count, out, stride, used);
}

void ev_across(const int16_t *line, const int *first, const int16_t *const *weights, int taps, int count, int16_t *out)
{
#if defined(__SSE2__)
	if (wide) {
		ev_across_wide(line, first, weights, taps, count, out);
		return;
	}
#endif
	ev_across_narrow(line, first, weights, taps, count, out);
}

#if defined(__SSE2__)
static void ev_blend_narrow(const int16_t *const *rows, const int16_t *weights, int used, int n, int16_t *out)
{
	for (int i = 0; i < n; i += 8) {
		__m128i low = _mm_set1_epi32(1 << (EV_WEIGHT_BITS - 1)), high = low;

		for (int t = 0; t < used; t += 2) {
			int32_t pair;
			__m128i w, a, b;

			memcpy(&pair, weights + t, sizeof pair);
			w = _mm_set1_epi32(pair);
			a = _mm_loadu_si128((const __m128i *) (rows[t] + i));
			b = _mm_loadu_si128((const __m128i *) (rows[t + 1] + i));
			low = _mm_add_epi32(low, _mm_madd_epi16(_mm_unpacklo_epi16(a, b), w));
			high = _mm_add_epi32(high, _mm_madd_epi16(_mm_unpackhi_epi16(a, b), w));
		}
		_mm_storeu_si128((__m128i *) (out + i),
			_mm_packs_epi32(_mm_srai_epi32(low, EV_WEIGHT_BITS), _mm_srai_epi32(high, EV_WEIGHT_BITS)));
	}
}

EV_AVX2 static void ev_blend_wide(const int16_t *const *rows, const int16_t *weights, int used,
	int n, int16_t *out)
{
	for (int i = 0; i < n; i += 16) {
		__m256i low = _mm256_set1_epi32(1 << (EV_WEIGHT_BITS - 1)), high = low;

		for (int t = 0; t < used; t += 2) {
			int32_t pair;
			__m256i w, a, b;

			memcpy(&pair, weights + t, sizeof pair);
			w = _mm256_set1_epi32(pair);
			a = _mm256_loadu_si256((const __m256i *) (rows[t] + i));
			b = _mm256_loadu_si256((const __m256i *) (rows[t + 1] + i));
			low = _mm256_add_epi32(low, _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), w));
			high = _mm256_add_epi32(high, _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), w));
		}
		_mm256_storeu_si256((__m256i *) (out + i),
			_mm256_packs_epi32(_mm256_srai_epi32(low, EV_WEIGHT_BITS), _mm256_srai_epi32(high, EV_WEIGHT_BITS)));
	}
}

void ev_blend(const int16_t *const *rows, const int16_t *weights, int used, int n, int16_t *out)
{
	if (wide)
		ev_blend_wide(rows, weights, used, n, out);
	else
		ev_blend_narrow(rows, weights, used, n, out);
}
#else
void ev_blend(const int16_t *const *rows, const int16_t *weights, int used, int n, int16_t *out)
{
	for (int i = 0; i < n; i++) {
		int32_t s = 1 << (EV_WEIGHT_BITS - 1);

		for (int t = 0; t < used; t++)
			s += (int32_t) rows[t][i] * weights[t];
		s >>= EV_WEIGHT_BITS;
		out[i] = (int16_t) (s > 32767 ? 32767 : s < -32768 ? -32768 : s);
	}
}
#endif

int ev_separable_run(const ev_separable *s)
{
	ev_kernel *across = ev_kernel_new(s->scale_x);
	ev_kernel *down = ev_kernel_new(s->scale_y);
	int result = -1;
	int *first = NULL;
	const int16_t **weights = NULL, **rows = NULL;
	int16_t *ring = NULL, *blended = NULL, *finished = NULL;

	if (!across || !down)
		goto done;

	/* Where every output column looks: the same in all rows. */
	int columns = (s->out_width + 3) / 4 * 4;
	first = g_try_new(int, columns);
	weights = g_try_new(const int16_t *, columns);
	rows = g_try_new(const int16_t *, down->used);

	/* The rows under the kernel, a plane after the other, in a ring. */
	size_t line = ((size_t) s->width + 15) / 16 * 16;
	int slots = down->used + 1;
	ring = ev_alloc((size_t) slots * s->planes * line);
	size_t padded = line + 2 * (size_t) across->taps;
	blended = ev_alloc((size_t) s->planes * padded);
	finished = ev_alloc((size_t) s->planes * columns);
	if (!first || !weights || !rows || !ring || !blended || !finished)
		goto done;

	int64_t at = ev_position(s->offset_x), step = ev_step(across);
	for (int k = 0; k < columns; k++) {
		int64_t p = at + k * step;
		int f = ev_first(across, p);

		first[k] = f < -across->taps ? -across->taps : f > s->width ? s->width : f;
		weights[k] = ev_weights(across, p);
	}

	int next = 0; /* the first row that has not been read */
	at = ev_position(s->offset_y);
	step = ev_step(down);
	for (int y = 0; y < s->out_height; y++) {
		int64_t p = at + y * step;
		int top = ev_first(down, p);
		const int16_t *out[8];

		for (; next < s->height && (next == 0 || next < top + down->used); next++) {
			int16_t *planes[8];

			for (int c = 0; c < s->planes; c++)
				planes[c] = ring + ((size_t) (next % slots) * s->planes + c) * line;
			if (s->read(s->a, next, planes))
				goto done;
		}
		for (int c = 0; c < s->planes; c++) {
			int16_t *to = blended + c * padded;

			for (int t = 0; t < down->used; t++) {
				/* Beyond its ends the picture is its edge. */
				int row = top + t < 0 ? 0 : top + t >= s->height ? s->height - 1 : top + t;

				if (row >= next)
					row = next - 1;
				rows[t] = ring + ((size_t) (row % slots) * s->planes + c) * line;
			}
			ev_blend(rows, ev_weights(down, p), down->used, s->width, to + across->taps);
			ev_repeat_ends(to, across->taps, s->width);
			ev_across(to + across->taps, first, weights, across->taps, s->out_width, finished + (size_t) c * columns);
			out[c] = finished + (size_t) c * columns;
		}
		s->write(s->a, y, out);
	}
	result = 0;
done:
	g_free(first);
	g_free(weights);
	g_free(rows);
	ev_release(ring);
	ev_release(blended);
	ev_release(finished);
	ev_kernel_free(across);
	ev_kernel_free(down);
	return result;
}
