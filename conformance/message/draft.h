/*
 * draft - a message to the product in the making: from its fields to the HTTP request, stage by stage (stage.def).
 *
 * It is made with librxp as a valid message is; a case gives one change, which is applied in its stage.
 */
#ifndef CONFORM_DRAFT_H
#define CONFORM_DRAFT_H

#include <stdbool.h>
#include <stdint.h>

#include "conformance/message/changed.h"
#include "conformance/message/edit.h"
#include "conformance/state/parties.h"
#include "conformance/wire/wire.h"
#include "protocol/base/buf.h"
#include "protocol/document/document.h"
#include "protocol/envelope/encrypted.h"

struct keypair;

enum stage {
#define STAGE(name, word, meaning) STAGE_##name,
#include "conformance/message/stage.def"
#undef STAGE
	STAGE_COUNT
};

const char *stage_word(enum stage stage);

/* The valid messages that are changed. */
enum base {
#define BASE(name, words, example, follows, ...) BASE_##name,
#include "conformance/message/base.def"
#undef BASE
	BASE_COUNT,
	BASE_NONE = BASE_COUNT
};

const char *base_words(enum base base);
/* The one that must be receipted before it in its case; BASE_NONE: none. */
enum base base_before(enum base base);
/* Is it itself receipted before it is changed? */
bool base_again(enum base base);

/* How far the product's clock is ahead of this machine's, in milliseconds: between these two. Both 0: as far as is known, not. */
struct draft_clock {
	int64_t least_ms, most_ms;
};

struct draft {
	const struct parties *parties;
	int64_t now_ms; /* of its beginning */
	struct draft_clock clock;
	int64_t
	    in_time_ms; /* of the product's clock, from which on a Receipt is right although the change says otherwise; 0: never */
	struct rxp_header header;
	struct rxp_buf content;
	struct rxp_buf file,
	    manifest; /* the ciphertext of its attachment, and what names it; empty: it has none */
	const struct keypair *signer;
	int64_t sealed_ms;
	struct rxp_buf document;
	uint8_t fingerprint[32];
	bool knows_fingerprint; /* it is that of the document, which was not sealed anew */
	struct rxp_outer outer;
	struct rxp_buf spki; /* the agreement key that is encrypted to */
	struct rxp_info info; /* what the key is derived for */
	struct rxp_encrypted encrypted;
	struct rxp_buf envelope;
	uint8_t digest[32]; /* SHA-256 of the Envelope */
	struct wire_request request; /* its body is the Envelope, unless a change says otherwise */
	const struct keypair *credential; /* of the connection; NULL: none */
	bool old_tls; /* it offers TLS 1.2 alone */
	const char *protocol; /* that it offers by ALPN; NULL: h2, "": none */
	bool own_line; /* one of these is not as ever */
	struct changed changed; /* what the change did to a text of it */
	const struct draft *sent; /* the same message as it was receipted; NULL: it was not */
};

/* What a case changes: one to three edits of the stage's text, or a function. */
#define DRAFT_MAX_EDITS 3

typedef int draft_change(struct draft *d);

struct change {
	enum stage stage;
	struct edit edits[DRAFT_MAX_EDITS]; /* up to the first without find */
	draft_change *function; /* NULL: the edits */
	const char *example; /* the example that the content gives way to; NULL: none */
};

/* Fields and content of a new valid message of now; one of a case opens a case of its own. */
int draft_begin(struct draft *d, const struct parties *parties, enum base base, int64_t now_ms);
/* The same of a valid example of the specification (the name of its file), which edits, up to the first without find,
 * make fit. */
int draft_begin_example(struct draft *d, const struct parties *parties, const char *example,
    const struct edit *edits, int64_t now_ms);
/* Put it behind `before`, which was sealed and receipted, in the same case. */
void draft_follow(struct draft *d, const struct draft *before);
/* Give it another MessageId. */
int draft_rename(struct draft *d);
/* The same message from its beginning: same MessageId, times, content and attachment, nothing sealed. */
int draft_twin(struct draft *d, const struct draft *of);
/* The same under another MessageId. */
int draft_another(struct draft *d, const struct draft *of);
void draft_clear(struct draft *d);

/* Carry it through all stages, with the change if there is one. RXP_ERR_NOT_FOUND: an edit finds no place, which is a
 * fault of the case. RXP_ERR_KEY: the product has no key for an office that the content has a compartment for. Otherwise
 * errors of librxp. */
int draft_make(struct draft *d, const struct change *change);

#endif
