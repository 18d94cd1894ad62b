#ifndef EDGE_INFERENCE_SLAB_H
#define EDGE_INFERENCE_SLAB_H

typedef struct inf_slab inf_slab;

inf_slab *inf_slab_new(void);
void inf_slab_free(inf_slab *s);

void inf_enter(inf_slab *s);
void inf_leave(void);

const char *inf_register(const char *library);
void inf_unregister(void);

/* inf_pools tells whether the library that is registered can have pools (pool.h). */
int inf_pools(void);

/* For the test that reads onnxruntime_c_api.h. */
int inf_place(const char *function);

#endif
