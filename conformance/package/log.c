/* Logs with their pages and heads, and what their reader, who holds receipts, finds in them (sections 8 and LOG-010). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "conformance/document/vector.h"
#include "conformance/package/kinds.h"
#include "conformance/package/logs.h"
#include "conformance/state/chance.h"
#include "conformance/state/parties.h"
#include "conformance/state/state.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/log/logpage.h"

#define SECOND_MS 1000
#define NAME_TEXT 128
#define MAX_PAGES 4

/* A log in the making, and what its reader knows. */
struct tale {
	const struct making *m;
	struct rxp_log_entry entries[LOGS_MAX_ENTRIES], sent[LOGS_MAX_ENTRIES];
	struct rxp_log_entry earlier[LOGS_MAX_ENTRIES]; /* as earlier pages had them */
	size_t n, n_sent, n_earlier, page; /* page: how many entries go on one */
	size_t from; /* the entries that the first page is asked for behind */
	uint64_t count; /* as the pages say */
	uint8_t log_id[RXP_ID_OCTETS], other_id[RXP_ID_OCTETS];
	uint8_t true_heads[LOGS_MAX_ENTRIES + 1][RXP_DIGEST_OCTETS]; /* before the change */
	uint8_t heads[LOGS_MAX_ENTRIES + 1][RXP_DIGEST_OCTETS]; /* as the pages say */
	bool empty_last, flip, stray, other_log;
};

static int make_heads(struct tale *t, uint8_t heads[][RXP_DIGEST_OCTETS])
{
	int rc = rxp_logchain_start(heads[0], "QMA", "QRA", t->other_log ? t->other_id : t->log_id);

	for (size_t i = 1; i <= t->n && rc == 0; i++) {
		memcpy(heads[i], heads[i - 1], RXP_DIGEST_OCTETS);
		rc = rxp_logchain_extend(heads[i], i, &t->entries[i - 1]);
	}
	return rc;
}

static int make_entry(struct rxp_log_entry *e, size_t i, int64_t now_ms)
{
	int rc = rxp_id_make_v7(e->message_id, now_ms, chance());

	e->received_ms = now_ms + (int64_t)i * SECOND_MS;
	e->outcome = i % 3 == 2 ? RXP_OUTCOME_REFUSAL : RXP_OUTCOME_RECEIPT;
	return rc == 0 ? chance()->fill(chance()->arg, e->fingerprint, sizeof e->fingerprint) : rc;
}

/* A row of the table: how many entries earlier pages showed, and whether the reading goes on behind them. */
struct row {
	const char *id, *requirement, *differences, *words;
	void (*change)(struct tale *t);
	size_t shown;
	bool goes_on;
};

static int begin(struct tale *t, const struct making *m, const struct row *row)
{
	int rc = 0;

	*t = (struct tale){.m = m,
	    .n = LOGS_ENTRIES,
	    .n_sent = LOGS_ENTRIES,
	    .n_earlier = row->shown,
	    .page = LOGS_ENTRIES,
	    .from = row->goes_on ? row->shown : 0};
	t->count = t->n;
	for (size_t i = 0; i < t->n && rc == 0; i++)
		rc = make_entry(&t->entries[i], i, m->now_ms);
	memcpy(t->sent, t->entries, sizeof t->sent);
	memcpy(t->earlier, t->entries, sizeof t->earlier);
	if (rc == 0)
		rc = rxp_id_make_v4(t->log_id, chance());
	if (rc == 0)
		rc = rxp_id_make_v4(t->other_id, chance());
	if (rc == 0)
		rc = make_heads(t, t->true_heads);
	memcpy(t->heads, t->true_heads, sizeof t->heads);
	return rc;
}

/* --- changes ---------------------------------------------------------------------------------- */

static void anew(struct tale *t)
{
	t->count = t->n;
	(void)make_heads(t, t->heads);
}
static void nothing(struct tale *t)
{
	(void)t;
}
static void three_pages(struct tale *t)
{
	t->page = 2;
}
static void empty_page(struct tale *t)
{
	t->empty_last = true;
}
static void still_under_way(struct tale *t)
{
	(void)make_entry(&t->sent[t->n_sent], t->n_sent, t->m->now_ms);
	t->sent[t->n_sent++].outcome = 0;
}
static void rewritten(struct tale *t)
{
	t->entries[3].fingerprint[0] ^= 1;
}
static void rewritten_anew(struct tale *t)
{
	rewritten(t);
	anew(t);
}
static void time_anew(struct tale *t)
{
	t->entries[3].received_ms++;
	anew(t);
}
static void outcome_anew(struct tale *t)
{
	t->entries[3].outcome = RXP_OUTCOME_REFUSAL;
	anew(t);
}
static void removed(struct tale *t)
{
	memmove(&t->entries[1], &t->entries[2], (t->n - 2) * sizeof t->entries[0]);
	t->entries[t->n - 1] = t->entries[0];
	(void)make_entry(&t->entries[t->n - 1], t->n, t->m->now_ms);
	t->sent[t->n_sent++] = t->entries[t->n - 1];
}
static void removed_anew(struct tale *t)
{
	removed(t);
	anew(t);
}
static void added_anew(struct tale *t)
{
	memmove(&t->entries[4], &t->entries[3], (t->n - 3) * sizeof t->entries[0]);
	(void)make_entry(&t->entries[3], 3, t->m->now_ms);
	t->n++;
	anew(t);
}
static void doubled_anew(struct tale *t)
{
	t->entries[t->n++] = t->entries[2];
	anew(t);
}
static void turned_anew(struct tale *t)
{
	struct rxp_log_entry e = t->entries[3];

	t->entries[3] = t->entries[4];
	t->entries[4] = e;
	anew(t);
}
static void last_rewritten_anew(struct tale *t)
{
	t->entries[t->n - 1].fingerprint[31] ^= 1;
	anew(t);
}
static void head_false(struct tale *t)
{
	t->heads[t->n][0] ^= 1;
}
static void cut(struct tale *t)
{
	t->n = 4;
	anew(t);
}
static void another_log(struct tale *t)
{
	t->other_log = true;
	anew(t);
}
static void stray_seal(struct tale *t)
{
	t->stray = true;
}
static void changed_octet(struct tale *t)
{
	t->flip = true;
}

static void sent_forgotten(struct tale *t)
{
	memmove(&t->sent[1], &t->sent[2], (t->n_sent - 2) * sizeof t->sent[0]);
	t->n_sent--;
}
static void record_changed(struct tale *t)
{
	t->sent[1].received_ms++;
}
static void copy_changed(struct tale *t)
{
	t->earlier[1].fingerprint[0] ^= 1;
}

/* --- pages ------------------------------------------------------------------------------------ */

static int seal_page(struct rxp_buf *out, const struct tale *t, uint64_t after)
{
	const struct state *own = vector_world_parties(t->m->world, false)->own;
	struct rxp_signer signer = keypair_signer(t->stray ? &own->stray : &own->seal);
	struct rxp_log_page *p = calloc(1, sizeof *p);
	char *time;
	int rc;

	if (p == NULL)
		return RXP_ERR_NOMEM;
	memcpy(p->owner, "QMA", sizeof p->owner);
	memcpy(p->peer, "QRA", sizeof p->peer);
	memcpy(p->log_id, t->other_log ? t->other_id : t->log_id, sizeof p->log_id);
	p->created_ms = t->m->now_ms;
	p->count = t->count;
	memcpy(p->head, t->heads[t->count], sizeof p->head);
	p->after = after;
	memcpy(p->after_head, t->heads[after], sizeof p->after_head);
	for (size_t i = after; i < t->n && p->n_entries < t->page; i++)
		p->entries[p->n_entries++] = t->entries[i];
	rc = rxp_log_page_seal(out, p, t->m->now_ms, &signer);
	free(p);
	if (rc == 0 && t->flip) {
		time = memmem(out->data, out->len, "<ReceivedAt>2", strlen("<ReceivedAt>2"));
		if (time == NULL)
			return RXP_ERR_NOT_FOUND;
		time[strlen("<ReceivedAt>")] = '3';
	}
	return rc;
}

static int put_pages(const struct tale *t, const char *id, json_t *files, json_t *afters)
{
	uint64_t after = t->from;
	int rc = 0;

	for (size_t i = 0;
	     i < MAX_PAGES && rc == 0 && (after < t->n || (after == t->n && t->empty_last)); i++) {
		char name[NAME_TEXT], use[16];
		struct rxp_buf page;

		(void)snprintf(name, sizeof name, "log/%s-%zu.xml", id, i + 1);
		(void)snprintf(use, sizeof use, "page-%zu", i + 1);
		rxp_buf_init(&page, RXP_MAX_LOG_PAGE_OCTETS);
		rc = seal_page(&page, t, after);
		if (rc == 0)
			rc = shelf_file(t->m->shelf, name, &page);
		rxp_buf_free(&page);
		(void)json_object_set_new(files, use, json_string(name));
		(void)json_array_append_new(afters, json_integer((json_int_t)after));
		after += after == t->n ? 1 : t->page;
	}
	return rc;
}

/* --- what the reader knows -------------------------------------------------------------------- */

static json_t *receipt_json(const struct tale *t, uint64_t n)
{
	char head[RXP_DIGEST_HEX], id[RXP_ID_TEXT];

	rxp_hex_put(head, t->true_heads[n], RXP_DIGEST_OCTETS, false);
	rxp_id_text(id, t->log_id);
	return json_pack("{s:s, s:i, s:s}", "LogId", id, "LogCount", (int)n, "LogHead", head);
}

static json_t *entries_json(const struct rxp_log_entry *entries, size_t n)
{
	json_t *out = json_array();

	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(out, logs_entry_json(&entries[i]));
	return out;
}

static int add(struct tale *t, const struct row *row, json_t *files, json_t *afters)
{
	json_t *earlier = row->shown == 0 ? NULL : entries_json(t->earlier, t->n_earlier);

	return shelf_add(t->m->shelf,
	    &(struct shelf_vector){row->id, "log", row->requirement, row->words, t->m->now_ms,
		files,
		json_pack("{s:s, s:s, s:o, s:o, s:o*, s:[o,o]}", "owner", "QMA", "reader", "QRA",
		    "after", afters, "sent", entries_json(t->sent, t->n_sent), "earlier", earlier,
		    "receipts", receipt_json(t, LOGS_FIRST_RECEIPT), receipt_json(t, LOGS_ENTRIES)),
		logs_expected(row->differences)});
}

static int put_log(const struct making *m, const struct row *row)
{
	struct tale *t = calloc(1, sizeof *t);
	json_t *files = json_object(), *afters = json_array();
	int rc = t == NULL ? RXP_ERR_NOMEM : 0;

	making_begin(row->id);
	if (rc == 0)
		rc = begin(t, m, row);
	if (rc == 0) {
		row->change(t);
		rc = put_pages(t, row->id, files, afters);
	}
	if (rc == 0) {
		rc = add(t, row, files, afters);
	} else {
		json_decref(files);
		json_decref(afters);
	}
	free(t);
	return rc;
}

static const struct row rows[] = {
#define LOG(requirement, number, change, differences, words) \
	{requirement "." number, "RXP-" requirement, differences, words, change, 0, false},
#define LOG_ANEW(requirement, number, shown, change, differences, words) \
	{requirement "." number, "RXP-" requirement, differences, words, change, shown, false},
#define LOG_ON(requirement, number, shown, change, differences, words) \
	{requirement "." number, "RXP-" requirement, differences, words, change, shown, true},
#include "conformance/package/log.def"
#undef LOG
#undef LOG_ANEW
#undef LOG_ON
};

int put_logs(const struct making *m)
{
	int rc = 0;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0] && rc == 0; i++)
		rc = put_log(m, &rows[i]);
	return rc;
}
