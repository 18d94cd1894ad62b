/* What a thread leaves on its stack below the frame of its present function: whatever was called from there and has returned. */
#define _GNU_SOURCE /* madvise */
#include "wipe.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	MARGIN = 16 << 10,
	KEPT = 128 << 10,
};

/* The frames right below ours, of which the first are in use while this runs, are overwritten by being those of an array. */
static __attribute__((noinline)) void zero_margin(void)
{
	char frames[2 * MARGIN];

	explicit_bzero(frames, sizeof frames);
}

/* end is where the pages begin that no call from here reaches: those below it are not in use. */
static uintptr_t end(void *frame)
{
	uintptr_t page = (uintptr_t) sysconf(_SC_PAGESIZE);

	return ((uintptr_t) frame - MARGIN) / page * page;
}

/* What lies further down is given back to the kernel. */
static void drop(uintptr_t low, uintptr_t last)
{
	if (low < last)
		madvise((void *) low, last - low, MADV_DONTNEED);
}

/* inf_drop_stack is for a thread that ends. */
__attribute__((noinline)) void inf_drop_stack(void *low)
{
	zero_margin();
	drop((uintptr_t) low, end(__builtin_frame_address(0)));
}

/* inf_zero_stack is for one that goes on, and wants its pages again: it keeps as many as a run has been seen to use. */
__attribute__((noinline)) void inf_zero_stack(void *low)
{
	uintptr_t last = end(__builtin_frame_address(0)), kept = last - KEPT;

	zero_margin();
	if ((uintptr_t) low > kept)
		kept = (uintptr_t) low;
	explicit_bzero((void *) kept, last - kept);
	drop((uintptr_t) low, kept);
}
