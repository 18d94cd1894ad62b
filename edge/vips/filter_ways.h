/* The inner loops of filter.c, once for each kind of vectors: filter.c includes this file with WAY(name) naming them,
 * TARGET telling the compiler what it may use, and DOTS(at, weights, taps, out) being four sums of products.
 */

TARGET static void WAY(ev_filter)(const ev_kernel *kernel, const int16_t *const *lines, const int64_t *position, int n,
	int count, int16_t *out, ptrdiff_t stride, int used)
{
	const int16_t *weights = kernel->weights;
	int64_t step = ev_step(kernel);
	int taps = kernel->taps, reach = kernel->reach;

	for (int k = 0; k < count; k++, out += stride) {
		int64_t moved = k * step;

		for (int r = 0; r < used; r += 4) {
			const int16_t *at[4], *w[4];

			for (int i = 0; i < 4; i++) {
				int64_t p = position[r + i] + moved;
				ptrdiff_t first = (ptrdiff_t) (p >> 32) - reach;

				/* Beyond its ends a line is its end. */
				first = first < -taps ? -taps : first > n ? n : first;
				at[i] = lines[r + i] + first;
				w[i] = weights + ((p >> (32 - EV_PHASE_BITS)) & (EV_PHASES - 1)) * taps;
			}
			DOTS(at, w, taps, out + r);
		}
	}
}

TARGET static void WAY(ev_across)(const int16_t *line, const int *first, const int16_t *const *weights, int taps, int count,
	int16_t *out)
{
	for (int k = 0; k < count; k += 4) {
		const int16_t *at[4] = { line + first[k], line + first[k + 1], line + first[k + 2], line + first[k + 3] };

		DOTS(at, weights + k, taps, out + k);
	}
}
