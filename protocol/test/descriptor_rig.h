/*
 * descriptor_rig - descriptors of QRA that are built as a test plans them, and opened.
 *
 * A failure here fails the test.
 */
#ifndef DESCRIPTOR_RIG_H
#define DESCRIPTOR_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "protocol/peering/descriptor.h"
#include "protocol/test/fixture.h"

#define MAX_PARTS (RXP_MAX_IDENTITY_PARTS + 1)
#define WEEK_MS (7 * 86400000LL)

/* The keys of a group of tests: two roots, two seals, two keys of agreement. */
extern struct fixture_key root, next_root, seal_key, other_seal;
extern struct rxp_buf spki[2];
extern uint8_t root_digest[32], next_root_digest[32];

int descriptor_rig_begin(void **state);
int descriptor_rig_end(void **state);

/* What a test asks for: a chain of parts, each made from a plain one by change(). */
struct plan {
	size_t n;
	void (*change)(struct rxp_identity *i, size_t position);
	const struct fixture_key *(*root_of)(size_t position); /* NULL: root for all */
	void (*change_working)(struct rxp_working *w);
	const struct fixture_key *seal; /* of the working part; NULL: seal_key */
	bool no_working;
};

/* The part at a position of the chain, before any change; without Previous. */
void plain_identity(struct rxp_identity *i, size_t position);
void add_certificate(struct rxp_identity *i, const struct rxp_cert *cert);

/* Some changes of a plan: the first part announces the next root; each later part is under it. */
void announce(struct rxp_identity *i, size_t position);
const struct fixture_key *root_changes(size_t position);

/* `out` is initialized here. */
void build(struct rxp_buf *out, const struct plan *plan);
int open_plan(struct rxp_descriptor **d, const struct plan *plan, const uint8_t *trusted);

#endif
