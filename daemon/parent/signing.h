/*
 * signing - what the parent knows of the seal key in a token, beyond the life of one signer and of one set.
 *
 * The signer says one word of how the token stands and, unless that is READY, ends; another is started after a pause. A
 * PIN that the token refused is not tried again by any of them, as a few wrong ones lock a token: not before its file
 * was changed.
 */
#ifndef PARENT_SIGNING_H
#define PARENT_SIGNING_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "daemon/base/token_state.h"
#include "daemon/parent/config.h"

struct link;

/* Which content of a file: another one has another mark. */
struct signing_mark {
	uint64_t device, inode;
	struct timespec changed;
};

struct signing {
	enum token_state state;
	bool said; /* the signer that runs has said its word */
	bool refused; /* the PIN of this mark */
	struct signing_mark pin; /* as it was at the last start */
	unsigned in_vain; /* starts since the token was ready */
};

void signing_init(struct signing *s);

/* May a signer be started now? If so, it is about to be. */
bool signing_may_start(struct signing *s, const struct config *c);
/* Its configuration. Errors of link_request. */
int signing_configure(struct link *l, const struct config *c);

/* The signer said this. A change is logged. */
void signing_said(struct signing *s, enum token_state state);
/* It ended with this wait status: if that says more than its word did, a change is logged. */
void signing_ended(struct signing *s, int status);

/* Milliseconds until the next look whether one may be started. */
int64_t signing_pause(const struct signing *s);

#endif
