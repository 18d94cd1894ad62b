#ifndef EDGE_INFERENCE_POOL_H
#define EDGE_INFERENCE_POOL_H

typedef struct inf_pool inf_pool;

/* inf_pool_prepare takes the library's threads and their memory under our eyes, those that it makes from now on. It returns 0, or
 * -1 where the library is not built as it must be for that: then there can be no pool. */
int inf_pool_prepare(void *library);

/* A pool is the threads that the library keeps for one session. inf_pool_new returns NULL if there is no memory. */
inf_pool *inf_pool_new(int threads);

/* inf_pool_enter lets threads that the calling thread has the library make be of p, until it is called with NULL. */
void inf_pool_enter(inf_pool *p);

/* inf_pool_complete tells, within some time, whether p has all its threads and they sleep. */
int inf_pool_complete(inf_pool *p);

/* inf_pool_clean waits until the threads of p sleep, and zeroes what they have kept. No session of p may be running. */
void inf_pool_clean(inf_pool *p);

/* inf_pool_free is for a pool whose session is gone, and its threads with it. */
void inf_pool_free(inf_pool *p);

#endif
