/*
 * status - how the node is: figures (records metric_row) and health in words.
 */
#ifndef REGISTRY_STATUS_H
#define REGISTRY_STATUS_H

#include <stdint.h>

struct node;

/* Answer the desk's request `status`. */
void status_answer(struct node *n, uint64_t request);

#endif
