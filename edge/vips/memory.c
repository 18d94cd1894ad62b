/* Pictures in memory of the kernel's own: large ones, which are written once and read a few times.
 *
 * What the heap hands out it overwrites first, and again when it comes back (start.c), and a page is fetched for every 4 KB of it. A mapping
 * is zero as it comes, in pages of 2 MB where the kernel has them, and gone as soon as it is given back.
 */
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include <vips/vips.h>

#include "bridge.h"
#include "memory.h"

enum { LARGE = 1 << 20, PAGE = 2 << 20 };

typedef struct {
	void *at;
	size_t size, used;
} ev_mapping;

static _Atomic int64_t mapped, most;
static _Atomic int mappings;

void ev_mapped(int64_t *now, int64_t *high, int *count)
{
	*now = atomic_load(&mapped);
	*high = atomic_load(&most);
	*count = atomic_load(&mappings);
}

static void ev_unmap(VipsImage *image, ev_mapping *m)
{
	(void) image;
	munmap(m->at, m->size);
	atomic_fetch_sub(&mapped, (int64_t) m->used);
	atomic_fetch_sub(&mappings, 1);
	g_free(m);
}

VipsImage *ev_image_new(VipsImage *head, int width, int height, int bands, VipsInterpretation type)
{
	size_t size = (size_t) width * height * bands, all = (size + PAGE - 1) / PAGE * PAGE;
	VipsImage *image;
	ev_mapping *m;
	int64_t now, high;

	if (size < LARGE) {
		image = vips_image_new_memory();
		vips_image_init_fields(image, width, height, bands, VIPS_FORMAT_UCHAR, VIPS_CODING_NONE, type, 1, 1);
		if (vips_image_write_prepare(image)) {
			g_object_unref(image);
			return NULL;
		}
		memset(VIPS_IMAGE_ADDR(image, 0, 0), 0, size);
	}
	else {
		m = g_try_new0(ev_mapping, 1);
		if (!m)
			return NULL;
		/* Whole pages of 2 MB, and one that begins on such a border. */
		m->size = all + PAGE;
		m->used = size;
		m->at = mmap(NULL, m->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (m->at == MAP_FAILED) {
			g_free(m);
			return NULL;
		}
		char *start = (char *) (((uintptr_t) m->at + PAGE - 1) / PAGE * PAGE);

		madvise(m->at, m->size, MADV_DONTDUMP);
		madvise(start, all, MADV_HUGEPAGE);
		image = vips_image_new_from_memory(start, size, width, height, bands, VIPS_FORMAT_UCHAR);
		if (!image) {
			munmap(m->at, m->size);
			g_free(m);
			return NULL;
		}
		image->Type = type;
		now = atomic_fetch_add(&mapped, (int64_t) size) + (int64_t) size;
		high = atomic_load(&most);
		while (now > high && !atomic_compare_exchange_weak(&most, &high, now))
			;
		atomic_fetch_add(&mappings, 1);
		g_signal_connect(image, "postclose", G_CALLBACK(ev_unmap), m);
	}
	if (head) {
		if (vips_image_pipelinev(image, VIPS_DEMAND_STYLE_ANY, head, NULL)) {
			g_object_unref(image);
			return NULL;
		}
		vips_image_remove(image, VIPS_META_SEQUENTIAL);
		image->Xsize = width;
		image->Ysize = height;
		image->Bands = bands;
		image->Type = type;
	}
	return image;
}
