/* The memory of a run. ONNX Runtime takes it from here instead of from the C heap: from a slab that belongs to the run and is
 * zeroed when it ends. Two reasons: what the heap gets back it overwrites block by block, and large blocks go back to the kernel
 * each time (vips/start.c), which cost a matte half as much again; and what is ours can be zeroed without a doubt.
 */
#define _GNU_SOURCE /* memory maps, the attributes of a thread */
#include "slab.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pool.h"
#include "wipe.h"

enum {
	ALIGN = 256,        /* what ONNX Runtime asks of its own allocator, at most */
	BLOCKS = 4096,      /* of a slab at one moment; a net has some tens */
	SIZE = 64 << 20,    /* address space; only what was used is memory, 9 MB for our matte. What does not fit is of the heap */
};

/* A slab is cut into blocks, in the order of their addresses and without gaps. */
struct block {
	size_t at, size;
	int used;
};

struct inf_slab {
	pthread_mutex_t lock; /* of what follows: another thread of a wide run may give a block back */
	char *base;
	size_t high; /* no byte from here on was given out since the last wipe */
	int count;
	struct block block[BLOCKS];
	inf_slab *next;
};

static pthread_rwlock_t listing = PTHREAD_RWLOCK_INITIALIZER;
static inf_slab *slabs; /* all there are */

static __thread inf_slab *current; /* of the run that this thread is in */

inf_slab *inf_slab_new(void)
{
	inf_slab *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->base = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (s->base == MAP_FAILED) {
		free(s);
		return NULL;
	}
	madvise(s->base, SIZE, MADV_DONTDUMP);
	s->block[0] = (struct block){ 0, SIZE, 0 };
	s->count = 1;
	pthread_mutex_init(&s->lock, NULL);
	pthread_rwlock_wrlock(&listing);
	s->next = slabs;
	slabs = s;
	pthread_rwlock_unlock(&listing);
	return s;
}

void inf_slab_free(inf_slab *s)
{
	pthread_rwlock_wrlock(&listing);
	for (inf_slab **at = &slabs; *at; at = &(*at)->next)
		if (*at == s) {
			*at = s->next;
			break;
		}
	pthread_rwlock_unlock(&listing);
	pthread_mutex_destroy(&s->lock);
	munmap(s->base, SIZE);
	free(s);
}

/* inf_enter lets what this thread asks for come from s. */
void inf_enter(inf_slab *s)
{
	current = s;
}

static void wipe_stack(void)
{
	pthread_attr_t attr;
	void *low;
	size_t size;

	if (pthread_getattr_np(pthread_self(), &attr) != 0)
		return;
	if (pthread_attr_getstack(&attr, &low, &size) == 0)
		inf_drop_stack(low);
	pthread_attr_destroy(&attr);
}

/* inf_leave ends that. It zeroes what was given out and has come back (what a layer keeps beyond the run stays as it is), and the
 * stack. The thread must not be the first of the process, whose stack is another matter. */
void inf_leave(void)
{
	inf_slab *s = current;
	size_t high = 0;

	current = NULL;
	pthread_mutex_lock(&s->lock);
	for (int i = 0; i < s->count && s->block[i].at < s->high; i++) {
		struct block *b = &s->block[i];
		size_t end = b->at + b->size < s->high ? b->at + b->size : s->high;

		if (b->used)
			high = end;
		else
			explicit_bzero(s->base + b->at, end - b->at);
	}
	s->high = high;
	pthread_mutex_unlock(&s->lock);
	wipe_stack();
}

static void *take(inf_slab *s, size_t size)
{
	void *p = NULL;

	if (size > SIZE)
		return NULL;
	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	pthread_mutex_lock(&s->lock);
	for (int i = 0; i < s->count; i++) {
		struct block *b = &s->block[i];

		if (b->used || b->size < size)
			continue;
		if (b->size > size) {
			if (s->count == BLOCKS)
				break;
			memmove(b + 2, b + 1, (s->count - i - 1) * sizeof *b);
			b[1] = (struct block){ b->at + size, b->size - size, 0 };
			b->size = size;
			s->count++;
		}
		b->used = 1;
		if (b->at + size > s->high)
			s->high = b->at + size;
		p = s->base + b->at;
		break;
	}
	pthread_mutex_unlock(&s->lock);
	return p;
}

/* join makes one block of two neighbours. */
static void join(inf_slab *s, int i)
{
	struct block *b = &s->block[i];

	b->size += b[1].size;
	memmove(b + 1, b + 2, (s->count - i - 2) * sizeof *b);
	s->count--;
}

/* give puts a block back and tells whether it was one of a slab. */
static int give(void *p)
{
	inf_slab *s;

	pthread_rwlock_rdlock(&listing);
	for (s = slabs; s; s = s->next)
		if ((char *) p >= s->base && (char *) p < s->base + SIZE)
			break;
	if (s) {
		pthread_mutex_lock(&s->lock);
		for (int i = 0; i < s->count; i++) {
			if (s->base + s->block[i].at != p)
				continue;
			s->block[i].used = 0;
			if (i + 1 < s->count && !s->block[i + 1].used)
				join(s, i);
			if (i > 0 && !s->block[i - 1].used)
				join(s, i - 1);
			break;
		}
		pthread_mutex_unlock(&s->lock);
	}
	pthread_rwlock_unlock(&listing);
	return s != NULL;
}

/* What ONNX Runtime calls: OrtAllocator of onnxruntime_c_api.h. What is not asked for by a run, such as weights, is of the heap. */
struct allocator {
	uint32_t version;
	void *(*alloc)(struct allocator *, size_t);
	void (*free)(struct allocator *, void *);
	const void *(*info)(const struct allocator *);
	void *(*reserve)(struct allocator *, size_t);
	void *(*stats)(const struct allocator *, void **);
	void *(*alloc_on_stream)(struct allocator *, size_t, void *);
};

static void *info; /* OrtMemoryInfo */

static void *ours_alloc(struct allocator *a, size_t size)
{
	void *p = NULL;

	(void) a;
	if (size == 0)
		return NULL;
	if (current && (p = take(current, size)))
		return p;
	return posix_memalign(&p, ALIGN, size) == 0 ? p : NULL;
}

static void ours_free(struct allocator *a, void *p)
{
	(void) a;
	if (p && !give(p))
		free(p);
}

static const void *ours_info(const struct allocator *a)
{
	(void) a;
	return info;
}

enum { API = 24 }; /* ORT_API_VERSION */

static struct allocator ours = { API, ours_alloc, ours_free, ours_info, NULL, NULL, NULL };

/* Places in OrtApi, a table to which functions are only ever added. They stand here since the header that onnxruntime_go
 * brings along cannot be included from another module; TestPlaces compares them with it. */
enum {
	CREATE_ENV = 3,
	CREATE_CPU_MEMORY_INFO = 69,
	RELEASE_ENV = 92,
	RELEASE_STATUS = 93,
	RELEASE_MEMORY_INFO = 94,
	REGISTER_ALLOCATOR = 176,
	UNREGISTER_ALLOCATOR = 177,
};

int inf_place(const char *function)
{
	static const struct { const char *name; int place; } places[] = {
		{ "CreateEnv", CREATE_ENV },
		{ "CreateCpuMemoryInfo", CREATE_CPU_MEMORY_INFO },
		{ "ReleaseEnv", RELEASE_ENV },
		{ "ReleaseStatus", RELEASE_STATUS },
		{ "ReleaseMemoryInfo", RELEASE_MEMORY_INFO },
		{ "RegisterAllocator", REGISTER_ALLOCATOR },
		{ "UnregisterAllocator", UNREGISTER_ALLOCATOR },
	};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (strcmp(places[i].name, function) == 0)
			return places[i].place;
	return -1;
}

static struct {
	void *library, *env;
	void *const *api;
	int pools; /* it can have pools */
} ort;

/* wrong takes a status (OrtStatus), which is NULL where all went well. */
static int wrong(void *status)
{
	if (status)
		((void (*)(void *)) ort.api[RELEASE_STATUS])(status);
	return status != NULL;
}

/* inf_register makes this the allocator of every session that asks for that of the environment. The library is in use already,
 * and so is the environment, of which there is one in a process: it is the same that comes back here. */
const char *inf_register(const char *library)
{
	struct { void *const *(*api)(uint32_t); } *base;
	const void *(*get)(void);

	if (!(ort.library = dlopen(library, RTLD_LAZY | RTLD_NOLOAD)))
		return "it is not loaded";
	*(void **) &get = dlsym(ort.library, "OrtGetApiBase");
	base = get ? (void *) get() : NULL;
	if (!base || !(ort.api = base->api(API))) {
		inf_unregister();
		return "it is of another version";
	}
	if (wrong(((void *(*)(int, const char *, void **)) ort.api[CREATE_ENV])(4 /* fatal */, "edge", &ort.env)) ||
		wrong(((void *(*)(int, int, void **)) ort.api[CREATE_CPU_MEMORY_INFO])(0 /* device */, 0 /* default */, &info)) ||
		wrong(((void *(*)(void *, void *)) ort.api[REGISTER_ALLOCATOR])(ort.env, &ours))) {
		inf_unregister();
		return "it does not take an allocator";
	}
	ort.pools = inf_pool_prepare(ort.library) == 0;
	return NULL;
}

int inf_pools(void)
{
	return ort.pools;
}

void inf_unregister(void)
{
	if (ort.env && info)
		wrong(((void *(*)(void *, void *)) ort.api[UNREGISTER_ALLOCATOR])(ort.env, info));
	if (info)
		((void (*)(void *)) ort.api[RELEASE_MEMORY_INFO])(info);
	if (ort.env)
		((void (*)(void *)) ort.api[RELEASE_ENV])(ort.env);
	if (ort.library)
		dlclose(ort.library);
	info = NULL;
	memset(&ort, 0, sizeof ort);
}
