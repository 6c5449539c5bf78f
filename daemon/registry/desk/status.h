/*
 * status - how the node is: figures (records metric_row) and health in words.
 */
#ifndef REGISTRY_STATUS_H
#define REGISTRY_STATUS_H

#include <stdint.h>

struct admit;
struct dates;
struct keys;
struct node;
struct outbox;
struct peers;
struct rewrap;
struct share;

/* What the figures are of; all borrowed. */
struct status {
	struct node *node;
	struct peers *peers;
	const struct keys *keys;
	const struct admit *admit;
	const struct share *share;
	const struct outbox *outbox;
	const struct dates *dates;
	const struct rewrap *rewrap;
};

/* Answers `status_is` at once: the figures, what ends when, what stands (alarms.h), and why the node does not do all its work, "" if it
 * does. result: 0, or the error of a buffer that they do not fit in. */
void status_answer(const struct status *of, uint64_t request);

#endif
