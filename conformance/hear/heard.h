/*
 * heard - a message of the product as it came: each try, how it was sent, and what is in it once it opens.
 */
#ifndef CONFORM_HEARD_H
#define CONFORM_HEARD_H

#include <stdbool.h>
#include <stdint.h>

#include "conformance/wire/host.h"
#include "protocol/base/buf.h"
#include "protocol/document/document.h"
#include "protocol/envelope/attachment.h"
#include "protocol/envelope/encrypted.h"

struct parties;
struct retort;

#define HEARD_TRIES 16 /* of which the times are kept */

/* How far it opens. */
enum heard_stage { HEARD_PARSE, HEARD_DECRYPT, HEARD_OPEN, HEARD_CHECK, HEARD_OPENED };

/* What an Envelope encrypts with: never twice the same. */
struct heard_secrets {
	uint8_t key[RXP_KEY_OCTETS], iv[RXP_IV_OCTETS], point[RXP_POINT_OCTETS];
	uint8_t key_id[RXP_DIGEST_OCTETS];
};

struct heard {
	struct heard *next;
	uint8_t message_id[RXP_ID_OCTETS];
	/* its first try */
	struct rxp_buf envelope, envelope_plain; /* as it came, and as heard_plain() has it */
	int64_t at_ms; /* wall time */
	struct guest_facts line;
	char method[16], path[HOST_PATH], type[HOST_TYPE];
	bool encoded, trailers;
	enum heard_stage stage;
	int why; /* of a stage before OPENED: RXP_ERR_*, as librxp has them */
	struct heard_secrets secrets;
	struct rxp_buf document, document_plain;
	struct rxp_header header; /* from CHECK on */
	uint8_t salt[RXP_SALT_OCTETS], fingerprint[RXP_DIGEST_OCTETS];
	int64_t sealed_ms;
	bool copies; /* a HistoryCopy */
	uint8_t request[RXP_ID_OCTETS]; /* of a HistoryCopy: what it answers, … */
	uint64_t number; /* … which it is, … */
	bool last, has_copy; /* … whether it is the last, and gives something: */
	uint8_t copied[RXP_ID_OCTETS]; /* the document of that MessageId, */
	uint8_t copied_envelope[32]; /* which was receipted under that digest, */
	uint8_t copied_digest[32]; /* and SHA-256 of the octets that are given */
	unsigned piece, pieces; /* which are this piece of so many, … */
	size_t copied_len; /* … of so many octets */
	bool attaches; /* the Document has Attachments … */
	struct rxp_attachment *files; /* … of which these are the rows */
	size_t n_files;
	bool is_void; /* a Void: it names … */
	uint8_t voids[RXP_ID_OCTETS], voids_fingerprint[RXP_DIGEST_OCTETS]; /* … this message, … */
	struct heard *voided; /* … which came before it; NULL: none of that id did */
	const char *during; /* the case in which it came first; NULL: before any */
	/* all its tries */
	uint8_t digest[32]; /* of the Envelope that came last */
	unsigned tries;
	int64_t try_ms[HEARD_TRIES]; /* monotonic … */
	int64_t last_ms; /* … as is this, of the last */
	bool differs; /* a later try had other octets, … */
	struct rxp_buf latest; /* … which are these, of the last such try */
	/* the suite's answer */
	const struct retort
	    *doubt; /* what it gets whenever it comes (ear_doubt()); NULL: it is in no doubt */
	bool ended; /* it got its final answer, … */
	int64_t ended_ms; /* … then, by the monotonic clock, … */
	bool refused; /* … which was a Refusal */
	bool lost; /* … which may not have reached the product */
	unsigned after; /* tries since then, if it must have */
	unsigned brought; /* how often the product brought that answer back (RXP-RCV-008) */
	unsigned untaken; /* how often it is not to be taken */
	/* when the State had it back, and when the message came last, as ear_counts.moments has it; 0: not since it was lost */
	unsigned back_at, came_at;
	struct host_place waits; /* a try that has no answer yet */
};

/* The first try: takes it apart as far as it goes. NULL: no memory. */
struct heard *heard_new(const struct host_request *r, const struct parties *parties);
void heard_free(struct heard *h);
/* A later one. */
void heard_again(struct heard *h, const struct host_request *r);
/* It may come again if it got its final answer since then, by the monotonic clock. */
void heard_forgive_since(struct heard *h, int64_t since_ms);

/*
 * Append the canonical form of an Envelope or a Document: in it each value stands as it is, whatever references, quotes and forms of an
 * empty element its sender chose (RXP-XML-003). Of octets that do not parse: they themselves. RXP_ERR_NOMEM, RXP_ERR_BOUND.
 */
int heard_plain(struct rxp_buf *out, const struct rxp_buf *octets);
/* The MessageId of an Envelope, without opening it. false: it has none. */
bool heard_id(uint8_t out[RXP_ID_OCTETS], const struct rxp_buf *envelope);
/* Behind the next start tag of that local name from at on, under whatever prefix and wherever its namespace is declared (RXP-ENV-001). NULL:
 * none. */
const char *heard_behind_start(const char *text, const char *at, const char *end, const char *name);
/* The last n characters of the last CipherValue of an Envelope in its plain form. NULL: it has not as many. */
const char *heard_tail(const struct rxp_buf *envelope, size_t n);
/* What an Envelope encrypts with, all but the key. false: it cannot be read. */
bool heard_secrets(struct heard_secrets *out, const struct rxp_buf *envelope);

#endif
