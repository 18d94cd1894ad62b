/* A JPEG into memory at once, by libjpeg itself.
 *
 * libvips feeds its decoder 4 KB at a time, and libjpeg-turbo decodes Huffman codes fast only while more lies before it than a few
 * blocks may need. The lines then go through a cache, a region and another thread before they are where they should be. Where the
 * whole picture is wanted in memory anyway, the same library with the same settings, given all of the file, has the same pixels there
 * in three quarters of the time.
 */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>
#include <vips/vips.h>

#include "bridge.h"
#include "memory.h"

/* Lines are asked for in blocks of this many; libjpeg gives fewer at a time. */
enum { LINES = 16 };

typedef struct {
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	struct jpeg_progress_mgr progress;
	jmp_buf away;
	const int *stop;
} ev_decoder;

static void ev_jpeg_failed(j_common_ptr jpeg)
{
	ev_decoder *d = (ev_decoder *) jpeg;
	char text[JMSG_LENGTH_MAX];

	d->errors.format_message(jpeg, text);
	vips_error("jpeg", "%s", text);
	longjmp(d->away, 1);
}

static void ev_jpeg_silent(j_common_ptr jpeg)
{
	(void) jpeg;
}

/* libjpeg asks after every row of blocks that it has read or written, so also between the scans of a progressive picture. */
static void ev_jpeg_progress(j_common_ptr jpeg)
{
	ev_decoder *d = (ev_decoder *) jpeg;

	if (__atomic_load_n(d->stop, __ATOMIC_RELAXED)) {
		vips_error("jpeg", "stopped");
		longjmp(d->away, 1);
	}
}

static boolean ev_jpeg_cut_short(j_decompress_ptr jpeg)
{
	ERREXIT(jpeg, JERR_INPUT_EOF);
	return FALSE;
}

/* Whether this is a picture that can be read so, once its header is read: grey or three colours that libjpeg makes RGB of. libvips
 * turns the others.
 */
static int ev_jpeg_plain(const struct jpeg_decompress_struct *jpeg, const VipsImage *head)
{
	return ((jpeg->num_components == 3 && jpeg->out_color_space == JCS_RGB && head->Bands == 3)
			|| (jpeg->num_components == 1 && jpeg->out_color_space == JCS_GRAYSCALE && head->Bands == 1))
		&& head->BandFmt == VIPS_FORMAT_UCHAR && head->Coding == VIPS_CODING_NONE;
}

/* The picture that `head` would make of the file it was opened from, at so many eighths of its size, in memory, with all that head says of
 * it. 1 and no picture is for one that libvips must read. `stop` may be set by another thread.
 */
int ev_jpeg_memory(VipsImage *head, const void *data, size_t size, int eighths, int fail_on, const int *stop, VipsImage **out)
{
	int width, height;
	ev_decoder d;
	/* What is set after setjmp and used when it comes back. */
	VipsImage *volatile image = NULL;

	*out = NULL;
	memset(&d, 0, sizeof d);
	d.jpeg.err = jpeg_std_error(&d.errors);
	d.errors.error_exit = ev_jpeg_failed;
	d.errors.output_message = ev_jpeg_silent;
	d.stop = stop;
	if (setjmp(d.away)) {
		jpeg_destroy_decompress(&d.jpeg);
		if (image)
			g_object_unref(image);
		return -1;
	}
	jpeg_create_decompress(&d.jpeg);
	d.progress.progress_monitor = ev_jpeg_progress;
	d.jpeg.progress = &d.progress;
	jpeg_mem_src(&d.jpeg, data, size);
	if (fail_on != VIPS_FAIL_ON_NONE)
		d.jpeg.src->fill_input_buffer = ev_jpeg_cut_short;
	jpeg_read_header(&d.jpeg, TRUE);
	if (!ev_jpeg_plain(&d.jpeg, head)) {
		jpeg_destroy_decompress(&d.jpeg);
		return 1;
	}
	d.jpeg.scale_num = eighths;
	d.jpeg.scale_denom = 8;
	jpeg_calc_output_dimensions(&d.jpeg);
	/* Of what is left over where a side does not divide, libjpeg makes a pixel and libvips none. */
	width = (int) (d.jpeg.image_width * eighths / 8);
	height = (int) (d.jpeg.image_height * eighths / 8);
	if (width < 1 || height < 1 || width > head->Xsize || height > head->Ysize || (int) d.jpeg.output_width < width
		|| (int) d.jpeg.output_height < height) {
		jpeg_destroy_decompress(&d.jpeg);
		return 1;
	}

	image = ev_image_new(head, width, height, head->Bands, head->Type);
	if (!image) {
		vips_error("jpeg", "no memory for the picture");
		longjmp(d.away, 1);
	}
	jpeg_start_decompress(&d.jpeg);
	/* A line that is longer than the picture's is made apart, in memory of the decoder's. */
	JSAMPARRAY apart = NULL;
	size_t line = VIPS_IMAGE_SIZEOF_LINE(image);

	if ((int) d.jpeg.output_width > image->Xsize)
		apart = d.jpeg.mem->alloc_sarray((j_common_ptr) &d.jpeg, JPOOL_IMAGE, d.jpeg.output_width * image->Bands, LINES);
	for (JDIMENSION y = 0; y < (JDIMENSION) image->Ysize; y = d.jpeg.output_scanline) {
		JSAMPROW lines[LINES];
		JDIMENSION n = VIPS_MIN(LINES, (JDIMENSION) image->Ysize - y);

		for (JDIMENSION i = 0; i < n; i++)
			lines[i] = apart ? apart[i] : VIPS_IMAGE_ADDR(image, 0, y + i);
		n = jpeg_read_scanlines(&d.jpeg, lines, n);
		if (apart)
			for (JDIMENSION i = 0; i < n; i++)
				memcpy(VIPS_IMAGE_ADDR(image, 0, y + i), apart[i], line);
	}
	if (fail_on >= VIPS_FAIL_ON_WARNING && d.errors.num_warnings > 0)
		longjmp(d.away, 1);
	jpeg_destroy_decompress(&d.jpeg);
	*out = image;
	return 0;
}
