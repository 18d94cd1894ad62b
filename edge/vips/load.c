/* Opening pictures: header first, pixels later and lazily. */
#include <string.h>

#include <vips/vips.h>

#include "bridge.h"

int ev_load(int format, const void *data, size_t size, int shrink, double scale, int fail_on, VipsImage **out)
{
	void *buffer = (void *) data;
	VipsAccess access = VIPS_ACCESS_SEQUENTIAL;
	VipsFailOn fail = (VipsFailOn) fail_on;

	*out = NULL;
	switch (format) {
	case EV_JPEG:
		return vips_jpegload_buffer(buffer, size, out, "shrink", shrink, "access", access, "fail_on", fail, NULL);
	case EV_PNG:
		return vips_pngload_buffer(buffer, size, out, "access", access, "fail_on", fail, NULL);
	case EV_WEBP:
		return vips_webpload_buffer(buffer, size, out, "scale", scale, "page", 0, "n", 1, "access", access, "fail_on",
			fail, NULL);
	case EV_AVIF:
		return vips_heifload_buffer(buffer, size, out, "n", 1, "access", access, "fail_on", fail, NULL);
	case EV_GIF:
		return vips_gifload_buffer(buffer, size, out, "page", 0, "n", 1, "access", access, "fail_on", fail, NULL);
	case EV_TIFF:
		return vips_tiffload_buffer(buffer, size, out, "page", 0, "n", 1, "access", access, "fail_on", fail, NULL);
	}
	vips_error("edge", "no loader for format %d", format);
	return -1;
}

static long ev_icc_size(VipsImage *image)
{
	const void *profile;
	size_t size;

	if (vips_image_get_typeof(image, VIPS_META_ICC_NAME) == 0
		|| vips_image_get_blob(image, VIPS_META_ICC_NAME, &profile, &size))
		return 0;
	return (long) size;
}

int ev_probe(int format, const void *data, size_t size, ev_info *info)
{
	VipsImage *image;

	if (ev_load(format, data, size, 1, 1.0, VIPS_FAIL_ON_NONE, &image))
		return -1;

	info->width = image->Xsize;
	info->height = image->Ysize;
	info->bands = image->Bands;
	info->bits = (int) (8 * VIPS_IMAGE_SIZEOF_ELEMENT(image));
	info->alpha = vips_image_hasalpha(image);
	info->cmyk = image->Type == VIPS_INTERPRETATION_CMYK;
	info->pages = vips_image_get_n_pages(image);
	info->orientation = ev_orientation(image);
	info->icc = ev_icc_size(image);
	/* 1 pixel per mm is what libvips says when the file says nothing. */
	info->dpi = image->Xres > 0 && image->Xres != 1.0 ? image->Xres * 25.4 : 0;

	g_object_unref(image);
	return 0;
}

int ev_from_pixels(const void *data, size_t size, int width, int height, int bands, VipsImage **out)
{
	VipsImage *image = vips_image_new_from_memory_copy(data, size, width, height, bands, VIPS_FORMAT_UCHAR);

	if (!image)
		return -1;
	image->Type = bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
	*out = image;
	return 0;
}

int ev_pixels(VipsImage *in, void *data, size_t size)
{
	VipsImage *memory = vips_image_new_from_memory(data, size, in->Xsize, in->Ysize, in->Bands, in->BandFmt);
	int result;

	if (!memory)
		return -1;
	result = vips_image_write(in, memory);
	g_object_unref(memory);
	return result;
}
