#include "conformance/state/ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/state/chance.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/log/logpage.h"
#include "protocol/message/answer.h"

#define LINE_OCTETS (2UL * RXP_MAX_ANSWER_OCTETS)
#define ID_HEX (2 * RXP_ID_OCTETS + 1)
#define STEP 64
#define ENDED '-' /* before an entry of a log that ended */

/* --- in memory ------------------------------------------------------------------------------- */

uint64_t ledger_count(const struct ledger *l)
{
	return l->n - l->first;
}

static int put(
    struct ledger *l, const struct rxp_log_entry *entry, const uint8_t *answer, size_t len)
{
	struct ledger_entry *e;
	int rc;

	if (l->n == l->room) {
		struct ledger_entry *more =
		    realloc(l->entries, (l->room + STEP) * sizeof *l->entries);

		if (more == NULL)
			return RXP_ERR_NOMEM;
		l->entries = more;
		l->room += STEP;
	}
	e = &l->entries[l->n];
	e->entry = *entry;
	rxp_buf_init(&e->answer, RXP_MAX_ANSWER_OCTETS);
	rc = rxp_buf_put(&e->answer, answer, len);
	if (rc == 0)
		rc = rxp_logchain_extend(l->head, ledger_count(l) + 1, entry);
	if (rc == 0)
		l->n++;
	else
		rxp_buf_free(&e->answer);
	return rc;
}

/* The log that there is begins behind all that there are. */
static int begin(struct ledger *l)
{
	l->first = l->n;
	return rxp_logchain_start(l->head, l->own, l->peer, l->log_id);
}

/* l->n: it has none. */
static size_t number_of(const struct ledger *l, const uint8_t id[RXP_ID_OCTETS])
{
	size_t i = 0;

	while (i < l->n && memcmp(l->entries[i].entry.message_id, id, RXP_ID_OCTETS) != 0)
		i++;
	return i;
}

const struct ledger_entry *ledger_find(const struct ledger *l, const uint8_t id[RXP_ID_OCTETS])
{
	size_t i = number_of(l, id);

	return i < l->n ? &l->entries[i] : NULL;
}

int ledger_head(const struct ledger *l, size_t n, uint8_t head[RXP_DIGEST_OCTETS])
{
	int rc = rxp_logchain_start(head, l->own, l->peer, l->log_id);

	for (size_t i = 0; rc == 0 && i < n && i < ledger_count(l); i++)
		rc = rxp_logchain_extend(head, i + 1, &l->entries[l->first + i].entry);
	return rc;
}

/* --- the file -------------------------------------------------------------------------------- */

static int write_first(const struct ledger *l)
{
	char id[ID_HEX];
	FILE *file = fopen(l->path, "we");
	int n;

	if (file == NULL)
		return RXP_ERR_IO;
	rxp_hex_put(id, l->log_id, sizeof l->log_id, false);
	n = fprintf(file, "%s\n", id);
	return fclose(file) != 0 || n < 0 ? RXP_ERR_IO : 0;
}

static int write_entry(const struct ledger *l, const struct ledger_entry *e, bool ended)
{
	char id[ID_HEX], fingerprint[RXP_DIGEST_HEX];
	struct rxp_buf text;
	FILE *file;
	int n = -1, rc;

	rxp_hex_put(id, e->entry.message_id, sizeof e->entry.message_id, false);
	rxp_hex_put(fingerprint, e->entry.fingerprint, sizeof e->entry.fingerprint, false);
	rxp_buf_init(&text, LINE_OCTETS);
	rc = rxp_base64_put(&text, e->answer.data, e->answer.len);
	file = rc == 0 ? fopen(l->path, "ae") : NULL;
	if (file != NULL) {
		n = fprintf(file, "%s%s %s %" PRId64 " %u %.*s\n", ended ? "-" : "", id,
		    fingerprint, e->entry.received_ms, (unsigned)e->entry.outcome, (int)text.len,
		    (const char *)text.data);
		if (fclose(file) != 0)
			n = -1;
	}
	rxp_buf_free(&text);
	return rc == 0 && n < 0 ? RXP_ERR_IO : rc;
}

static int write_all(const struct ledger *l)
{
	int rc = write_first(l);

	for (size_t i = 0; rc == 0 && i < l->n; i++)
		rc = write_entry(l, &l->entries[i], i < l->first);
	return rc;
}

static int read_entry(struct ledger *l, char *line)
{
	struct rxp_log_entry entry = {0};
	struct rxp_buf answer;
	char *at = line, *word[5];
	bool ended = *line == ENDED;
	int rc = RXP_ERR_DAMAGED;

	at += ended;
	for (size_t i = 0; i < sizeof word / sizeof word[0]; i++)
		word[i] = strsep(&at, " ");
	if (at != NULL || word[4] == NULL ||
	    rxp_hex_get(entry.message_id, sizeof entry.message_id, word[0], false) != 0 ||
	    rxp_hex_get(entry.fingerprint, sizeof entry.fingerprint, word[1], false) != 0)
		return rc;
	entry.received_ms = strtoll(word[2], NULL, 10);
	entry.outcome = strcmp(word[3], "1") == 0 ? RXP_OUTCOME_RECEIPT : RXP_OUTCOME_REFUSAL;
	rxp_buf_init(&answer, RXP_MAX_ANSWER_OCTETS);
	rc = rxp_base64_get(&answer, word[4], strlen(word[4]));
	if (rc == 0)
		rc = put(l, &entry, answer.data, answer.len);
	rxp_buf_free(&answer);
	return rc == 0 && ended ? begin(l) : rc;
}

static int read_file(struct ledger *l, FILE *file)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n = getline(&line, &room, file);
	int rc = RXP_ERR_DAMAGED;

	if (n > 0) {
		line[n - 1] = '\0';
		rc = rxp_hex_get(l->log_id, sizeof l->log_id, line, false);
	}
	if (rc == 0)
		rc = ledger_head(l, 0, l->head);
	while (rc == 0 && (n = getline(&line, &room, file)) > 0) {
		line[n - 1] = '\0';
		rc = read_entry(l, line);
	}
	free(line);
	return rc == 0 || rc == RXP_ERR_NOMEM ? rc : RXP_ERR_DAMAGED;
}

int ledger_open(struct ledger **out, const char *dir, const char *own, const char *peer)
{
	struct ledger *l = calloc(1, sizeof *l);
	FILE *file;
	int rc;

	if (l == NULL)
		return RXP_ERR_NOMEM;
	memcpy(l->own, own, sizeof l->own);
	memcpy(l->peer, peer, sizeof l->peer);
	(void)snprintf(l->path, sizeof l->path, "%s/log-%s", dir, peer);
	file = fopen(l->path, "re");
	if (file != NULL) {
		rc = read_file(l, file);
		(void)fclose(file);
	} else {
		rc = errno == ENOENT ? rxp_id_make_v4(l->log_id, chance()) : RXP_ERR_IO;
		if (rc == 0)
			rc = ledger_head(l, 0, l->head);
		if (rc == 0)
			rc = write_first(l);
	}
	if (rc == 0)
		*out = l;
	else
		ledger_free(l);
	return rc;
}

void ledger_free(struct ledger *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->n; i++)
		rxp_buf_free(&l->entries[i].answer);
	for (size_t i = 0; i < l->n_lost; i++)
		rxp_buf_free(&l->lost[i].answer);
	free(l->entries);
	free(l->lost);
	free(l);
}

int ledger_add(
    struct ledger *l, const struct rxp_log_entry *entry, const uint8_t *answer, size_t len)
{
	int rc = put(l, entry, answer, len);

	return rc == 0 ? write_entry(l, &l->entries[l->n - 1], false) : rc;
}

/* --- a loss ---------------------------------------------------------------------------------- */

/* Move those from n on to what is lost. */
static int forget(struct ledger *l, size_t n)
{
	size_t more = l->n - n;
	struct ledger_entry *lost =
	    more == 0 ? l->lost : realloc(l->lost, (l->n_lost + more) * sizeof *lost);

	if (more > 0 && lost == NULL)
		return RXP_ERR_NOMEM;
	l->lost = lost;
	if (more > 0)
		memcpy(&l->lost[l->n_lost], &l->entries[n], more * sizeof *lost);
	l->n_lost += more;
	l->n = n;
	return 0;
}

int ledger_lose(struct ledger *l, size_t n)
{
	int rc = n > ledger_count(l) ? RXP_ERR_BOUND : forget(l, l->first + n);

	if (rc == 0)
		rc = rxp_id_make_v4(l->log_id, chance());
	if (rc == 0)
		rc = begin(l);
	return rc == 0 ? write_all(l) : rc;
}

static const struct ledger_entry *find_octets(
    const struct ledger_entry *entries, size_t n, const uint8_t *answer, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (entries[i].answer.len == len &&
		    memcmp(entries[i].answer.data, answer, len) == 0)
			return &entries[i];
	return NULL;
}

const struct ledger_entry *ledger_lost(const struct ledger *l, const uint8_t *answer, size_t len)
{
	return find_octets(l->lost, l->n_lost, answer, len);
}

int ledger_bring(struct ledger *l, const uint8_t *answer, size_t len, enum ledger_back *out)
{
	const struct ledger_entry *lost = ledger_lost(l, answer, len);
	size_t at = lost == NULL ? 0 : (size_t)(lost - l->lost);
	int rc;

	*out = find_octets(l->entries, l->n, answer, len) != NULL ? LEDGER_HAD : LEDGER_NONE;
	if (lost == NULL)
		return 0;
	rc = ledger_add(l, &lost->entry, answer, len);
	if (rc != 0)
		return rc;
	*out = LEDGER_LOST;
	rxp_buf_free(&l->lost[at].answer);
	l->lost[at] = l->lost[--l->n_lost];
	return 0;
}

int ledger_reseal(struct ledger *l, const uint8_t id[RXP_ID_OCTETS], const struct rxp_cert *former,
    int64_t now_ms, const struct rxp_signer *signer)
{
	size_t i = number_of(l, id);
	struct rxp_buf *answer;
	struct rxp_answer a;
	int rc;

	if (i == l->n)
		return RXP_ERR_NOT_FOUND;
	answer = &l->entries[i].answer;
	rxp_answer_init(&a);
	rc = rxp_answer_open(&a, answer->data, answer->len, &former, 1);
	if (rc == 0) {
		rxp_buf_reset(answer);
		rc = rxp_answer_seal(answer, &a, now_ms, signer);
	}
	rxp_answer_clear(&a);
	return rc == 0 ? write_all(l) : rc;
}

int ledger_page(struct rxp_buf *out, const struct ledger *l, uint64_t after, int64_t now_ms,
    const struct rxp_signer *signer)
{
	struct rxp_log_page *page = calloc(1, sizeof *page);
	uint64_t n = ledger_count(l);
	int rc;

	if (page == NULL)
		return RXP_ERR_NOMEM;
	memcpy(page->owner, l->own, sizeof page->owner);
	memcpy(page->peer, l->peer, sizeof page->peer);
	page->created_ms = now_ms;
	memcpy(page->log_id, l->log_id, sizeof page->log_id);
	page->count = n;
	memcpy(page->head, l->head, sizeof page->head);
	page->after = after < n ? after : n;
	rc = ledger_head(l, page->after, page->after_head);
	while (page->after + page->n_entries < n && page->n_entries < RXP_MAX_LOG_PAGE_ENTRIES) {
		page->entries[page->n_entries] =
		    l->entries[l->first + page->after + page->n_entries].entry;
		page->n_entries++;
	}
	if (rc == 0)
		rc = rxp_log_page_seal(out, page, now_ms, signer);
	free(page);
	return rc;
}
