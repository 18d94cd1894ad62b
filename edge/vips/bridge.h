/* The C side of package vips. It includes nothing of libvips, so that cgo reads it in a moment; the .c files do.
 *
 * Every function that returns int returns 0 when it worked and -1 when it did not, with the reason in libvips' error
 * buffer (ev_error). An image given in `in` stays the caller's; one returned in `out` is the caller's to unref.
 */
#ifndef EDGE_VIPS_BRIDGE_H
#define EDGE_VIPS_BRIDGE_H

#include <stddef.h>
#include <stdint.h>

typedef struct _VipsImage VipsImage;

/* Must agree with Format in format.go. */
enum { EV_UNKNOWN, EV_JPEG, EV_PNG, EV_WEBP, EV_AVIF, EV_GIF, EV_TIFF, EV_HEIC };

typedef struct {
	int width, height;
	int bands;       /* alpha included */
	int bits;        /* of a sample as decoded: 8, 16, 32 */
	int alpha;
	int cmyk;
	int pages;
	int orientation; /* EXIF, 1 when there is none */
	long icc;        /* bytes of colour profile, 0 when there is none */
	double dpi;      /* 0 when the file does not say */
} ev_info;

typedef struct {
	int format;
	int quality;
	int subsample444;
	int strip;
	int effort;
	int progressive;
	int quick;       /* JPEG: the usual Huffman tables */
	int compression;
	double dpi;      /* 0: keep what the image has */
} ev_save_options;

/* start.c */
int ev_start(int concurrency);
void ev_error(char *text, size_t size);
void ev_unref(VipsImage *image);
void ev_ref(VipsImage *image);
void ev_wipe_free(void *data, size_t size);
void ev_memory(int64_t *now, int64_t *high, int *allocs, int *files);
void ev_trim(void);
const char *ev_version(void);
int ev_can_load(int format);
int ev_can_save(int format);
uint64_t ev_disc_threshold(void);

/* load.c */
int ev_probe(int format, const void *data, size_t size, ev_info *info);
int ev_load(int format, const void *data, size_t size, int shrink, double scale, int fail_on, VipsImage **out);
int ev_from_pixels(const void *data, size_t size, int width, int height, int bands, VipsImage **out);
int ev_pixels(VipsImage *in, void *data, size_t size);

/* ops.c */
int ev_width(VipsImage *in);
int ev_height(VipsImage *in);
int ev_bands(VipsImage *in);
int ev_has_alpha(VipsImage *in);
int ev_orientation(VipsImage *in);
void ev_kill(VipsImage *in);
int ev_copy_memory(VipsImage *in, VipsImage **out);
int ev_autorotate(VipsImage *in, VipsImage **out);
int ev_rotate(VipsImage *in, VipsImage **out, int degrees);
int ev_flip(VipsImage *in, VipsImage **out, int vertical);
int ev_to_srgb(VipsImage *in, VipsImage **out, int keep_grey);
int ev_resize(VipsImage *in, VipsImage **out, int width, int height);
int ev_crop(VipsImage *in, VipsImage **out, int x, int y, int width, int height);
int ev_smartcrop(VipsImage *in, VipsImage **out, int width, int height);
int ev_embed(VipsImage *in, VipsImage **out, int x, int y, int width, int height, int clear, int r, int g, int b);
int ev_insert(VipsImage *in, VipsImage *sub, VipsImage **out, int x, int y);
int ev_flatten(VipsImage *in, VipsImage **out, int r, int g, int b);
int ev_blur(VipsImage *in, VipsImage **out, double sigma);
int ev_sharpen(VipsImage *in, VipsImage **out, double sigma);
int ev_strip(VipsImage *in, VipsImage **out, double dpi);
int ev_keep(VipsImage *in, VipsImage **out, double dpi);

/* scale.c */
int ev_can_scale(VipsImage *in, int width, int height);
int ev_scale(VipsImage *in, VipsImage **out, int width, int height);

/* memory.c */
void ev_mapped(int64_t *now, int64_t *high, int *count);

/* jpeg.c */
int ev_jpeg_memory(VipsImage *head, const void *data, size_t size, int eighths, int upright, int fail_on, const int *stop, VipsImage **out);

/* save.c */
int ev_save(VipsImage *in, const ev_save_options *options, void **data, size_t *size);

/* resample.c */
int ev_resample(VipsImage *in, VipsImage **out, const double m[6], int width, int height, int r, int g, int b);
int ev_resample_pixels(const uint8_t *source, int source_width, int source_height, uint8_t *target, int width, int height,
	const double m[6], const uint8_t background[3], int direct);

/* raster.c */
void *ev_data(VipsImage *in);
int ev_grey(int width, int height, VipsImage **out);
int ev_add_alpha(VipsImage *in, VipsImage *alpha, VipsImage **out);
int ev_average(const uint8_t *pixels, size_t stride, int width, int height, uint8_t *out, size_t out_stride, int out_width, int out_height);
void ev_warp(const uint8_t *pixels, int width, int height, const double m[6], uint8_t *out, int out_width, int out_height);

/* filter.c */
int ev_wide(int on);

#endif
