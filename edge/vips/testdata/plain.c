/* The yardstick: what a plain C program on the same libvips needs for the two jobs that the edge is measured by.
 *
 *     cc -O2 plain.c -o plain $(pkg-config --cflags --libs vips)
 *     ./plain jpeg photo-12mp.jpg 100 1     12 MP JPEG to a JPEG 800 wide, quality 80
 *     ./plain webp photo-2mp.jpg 100 1      2 MP JPEG to a WebP 300 wide, quality 79
 *
 * The last two numbers are how often and on how many threads. It prints one line of JSON: CPU and wall time per job in
 * nanoseconds, the bytes of the result, and the peak of resident memory in kilobytes. It does what the edge's steps do
 * and nothing besides: no cache, one libvips thread a job, the decoder shrinks as far as it can without going below the
 * result, Huffman tables optimised, metadata dropped. Nothing is scrubbed, counted or checked.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <vips/vips.h>

static const char *job;
static char *file;
static gsize file_size;
static int rounds;
static size_t result_size;

static int once(void)
{
	int webp = strcmp(job, "webp") == 0;
	int target = webp ? 300 : 800;
	VipsImage *header = NULL, *in = NULL, *out = NULL;
	void *buffer = NULL;
	size_t size = 0;
	int width, shrink = 1, result;

	if (vips_jpegload_buffer(file, file_size, &header, NULL))
		return -1;
	width = header->Xsize;
	g_object_unref(header);
	while (shrink < 8 && width / (shrink * 2) >= target)
		shrink *= 2;

	if (vips_jpegload_buffer(file, file_size, &in, "shrink", shrink, "access", VIPS_ACCESS_SEQUENTIAL, NULL))
		return -1;
	if (vips_resize(in, &out, (double) target / in->Xsize, NULL)) {
		g_object_unref(in);
		return -1;
	}
	result = webp
		? vips_webpsave_buffer(out, &buffer, &size, "Q", 79, "effort", 4, "strip", TRUE, NULL)
		: vips_jpegsave_buffer(out, &buffer, &size, "Q", 80, "optimize_coding", TRUE, "strip", TRUE, NULL);
	g_object_unref(in);
	g_object_unref(out);
	g_free(buffer);
	result_size = size;
	return result;
}

static void *worker(void *a)
{
	for (int i = 0; i < rounds; i++)
		if (once()) {
			fprintf(stderr, "plain: %s\n", vips_error_buffer());
			exit(1);
		}
	vips_thread_shutdown();
	return a;
}

/* The peak of this program alone: getrusage counts from before exec. */
static long peak_kb(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];
	long kb = 0;

	while (status && fgets(line, sizeof line, status))
		sscanf(line, "VmHWM: %ld", &kb);
	if (status)
		fclose(status);
	return kb;
}

static double seconds(struct timeval t)
{
	return t.tv_sec + t.tv_usec * 1e-6;
}

int main(int argc, char **argv)
{
	struct rusage before, after;
	struct timespec start, end;
	pthread_t threads[64];
	int n;
	double cpu, wall;

	if (argc != 5 || (n = atoi(argv[4])) < 1 || n > 64 || (rounds = atoi(argv[3])) < 1) {
		fprintf(stderr, "usage: plain jpeg|webp FILE ROUNDS THREADS\n");
		return 2;
	}
	if (VIPS_INIT(argv[0]))
		return 1;
	vips_cache_set_max(0);
	vips_concurrency_set(1);
	job = argv[1];
	if (!g_file_get_contents(argv[2], &file, &file_size, NULL) || once()) {
		fprintf(stderr, "plain: %s: %s\n", argv[2], vips_error_buffer());
		return 1;
	}

	getrusage(RUSAGE_SELF, &before);
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (int i = 0; i < n; i++)
		pthread_create(&threads[i], NULL, worker, NULL);
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	clock_gettime(CLOCK_MONOTONIC, &end);
	getrusage(RUSAGE_SELF, &after);

	cpu = seconds(after.ru_utime) - seconds(before.ru_utime) + seconds(after.ru_stime) - seconds(before.ru_stime);
	wall = (double) (end.tv_sec - start.tv_sec) + (end.tv_nsec - start.tv_nsec) * 1e-9;
	printf("{\"cpu_ns\":%.0f,\"wall_ns\":%.0f,\"bytes\":%zu,\"peak_kb\":%ld}\n", cpu / rounds / n * 1e9,
		wall / rounds / n * 1e9, result_size, peak_kb());
	return 0;
}
