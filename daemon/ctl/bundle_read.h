/*
 * bundle_read - the file of a bundle that people carried here: a regular file of at most so many octets, of which nothing is read
 * but what it had when it was opened, and for which State it is.
 */
#ifndef CTL_BUNDLE_READ_H
#define CTL_BUNDLE_READ_H

#include <stdint.h>
#include <stdio.h>

#include "daemon/ctl/args.h"

struct ctl;

#define BUNDLE_GIB 16 /* of the largest (RXP-BND-012) */
#define BUNDLE_OCTETS_MAX ((uint64_t)BUNDLE_GIB << 30)

struct bundle_file {
	FILE *f;
	uint64_t at, size; /* octets read, of so many */
};

/* Opens it, and waits for nobody: EXIT_INVALID if it is no regular file, or larger. Complains. */
enum exit_status bundle_open(struct bundle_file *out, struct ctl *c, const char *path);
void bundle_close(struct bundle_file *b);

/* The next octets; fewer at its end. */
size_t bundle_get(struct bundle_file *b, void *out, size_t len);

/*
 * Reads it whole, before anything of it is taken, and goes back to its beginning (RXP-BND-011). EXIT_MISDIRECTED if what says
 * for whom it is (To, Peer) names another State and nothing names this one, which is complained of. What it is read by is no
 * more than a hint: each object is judged by the daemon.
 */
enum exit_status bundle_look(struct bundle_file *b, struct ctl *c);

#endif
