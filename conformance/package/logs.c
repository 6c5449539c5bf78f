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
	struct rxp_log_entry earlier[LOGS_MAX_ENTRIES]; /* as earlier pages had them */
	bool earlier_met[LOGS_MAX_ENTRIES];
	size_t n_sent, n_earlier, n_claims;
	bool goes_on; /* behind the earlier ones; otherwise from the beginning */
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

/* Without an answer its outcome is 0. */
static int take_entry(struct rxp_log_entry *e, const json_t *one)
{
	const char *outcome = text_of(one, "Outcome");
	int rc = rxp_id_parse(e->message_id, text_of(one, "MessageId"), 7);

	if (rc == 0)
		rc = rxp_hex_get(
		    e->fingerprint, sizeof e->fingerprint, text_of(one, "Fingerprint"), false);
	if (rc != 0 || outcome[0] == '\0')
		return rc;
	e->outcome = strcmp(outcome, "refusal") == 0 ? RXP_OUTCOME_REFUSAL : RXP_OUTCOME_RECEIPT;
	return rxp_time_parse(&e->received_ms, text_of(one, "ReceivedAt"));
}

static int take_sent(struct reader *r, const json_t *list)
{
	json_t *one;
	size_t i;
	int rc = 0;

	json_array_foreach(list, i, one)
	{
		struct rxp_log_known *k = &r->sent[r->n_sent];

		if (r->n_sent++ == LOGS_MAX_ENTRIES)
			return RXP_ERR_BOUND;
		*k = (struct rxp_log_known){.sent = true};
		rc = take_entry(&k->own, one);
		k->answered = k->own.outcome != 0;
		if (rc != 0)
			return rc;
	}
	return 0;
}

static int take_earlier(struct reader *r, const json_t *list)
{
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		if (r->n_earlier == LOGS_MAX_ENTRIES)
			return RXP_ERR_BOUND;
		if (take_entry(&r->earlier[r->n_earlier++], one) != 0)
			return RXP_ERR_SYNTAX;
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

/* What is known of the entry of a page. */
static void look_up_one(
    struct rxp_log_known *known, struct reader *r, const struct rxp_log_entry *e)
{
	for (size_t s = 0; s < r->n_sent; s++)
		if (memcmp(r->sent[s].own.message_id, e->message_id, RXP_ID_OCTETS) == 0) {
			*known = r->sent[s];
			r->sent[s].met = true;
		}
	for (size_t s = 0; s < r->n_earlier; s++)
		if (memcmp(r->earlier[s].message_id, e->message_id, RXP_ID_OCTETS) == 0) {
			known->before_n = s + 1;
			known->before_sent = true;
			known->before = r->earlier[s];
			r->earlier_met[s] = true;
		}
}

/* Where the reading begins: at head(0), or behind what earlier pages showed. */
static int begin_at(struct rxp_log_point *at, const struct reader *r, const struct reading *v)
{
	int rc;

	memcpy(at->log_id, r->claims[0].at.log_id, sizeof at->log_id);
	rc = rxp_logchain_start(
	    at->head, reading_word(v, "owner"), reading_word(v, "reader"), at->log_id);
	while (rc == 0 && r->goes_on && at->n < r->n_earlier) {
		at->n++;
		rc = rxp_logchain_extend(at->head, at->n, &r->earlier[at->n - 1]);
	}
	return rc;
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
	    .furthest = r->n_claims == 0 ? NULL : &r->claims[r->n_claims - 1],
	    .before_n = r->n_earlier};
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
	if (rc == 0) {
		for (size_t i = 0; i < page->n_entries; i++)
			look_up_one(&known[i], r, &page->entries[i]);
		rc = rxp_log_compare(at, page, &held, note, r);
	}
	rxp_buf_free(&octets);
	free(page);
	free(known);
	return rc;
}

static bool is_earlier(const struct reader *r, const struct rxp_log_known *k)
{
	for (size_t i = 0; i < r->n_earlier; i++)
		if (memcmp(r->earlier[i].message_id, k->own.message_id, RXP_ID_OCTETS) == 0)
			return true;
	return false;
}

/* What shows at the end alone: what is in it no more, and what never was. */
static void end(struct reader *r)
{
	for (size_t i = 0; i < r->n_earlier && !r->goes_on; i++)
		if (!r->earlier_met[i])
			r->found[RXP_LOG_REMOVED] = true;
	for (size_t i = 0; i < r->n_sent; i++)
		if (r->sent[i].answered && !r->sent[i].met &&
		    !(r->goes_on && is_earlier(r, &r->sent[i])))
			r->found[RXP_LOG_MISSING] = true;
}

static int read_log(struct reader *r, const struct reading *v)
{
	const json_t *afters = reading_given(v, "after");
	struct rxp_log_point at = {.n = 0};
	const struct product *owner = NULL;
	int rc = reading_state(&owner, v, reading_word(v, "owner"));

	if (rc == 0)
		rc = take_sent(r, reading_given(v, "sent"));
	if (rc == 0)
		rc = take_earlier(r, reading_given(v, "earlier"));
	if (rc == 0)
		rc = take_claims(r, reading_given(v, "receipts"));
	r->goes_on = json_integer_value(json_array_get(afters, 0)) != 0;
	if (rc == 0)
		rc = begin_at(&at, r, v);
	for (size_t i = 1; i <= json_array_size(afters) && rc == 0; i++)
		rc = read_page(&at, r, v, owner, i);
	if (rc == 0)
		end(r);
	return rc == RXP_ERR_MISMATCH ? 0 : rc;
}

json_t *weigh_log(const struct reading *v)
{
	struct reader *r = calloc(1, sizeof *r);
	json_t *out = r != NULL && read_log(r, v) == 0 ? found_json(r->found) : NULL;

	free(r);
	return out;
}
