#include "daemon/base/journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/timestamp.h"

#define HASHED_MAX 1024 /* octets: a head and the lines of one entry */
#define LINE_TEXT 24 /* a number and its NUL */

static const struct {
	const char *word;
	enum api_role role;
} actions[JOURNAL_ACTIONS] = {
#define ACTION(NAME, word, role, meaning) [JOURNAL_##NAME] = {word, API_##role},
#include "daemon/base/journal.def"
#undef ACTION
};

static const char *const reasons[] = {
#define REASON(NAME, word, meaning) word,
#include "daemon/base/journal.def"
#undef REASON
    NULL};

const char *journal_action_word(enum journal_action action)
{
	if ((unsigned)action >= JOURNAL_ACTIONS)
		abort();
	return actions[action].word;
}

enum api_role journal_action_role(enum journal_action action)
{
	if ((unsigned)action >= JOURNAL_ACTIONS)
		abort();
	return actions[action].role;
}

const char *journal_reason(unsigned number)
{
	return number < sizeof reasons / sizeof reasons[0] ? reasons[number] : NULL;
}

bool journal_reason_is(const char *word)
{
	for (unsigned i = 0; reasons[i] != NULL; i++)
		if (strcmp(reasons[i], word) == 0)
			return true;
	return false;
}

/* --- the chain ----------------------------------------------------------------------------------- */

static void put_line(struct rxp_buf *b, const char *text)
{
	rxp_buf_puts(b, text);
	rxp_buf_putc(b, '\n');
}

static void put_number(struct rxp_buf *b, uint64_t number)
{
	char text[LINE_TEXT];

	snprintf(text, sizeof text, "%" PRIu64, number);
	put_line(b, text);
}

/* Zeros are no id: an empty line. */
static void put_id(struct rxp_buf *b, const uint8_t id[RXP_ID_OCTETS])
{
	static const uint8_t none[RXP_ID_OCTETS];
	char text[RXP_ID_TEXT] = "";

	if (memcmp(id, none, sizeof none) != 0)
		rxp_id_text(text, id);
	put_line(b, text);
}

int journal_head(uint8_t out[32], const uint8_t before[32], const struct rec_journal_row *row)
{
	char time[RXP_TIME_TEXT];
	struct rxp_buf b;
	int rc;

	rxp_time_text(time, row->at_ms);
	rxp_buf_init(&b, HASHED_MAX);
	rxp_buf_put(&b, before, 32);
	put_number(&b, row->n);
	put_line(&b, time);
	put_line(&b, row->user);
	put_line(&b, row->role);
	put_line(&b, row->action);
	put_line(&b, row->reason);
	put_line(&b, row->peer);
	put_id(&b, row->case_id);
	put_id(&b, row->local_id);
	put_number(&b, row->number);
	rc = rxp_buf_error(&b);
	if (rc == 0 && EVP_Digest(b.data, b.len, out, NULL, EVP_sha256(), NULL) != 1)
		rc = RXP_ERR_CRYPTO;
	rxp_buf_free(&b);
	return rc;
}
