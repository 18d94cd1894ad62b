#ifndef EDGE_INFERENCE_HOOK_H
#define EDGE_INFERENCE_HOOK_H

typedef void (*inf_function)(void);

/* A function that a library imports, and the one that it shall call instead. */
struct inf_hook {
	const char *name;
	inf_function ours;
};

/* inf_replace does that for a library that was opened with dlopen. It returns which of the functions the library imports, a bit
 * for each hook, the first the lowest; 0 if it could not be done, in which case some calls may go to ours and others not. */
unsigned inf_replace(void *library, const struct inf_hook *hooks, int count);

#endif
