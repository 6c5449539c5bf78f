#include "protocol/log/logcompare.h"

#include <string.h>

#include "protocol/base/err.h"

static const struct rxp_log_difference_row rows[] = {
#define LOG_DIFFERENCE(name, word, kept, lost, meaning, side, action) \
	[RXP_LOG_##name] = {word, RXP_LOG_KEPT_##kept, RXP_LOG_LOST_##lost, meaning, side, action},
#include "protocol/log/log_difference.def"
#undef LOG_DIFFERENCE
};

const struct rxp_log_difference_row *rxp_log_difference_row(enum rxp_log_difference what)
{
	return &rows[what];
}

int rxp_log_difference_parse(enum rxp_log_difference *out, const char *word)
{
	for (unsigned i = 0; i < RXP_LOG_DIFFERENCE_COUNT; i++) {
		if (strcmp(rows[i].word, word) == 0) {
			*out = (enum rxp_log_difference)i;
			return 0;
		}
	}
	return RXP_ERR_NOT_FOUND;
}

bool rxp_log_difference_ended(uint64_t *from, enum rxp_log_difference what, uint64_t count)
{
	switch (rows[what].lost) {
	case RXP_LOG_LOST_LOG:
		*from = 0;
		return true;
	case RXP_LOG_LOST_ENTRY:
		*from = count + 1;
		return true;
	case RXP_LOG_LOST_END:
		*from = count;
		return true;
	default:
		return false;
	}
}

/* One comparison. */
struct comparison {
	const struct rxp_log_page *page;
	const struct rxp_log_held *held;
	rxp_log_tell *tell;
	void *arg;
	bool moved_told, claim_told; /* what follows from one difference is no other */
};

static const uint8_t none[RXP_ID_OCTETS];

static void tell(const struct comparison *c, enum rxp_log_difference what, uint64_t n,
    const uint8_t message_id[RXP_ID_OCTETS])
{
	c->tell(c->arg, what, n, message_id);
}

/* --- the log as a whole ------------------------------------------------------------------------- */

static bool same_log(const uint8_t a[RXP_ID_OCTETS], const uint8_t b[RXP_ID_OCTETS])
{
	return memcmp(a, b, RXP_ID_OCTETS) == 0;
}

static bool too_short(const struct comparison *c, const struct rxp_log_point *at)
{
	const struct rxp_log_claim *f = c->held->furthest;
	uint64_t count = c->page->count;

	return count < at->n || count < c->held->before_n || (f != NULL && count < f->at.n);
}

static int compare_whole(const struct comparison *c, const struct rxp_log_point *at)
{
	const struct rxp_log_page *p = c->page;
	const struct rxp_log_claim *f = c->held->furthest;

	if (!same_log(p->log_id, at->log_id) || (f != NULL && !same_log(p->log_id, f->at.log_id))) {
		tell(c, RXP_LOG_LOG_ID, 0, none);
		return RXP_ERR_MISMATCH;
	}
	if (too_short(c, at)) {
		tell(c, RXP_LOG_SHORT, p->count, f != NULL ? f->message_id : none);
		if (p->after != at->n)
			return RXP_ERR_MISMATCH;
	}
	return p->after == at->n ? 0 : RXP_ERR_PEER;
}

/* --- entries ------------------------------------------------------------------------------------ */

/* The fields of an entry, the message id apart, which is how it is found. */
enum field { FIELD_FINGERPRINT, FIELD_TIME, FIELD_OUTCOME, FIELDS };

static const enum rxp_log_difference of_field[FIELDS] = {
    [FIELD_FINGERPRINT] = RXP_LOG_FINGERPRINT,
    [FIELD_TIME] = RXP_LOG_TIME,
    [FIELD_OUTCOME] = RXP_LOG_OUTCOME,
};

static bool same_field(
    enum field field, const struct rxp_log_entry *a, const struct rxp_log_entry *b)
{
	if (field == FIELD_FINGERPRINT)
		return memcmp(a->fingerprint, b->fingerprint, sizeof a->fingerprint) == 0;
	if (field == FIELD_TIME)
		return a->received_ms == b->received_ms;
	return a->outcome == b->outcome;
}

/* Of the entry, the reader's record and what it saw before, whichever two agree outvote the third. */
static void compare_fields(const struct comparison *c, uint64_t n, const struct rxp_log_entry *e,
    const struct rxp_log_known *k)
{
	bool record = false, copy = false;

	for (enum field field = 0; field < FIELDS; field++) {
		bool has_own = field == FIELD_FINGERPRINT ? k->sent : k->answered;
		bool has_before = k->before_n != 0;
		bool own = has_own && same_field(field, e, &k->own);
		bool before = has_before && same_field(field, e, &k->before);

		if (has_own && !own && before)
			record = true;
		else if (has_before && !before && own)
			copy = true;
		else if ((has_own && !own) || (has_before && !before))
			tell(c, of_field[field], n, e->message_id);
	}
	if (record)
		tell(c, RXP_LOG_RECORD, n, e->message_id);
	if (copy)
		tell(c, RXP_LOG_COPY, n, e->message_id);
}

static bool is_twice(const struct comparison *c, size_t i)
{
	const struct rxp_log_entry *e = c->page->entries;

	if (c->held->known[i].met)
		return true;
	for (size_t k = 0; k < i; k++)
		if (memcmp(e[k].message_id, e[i].message_id, RXP_ID_OCTETS) == 0)
			return true;
	return false;
}

static void compare_place(struct comparison *c, uint64_t n, size_t i)
{
	const struct rxp_log_entry *e = &c->page->entries[i];
	const struct rxp_log_known *k = &c->held->known[i];

	if (is_twice(c, i)) {
		tell(c, RXP_LOG_TWICE, n, e->message_id);
	} else if (k->before_n == 0 && n <= c->held->before_n) {
		tell(c, RXP_LOG_ADDED, n, e->message_id);
	} else if (k->before_n != 0 && k->before_n != n && !c->moved_told) {
		c->moved_told = true;
		tell(c, RXP_LOG_MOVED, n, e->message_id);
	}
}

static void compare_entry(struct comparison *c, uint64_t n, size_t i)
{
	const struct rxp_log_entry *e = &c->page->entries[i];
	const struct rxp_log_known *k = &c->held->known[i];

	compare_place(c, n, i);
	if (!k->sent)
		tell(c, k->before_n != 0 && k->before_sent ? RXP_LOG_GONE : RXP_LOG_UNKNOWN, n,
		    e->message_id);
	compare_fields(c, n, e, k);
	if (k->named >= n)
		tell(c, RXP_LOG_RECEIPT, n, e->message_id);
}

/* --- the chain ---------------------------------------------------------------------------------- */

/* Of receipts that name heads after a difference the first says all. */
static void compare_claims(struct comparison *c, const struct rxp_log_point *at)
{
	for (size_t i = 0; i < c->held->n_claims; i++) {
		const struct rxp_log_claim *claim = &c->held->claims[i];

		if (claim->at.n != at->n || c->claim_told ||
		    memcmp(claim->at.head, at->head, sizeof at->head) == 0)
			continue;
		c->claim_told = true;
		tell(c, RXP_LOG_RECEIPT, at->n, claim->message_id);
	}
}

static int compare_chain(struct comparison *c, struct rxp_log_point *at)
{
	const struct rxp_log_page *p = c->page;

	if (memcmp(p->after_head, at->head, sizeof at->head) != 0) {
		tell(c, RXP_LOG_HEAD, at->n, none);
		memcpy(at->head, p->after_head, sizeof at->head);
	}
	compare_claims(c, at);
	for (size_t i = 0; i < p->n_entries; i++) {
		int rc = rxp_logchain_extend(at->head, ++at->n, &p->entries[i]);

		if (rc != 0)
			return rc;
		compare_claims(c, at);
	}
	if (at->n == p->count && memcmp(p->head, at->head, sizeof at->head) != 0)
		tell(c, RXP_LOG_CHAIN, 0, none); /* wherever the log ends by then */
	return 0;
}

int rxp_log_compare(struct rxp_log_point *at, const struct rxp_log_page *page,
    const struct rxp_log_held *held, rxp_log_tell *told, void *arg)
{
	struct comparison c = {.page = page, .held = held, .tell = told, .arg = arg};
	struct rxp_log_point reached = *at;
	int rc = compare_whole(&c, at);

	if (rc != 0)
		return rc;
	for (size_t i = 0; i < page->n_entries; i++)
		compare_entry(&c, page->after + 1 + i, i);
	rc = compare_chain(&c, &reached);
	if (rc == 0)
		*at = reached;
	return rc;
}
