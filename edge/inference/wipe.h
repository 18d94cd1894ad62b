#ifndef EDGE_INFERENCE_WIPE_H
#define EDGE_INFERENCE_WIPE_H

/* Both zero what was called and has returned left on the stack of the thread that calls them, which begins at low. */
void inf_drop_stack(void *low);
void inf_zero_stack(void *low);

#endif
