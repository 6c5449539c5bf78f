#include "conformance/package/logs.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "conformance/package/kinds.h"
#include "conformance/package/reading.h"
#include "conformance/state/product.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/log/logcompare.h"

#define USE_TEXT 16
#define WORDS_TEXT 256
#define MAX_CLAIMS 4

struct json_t *logs_entry_json(const struct rxp_log_entry *e)
{
	char id[RXP_ID_TEXT], fingerprint[RXP_DIGEST_HEX], received[RXP_TIME_TEXT];

	rxp_id_text(id, e->message_id);
	rxp_hex_put(fingerprint, e->fingerprint, sizeof e->fingerprint, false);
	rxp_time_text(received, e->received_ms);
	if (e->outcome == 0)
		return json_pack("{s:s, s:s}", "MessageId", id, "Fingerprint", fingerprint);
	return json_pack("{s:s, s:s, s:s, s:s}", "MessageId", id, "Fingerprint", fingerprint,
	    "ReceivedAt", received, "Outcome", rxp_outcome_word(e->outcome));
}

/* --- differences ------------------------------------------------------------------------------ */

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static json_t *found_json(const bool found[RXP_LOG_DIFFERENCE_COUNT])
{
	const char *words[RXP_LOG_DIFFERENCE_COUNT] = {NULL};
	json_t *list = json_array();
	size_t n = 0;

	for (unsigned d = 0; d < RXP_LOG_DIFFERENCE_COUNT; d++)
		if (found[d])
			words[n++] = rxp_log_difference_row((enum rxp_log_difference)d)->word;
	qsort(words, n, sizeof words[0], compare_words);
	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(list, json_string(words[i]));
	return json_pack(
	    "{s:s, s:o}", "result", n == 0 ? "agrees" : "differs", "differences", list);
}

struct json_t *logs_expected(const char *differences)
{
	bool found[RXP_LOG_DIFFERENCE_COUNT] = {false};
	char words[WORDS_TEXT], *save = NULL;
	enum rxp_log_difference d;

	(void)snprintf(words, sizeof words, "%s", differences);
	for (char *w = strtok_r(words, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save)) {
		if (rxp_log_difference_parse(&d, w) != 0)
			abort();
		found[d] = true;
	}
	return found_json(found);
}

/* --- reading one ------------------------------------------------------------------------------ */

struct reader {
	struct rxp_log_known sent[LOGS_MAX_ENTRIES]; /* met: it stood on a page */
	size_t n_sent, n_claims;
	struct rxp_log_claim claims[MAX_CLAIMS];
	bool found[RXP_LOG_DIFFERENCE_COUNT];
};

static void note(
    void *arg, enum rxp_log_difference what, uint64_t n, const uint8_t message_id[RXP_ID_OCTETS])
{
	struct reader *r = arg;

	(void)n;
	(void)message_id;
	r->found[what] = true;
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text == NULL ? "" : text;
}

static int take_sent(struct reader *r, const json_t *list)
{
	json_t *one;
	size_t i;
	int rc = 0;

	json_array_foreach(list, i, one)
	{
		struct rxp_log_known *k = &r->sent[r->n_sent];
		const char *outcome = text_of(one, "Outcome");

		if (r->n_sent++ == LOGS_MAX_ENTRIES)
			return RXP_ERR_BOUND;
		*k = (struct rxp_log_known){.sent = true, .answered = outcome[0] != '\0'};
		k->own.outcome =
		    strcmp(outcome, "refusal") == 0 ? RXP_OUTCOME_REFUSAL : RXP_OUTCOME_RECEIPT;
		rc = rxp_id_parse(k->own.message_id, text_of(one, "MessageId"), 7);
		if (rc == 0)
			rc = rxp_hex_get(k->own.fingerprint, sizeof k->own.fingerprint,
			    text_of(one, "Fingerprint"), false);
		if (rc == 0 && k->answered)
			rc = rxp_time_parse(&k->own.received_ms, text_of(one, "ReceivedAt"));
		if (rc != 0)
			return rc;
	}
	return 0;
}

static int take_claims(struct reader *r, const json_t *list)
{
	json_t *one;
	size_t i;
	int rc = 0;

	json_array_foreach(list, i, one)
	{
		struct rxp_log_claim *c = &r->claims[r->n_claims];

		if (r->n_claims++ == MAX_CLAIMS)
			return RXP_ERR_BOUND;
		c->at.n = (uint64_t)json_integer_value(json_object_get(one, "LogCount"));
		rc = rxp_id_parse(c->at.log_id, text_of(one, "LogId"), 4);
		if (rc == 0)
			rc = rxp_hex_get(
			    c->at.head, sizeof c->at.head, text_of(one, "LogHead"), false);
		if (rc != 0)
			return rc;
	}
	return 0;
}

/* What is known of the entries of a page. */
static void look_up(struct rxp_log_known *known, struct reader *r, const struct rxp_log_page *p)
{
	for (size_t i = 0; i < p->n_entries; i++)
		for (size_t s = 0; s < r->n_sent; s++)
			if (memcmp(r->sent[s].own.message_id, p->entries[i].message_id,
				RXP_ID_OCTETS) == 0) {
				known[i] = r->sent[s];
				r->sent[s].met = true;
			}
}

/* RXP_ERR_MISMATCH: nothing more can be compared. */
static int read_page(struct rxp_log_point *at, struct reader *r, const struct reading *v,
    const struct product *owner, size_t number)
{
	struct rxp_log_known *known = calloc(RXP_MAX_LOG_PAGE_ENTRIES, sizeof *known);
	struct rxp_log_page *page = calloc(1, sizeof *page);
	struct rxp_log_held held = {.known = known,
	    .claims = r->claims,
	    .n_claims = r->n_claims,
	    .furthest = r->n_claims == 0 ? NULL : &r->claims[r->n_claims - 1]};
	struct rxp_buf octets;
	char use[USE_TEXT];
	int rc = known == NULL || page == NULL ? RXP_ERR_NOMEM : 0;

	(void)snprintf(use, sizeof use, "page-%zu", number);
	rxp_buf_init(&octets, RXP_MAX_LOG_PAGE_OCTETS);
	if (rc == 0)
		rc = reading_file(&octets, v, use);
	if (rc == 0 && rxp_log_page_open(page, octets.data, octets.len,
			   (const struct rxp_cert *const *)owner->certs, owner->n_certs) != 0) {
		r->found[RXP_LOG_FALSE_PAGE] = true;
		rc = RXP_ERR_MISMATCH;
	}
	if (rc == 0 && number == 1) {
		memcpy(at->log_id, r->claims[0].at.log_id, sizeof at->log_id);
		rc = rxp_logchain_start(at->head, page->owner, page->peer, at->log_id);
	}
	if (rc == 0) {
		look_up(known, r, page);
		rc = rxp_log_compare(at, page, &held, note, r);
	}
	rxp_buf_free(&octets);
	free(page);
	free(known);
	return rc;
}

static int read_log(struct reader *r, const struct reading *v)
{
	size_t pages = json_array_size(reading_given(v, "after"));
	struct rxp_log_point at = {.n = 0};
	const struct product *owner = NULL;
	int rc = reading_state(&owner, v, reading_word(v, "owner"));

	if (rc == 0)
		rc = take_sent(r, reading_given(v, "sent"));
	if (rc == 0)
		rc = take_claims(r, reading_given(v, "receipts"));
	for (size_t i = 1; i <= pages && rc == 0; i++)
		rc = read_page(&at, r, v, owner, i);
	for (size_t i = 0; i < r->n_sent && rc == 0; i++)
		if (r->sent[i].answered && !r->sent[i].met)
			r->found[RXP_LOG_MISSING] = true;
	return rc == RXP_ERR_MISMATCH ? 0 : rc;
}

json_t *weigh_log(const struct reading *v)
{
	struct reader *r = calloc(1, sizeof *r);
	json_t *out = r != NULL && read_log(r, v) == 0 ? found_json(r->found) : NULL;

	free(r);
	return out;
}
