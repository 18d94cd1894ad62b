/* Starting libvips so that a photo can neither be cached, nor spilled to disk, nor read by a loader we did not choose, and
 * so that what is freed is overwritten.
 */
#include <dlfcn.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <gmodule.h>
#include <vips/vips.h>

#include "bridge.h"

/* bimg starts libvips from a Go init function, before any line of ours in Go. So what libvips reads from the environment
 * is set when the program is loaded, before both.
 *
 * No decoded image can reach the threshold: the pixel cap stops it far below.
 *
 * VIPSHOME is where libvips looks for modules. Debian's are ImageMagick, OpenSlide, Poppler and JPEG XL, which nobody
 * here may use and which would be mapped into the process all the same, and libheif, which ev_load_heif fetches alone.
 */
__attribute__((constructor)) static void ev_before_everything(void)
{
	setenv("VIPS_DISC_THRESHOLD", "1000000g", 1);
	setenv("VIPS_CONCURRENCY", "1", 0);
	setenv("VIPSHOME", "/nonexistent", 1);
}

/* Where libvips is built with modules, the one for AVIF lies beside the library. */
static void ev_load_heif(void)
{
	Dl_info library;
	GModule *module;
	char *folder, *path;

	if (ev_can_load(EV_AVIF) || !dladdr((void *) vips_version_string, &library) || !library.dli_fname)
		return;
	folder = g_path_get_dirname(library.dli_fname);
	path = g_strdup_printf("%s/vips-modules-%d.%d/vips-heif.so", folder, vips_version(0), vips_version(1));
	if ((module = g_module_open(path, G_MODULE_BIND_LAZY)))
		g_module_make_resident(module);
	g_free(path);
	g_free(folder);
}

/* Warnings of libvips quote the file that caused them; they are counted as errors where they matter, and never printed. */
static void ev_silence(const char *domain, GLogLevelFlags level, const char *message, void *data)
{
	(void) domain;
	(void) level;
	(void) message;
	(void) data;
}

int ev_start(int concurrency)
{
	static const char *const allowed[] = {
		"VipsForeignLoadJpeg",
		"VipsForeignLoadPng",
		"VipsForeignLoadWebp",
		"VipsForeignLoadHeif",
		"VipsForeignLoadNsgif",
		"VipsForeignLoadTiff",
	};

	if (VIPS_INIT("edge"))
		return -1;
	unsetenv("VIPSHOME");
	ev_load_heif();

	vips_cache_set_max(0);
	vips_cache_set_max_mem(0);
	vips_cache_set_max_files(0);
	vips_concurrency_set(concurrency);
	vips_leak_set(FALSE);

	/* Everything off, then what we chose on, then what libvips itself does not trust off again. */
	vips_operation_block_set("VipsForeignLoad", TRUE);
	for (size_t i = 0; i < G_N_ELEMENTS(allowed); i++)
		vips_operation_block_set(allowed[i], FALSE);
	vips_block_untrusted_set(TRUE);

	g_log_set_handler("VIPS", G_LOG_LEVEL_WARNING | G_LOG_LEVEL_INFO | G_LOG_LEVEL_MESSAGE, ev_silence, NULL);

#ifdef __GLIBC__
	/* Freed memory is overwritten, so a photo does not outlive its request in the heap. Blocks of a megabyte or more are
	 * given back to the kernel at once instead, which zeroes them for their next user. */
	mallopt(M_PERTURB, 0xA5);
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
	mallopt(M_TRIM_THRESHOLD, 4 << 20);
	mallopt(M_ARENA_MAX, 4);
#endif
	return 0;
}

void ev_error(char *text, size_t size)
{
	char *copy = vips_error_buffer_copy(); /* copies and clears under libvips' lock */

	g_strlcpy(text, copy ? copy : "", size);
	g_free(copy);
}

void ev_unref(VipsImage *image)
{
	g_object_unref(image);
}

void ev_ref(VipsImage *image)
{
	g_object_ref(image);
}

void ev_wipe_free(void *data, size_t size)
{
	if (data) {
		explicit_bzero(data, size);
		g_free(data);
	}
}

void ev_memory(int64_t *now, int64_t *high, int *allocs, int *files)
{
	int64_t mapped, most;
	int mappings;

	ev_mapped(&mapped, &most, &mappings);
	*now = (int64_t) vips_tracked_get_mem() + mapped;
	*high = (int64_t) vips_tracked_get_mem_highwater() + most; /* at most: each may have been at another time */
	*allocs = vips_tracked_get_allocs() + mappings;
	*files = vips_tracked_get_files();
}

void ev_trim(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

const char *ev_version(void)
{
	return vips_version_string();
}

uint64_t ev_disc_threshold(void)
{
	return vips_get_disc_threshold();
}

int ev_can_load(int format)
{
	static const char *const names[] = { NULL, "jpegload_buffer", "pngload_buffer", "webpload_buffer",
		"heifload_buffer", "gifload_buffer", "tiffload_buffer" };

	return format > EV_UNKNOWN && format <= EV_TIFF && vips_type_find("VipsOperation", names[format]) != 0;
}

int ev_can_save(int format)
{
	static const char *const names[] = { NULL, "jpegsave_buffer", "pngsave_buffer", "webpsave_buffer", "heifsave_buffer" };

	return format > EV_UNKNOWN && format <= EV_AVIF && vips_type_find("VipsOperation", names[format]) != 0;
}
