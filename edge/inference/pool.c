/* The threads that ONNX Runtime keeps for a session that runs wide. They live on between runs, and so does what they hold:
 * pieces of a picture on their stacks, and in the blocks in which MLAS packs matrices, one for each thread. So we see to four
 * things that the library imports (hook.c): how it makes a thread, which then gets a stack of ours; how a thread of its waits
 * for work, which zeroes its stack first; and how a thread of its asks for a block and frees it, which is then one of ours
 * that may be zeroed at any time.
 */
#define _GNU_SOURCE /* memory maps */
#include "pool.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "hook.h"
#include "wipe.h"

enum {
	STACK = 1 << 20, /* of a thread. Elsewhere ONNX Runtime does with half of it */
	GUARD = 64 << 10, /* of that: no page of the kernel is larger */
	PATIENCE = 5,     /* seconds */
};

struct worker {
	inf_pool *pool;
	char *stack; /* STACK bytes, the guard first */
	void *(*work)(void *);
	void *arg;
};

struct inf_pool {
	pthread_mutex_t lock; /* of what follows; a thread that sleeps needs it to go on */
	pthread_cond_t rested;
	int wanted, made, resting;
	struct worker worker[];
};

/* A block that a thread of a pool asked for. It has pages of its own, so that whatever becomes of it, nothing else is there. */
struct block {
	void *at;
	size_t size;
	inf_pool *pool;
	struct block *next;
};

static pthread_mutex_t listing = PTHREAD_MUTEX_INITIALIZER;
static struct block *blocks; /* all there are */

static __thread inf_pool *entered; /* that a thread which this one makes will be of */
static __thread struct worker *self; /* this thread, if it is of a pool */

static void (*library_wait)(void *, void *); /* std::condition_variable::wait of the library's C++ */

inf_pool *inf_pool_new(int threads)
{
	inf_pool *p = calloc(1, sizeof *p + threads * sizeof *p->worker);
	pthread_condattr_t attr;

	if (!p)
		return NULL;
	p->wanted = threads;
	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->rested, &attr);
	pthread_condattr_destroy(&attr);
	return p;
}

void inf_pool_enter(inf_pool *p)
{
	entered = p;
}

int inf_pool_complete(inf_pool *p)
{
	struct timespec until;
	int complete, late = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += PATIENCE;
	pthread_mutex_lock(&p->lock);
	while (!(complete = p->resting == p->wanted) && !late)
		late = pthread_cond_timedwait(&p->rested, &p->lock, &until) != 0;
	pthread_mutex_unlock(&p->lock);
	return complete;
}

void inf_pool_clean(inf_pool *p)
{
	pthread_mutex_lock(&p->lock);
	while (p->resting < p->made)
		pthread_cond_wait(&p->rested, &p->lock);
	/* From here on none of them goes on before the lock is free. */
	pthread_mutex_lock(&listing);
	for (struct block *b = blocks; b; b = b->next)
		if (b->pool == p)
			explicit_bzero(b->at, b->size);
	pthread_mutex_unlock(&listing);
	pthread_mutex_unlock(&p->lock);
}

void inf_pool_free(inf_pool *p)
{
	pthread_mutex_lock(&listing);
	for (struct block *b = blocks; b; b = b->next)
		if (b->pool == p)
			b->pool = NULL; /* the library holds on to it, whatever for */
	pthread_mutex_unlock(&listing);
	for (int i = 0; i < p->made; i++)
		munmap(p->worker[i].stack, STACK);
	pthread_cond_destroy(&p->rested);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* What the library calls. */

static void *begin(void *arg)
{
	sigset_t all;

	/* A handler would have the registers written to the stack. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	self = arg;
	return self->work(self->arg);
}

/* Threads are made one after the other: only the one that entered the pool makes any. */
static int our_create(pthread_t *thread, const pthread_attr_t *theirs, void *(*work)(void *), void *arg)
{
	inf_pool *p = entered;
	struct worker *w;
	pthread_attr_t attr;
	char *stack;
	int fault;

	if (!p)
		return pthread_create(thread, theirs, work, arg);
	if (p->made == p->wanted)
		return EAGAIN;
	stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (stack == MAP_FAILED)
		return EAGAIN;
	madvise(stack, STACK, MADV_DONTDUMP);
	w = &p->worker[p->made];
	*w = (struct worker){ p, stack, work, arg };
	if ((fault = mprotect(stack, GUARD, PROT_NONE) == 0 ? pthread_attr_init(&attr) : EAGAIN) == 0) {
		if ((fault = pthread_attr_setstack(&attr, stack + GUARD, STACK - GUARD)) == 0)
			fault = pthread_create(thread, &attr, begin, w);
		pthread_attr_destroy(&attr);
	}
	if (fault) {
		munmap(stack, STACK);
		return fault;
	}
	pthread_mutex_lock(&p->lock);
	p->made++;
	pthread_mutex_unlock(&p->lock);
	return 0;
}

static void our_wait(void *condition, void *lock)
{
	inf_pool *p;

	if (!self) {
		library_wait(condition, lock);
		return;
	}
	p = self->pool;
	inf_zero_stack(self->stack + GUARD);
	pthread_mutex_lock(&p->lock);
	p->resting++;
	pthread_cond_signal(&p->rested);
	pthread_mutex_unlock(&p->lock);
	library_wait(condition, lock);
	pthread_mutex_lock(&p->lock);
	p->resting--;
	pthread_mutex_unlock(&p->lock);
}

static void *get(size_t size)
{
	struct block *b = malloc(sizeof *b);

	if (!b)
		return NULL;
	b->at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (b->at == MAP_FAILED) {
		free(b);
		return NULL;
	}
	madvise(b->at, size, MADV_DONTDUMP);
	b->size = size;
	b->pool = self->pool;
	pthread_mutex_lock(&listing);
	b->next = blocks;
	blocks = b;
	pthread_mutex_unlock(&listing);
	return b->at;
}

enum { PAGE = 4096 }; /* the least that one has */

static int our_posix_memalign(void **p, size_t alignment, size_t size)
{
	void *at;

	if (!self || alignment > PAGE || size == 0)
		return posix_memalign(p, alignment, size);
	if (!(at = get(size)))
		return ENOMEM;
	*p = at;
	return 0;
}

static void *our_aligned_alloc(size_t alignment, size_t size)
{
	return !self || alignment > PAGE || size == 0 ? aligned_alloc(alignment, size) : get(size);
}

/* Any thread may free a block, and most of what is freed is none of ours: no block of the heap begins with a page, but for few. */
static void our_free(void *p)
{
	struct block *b = NULL;

	if (p && (uintptr_t) p % PAGE == 0) {
		pthread_mutex_lock(&listing);
		for (struct block **at = &blocks; (b = *at); at = &b->next)
			if (b->at == p) {
				*at = b->next;
				break;
			}
		pthread_mutex_unlock(&listing);
	}
	if (!b) {
		free(p);
		return;
	}
	munmap(b->at, b->size);
	free(b);
}

int inf_pool_prepare(void *library)
{
	static const char wait[] = "_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE";
	static const struct inf_hook hooks[] = {
		{ wait, (inf_function) our_wait },
		{ "pthread_create", (inf_function) our_create },
		{ "free", (inf_function) our_free },
		{ "posix_memalign", (inf_function) our_posix_memalign },
		{ "aligned_alloc", (inf_function) our_aligned_alloc },
	};
	enum { NEEDED = 7, EITHER = 8 | 16 }; /* it may have one way alone to ask for a block */
	unsigned found;

	*(void **) &library_wait = dlsym(library, wait);
	if (!library_wait)
		return -1;
	found = inf_replace(library, hooks, sizeof hooks / sizeof *hooks);
	return (found & NEEDED) == NEEDED && found & EITHER ? 0 : -1;
}
