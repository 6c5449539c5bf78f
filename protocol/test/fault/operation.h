/*
 * operation - what the library does for a node, an operation a row, each on objects made beforehand.
 *
 * An operation that does not keep to its promises for a failure (out is untouched) aborts.
 */
#ifndef OPERATION_H
#define OPERATION_H

#include <stddef.h>

#define OPERATION_CODES 4

struct operation {
	const char *name;
	int (*run)(void); /* 0 or the RXP_ERR_* code of what failed */
	/* How want of memory may show besides RXP_ERR_NOMEM: where OpenSSL does not tell it from
	 * something else. None of them makes a Refusal that is final. */
	int codes[OPERATION_CODES];
};

extern const struct operation operations[];
extern const size_t operation_count;

/* Make the objects; after rxp_init(). They are kept until operation_stop(). */
void operation_start(void);
void operation_stop(void);

#endif
