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

/* Where the pixels of a stored picture go when it is turned upright (TIFF 6.0, tag 274): its first one, and by how much each step right and
 * down in it moves.
 */
typedef struct {
	uint8_t *first;
	ptrdiff_t right, down;
} ev_places;

static ev_places ev_upright_places(VipsImage *image, int orientation, int width, int height)
{
	ptrdiff_t pixel = image->Bands, line = (ptrdiff_t) VIPS_IMAGE_SIZEOF_LINE(image);
	int swaps = orientation >= 5;
	ev_places p = { VIPS_IMAGE_ADDR(image, 0, 0), swaps ? line : pixel, swaps ? pixel : line };

	if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8) {
		p.first += (width - 1) * p.right;
		p.right = -p.right;
	}
	if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7) {
		p.first += (height - 1) * p.down;
		p.down = -p.down;
	}
	return p;
}

/* n lines of the stored picture, of which the first is line y. They are few enough to be at hand still. */
static void ev_turn_lines(ev_places p, int y, int n, int width, int bands, JSAMPARRAY lines)
{
	for (int x = 0; x < width; x++) {
		uint8_t *to = p.first + x * p.right + y * p.down;

		if (bands == 1)
			for (int i = 0; i < n; i++, to += p.down)
				to[0] = lines[i][x];
		else
			for (int i = 0; i < n; i++, to += p.down)
				memcpy(to, lines[i] + 3 * x, 3);
	}
}

/* The picture that `head` would make of the file it was opened from, at so many eighths of its size, in memory, with all that head says of
 * it, and turned as its orientation says where `upright` is set. 1 and no picture is for one that libvips must read. `stop` may be set by
 * another thread.
 */
int ev_jpeg_memory(VipsImage *head, const void *data, size_t size, int eighths, int upright, int fail_on, const int *stop, VipsImage **out)
{
	int width, height, orientation = upright ? vips_image_get_orientation(head) : 1;
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

	image = orientation >= 5 ? ev_image_new(head, height, width, head->Bands, head->Type)
							 : ev_image_new(head, width, height, head->Bands, head->Type);
	if (!image) {
		vips_error("jpeg", "no memory for the picture");
		longjmp(d.away, 1);
	}
	jpeg_start_decompress(&d.jpeg);
	/* Lines that are longer than the picture's, or that go elsewhere, are made apart, in memory of the decoder's. */
	JSAMPARRAY apart = NULL;
	size_t line = (size_t) width * image->Bands;
	ev_places places = ev_upright_places(image, orientation, width, height);

	if (orientation != 1)
		vips_autorot_remove_angle(image);
	if ((int) d.jpeg.output_width > width || orientation != 1)
		apart = d.jpeg.mem->alloc_sarray((j_common_ptr) &d.jpeg, JPOOL_IMAGE, d.jpeg.output_width * image->Bands, LINES);
	for (int y = 0; y < height;) {
		JSAMPROW lines[LINES];
		int n = VIPS_MIN(LINES, height - y);

		for (int i = 0; i < n; i++)
			lines[i] = apart ? apart[i] : VIPS_IMAGE_ADDR(image, 0, y + i);
		for (int i = 0; i < n;) { /* a few at a time */
			int made = (int) jpeg_read_scanlines(&d.jpeg, lines + i, n - i);

			if (made == 0)
				ERREXIT(&d.jpeg, JERR_INPUT_EOF);
			i += made;
		}
		if (orientation != 1)
			ev_turn_lines(places, y, n, width, image->Bands, lines);
		else if (apart)
			for (int i = 0; i < n; i++)
				memcpy(VIPS_IMAGE_ADDR(image, 0, y + i), lines[i], line);
		y += n;
	}
	if (fail_on >= VIPS_FAIL_ON_WARNING && d.errors.num_warnings > 0)
		longjmp(d.away, 1);
	jpeg_destroy_decompress(&d.jpeg);
	*out = image;
	return 0;
}
