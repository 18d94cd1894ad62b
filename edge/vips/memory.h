/* What memory.c has for the other files in C. */
#ifndef EDGE_VIPS_MEMORY_H
#define EDGE_VIPS_MEMORY_H

#include <vips/vips.h>

/* 8-bit samples, all 0, with what `head` says of itself, which may be NULL; NULL where there is no memory. */
VipsImage *ev_image_new(VipsImage *head, int width, int height, int bands, VipsInterpretation type);

#endif
