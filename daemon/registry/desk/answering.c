#include "daemon/registry/desk/answering.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/registry/cases/cases.h"
#include "daemon/registry/retention/corrections.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define REQUIREMENT "RXP-COR-013"
#define WORDS_MAX 96

static struct bytes text_bytes(const char *text)
{
	return (struct bytes){.data = (const uint8_t *)text, .len = strlen(text)};
}

static void object(struct rxp_buf *out, const char *path, const char *text, const char *action)
{
	struct rec_violation v = {
	    .path = text_bytes(path), .text = text_bytes(text), .action = text_bytes(action)};

	snprintf(v.requirement, sizeof v.requirement, "%s", REQUIREMENT);
	record_list_put(out, REC_violation, &record_violation, &v);
}

/* Which item, and what the node has to do before it can be said. */
static void object_to(
    struct rxp_buf *out, const struct correction *k, size_t item, enum rxp_answered answer)
{
	const char *asked = rxp_asked_word(k->items[item].asked);
	char path[WORDS_MAX], text[WORDS_MAX], action[WORDS_MAX];
	char id[RXP_ID_TEXT];

	rxp_id_text(id, k->local_id);
	snprintf(path, sizeof path, "DataCorrectionReply/Item[%zu]/%s", item + 1,
	    answer == RXP_ANSWERED_DONE ? "Done" : "Blocked");
	if (answer == RXP_ANSWERED_DONE) {
		snprintf(text, sizeof text, "this node has not carried out the %s", asked);
		snprintf(action, sizeof action, "readmitctl message carry-out %s", id);
	} else {
		snprintf(text, sizeof text, "nothing is blocked here under a legal hold");
		snprintf(action, sizeof action, "carry it out and say Done");
	}
	object(out, path, text, action);
}

static int judge(struct rxp_buf *out, struct db *db, const struct answering *a,
    const struct plan *p, struct correction *k)
{
	enum rxp_answered words[RXP_MAX_CORRECTION_ITEMS];
	size_t at = 0, n = 0;
	int rc;

	while (at < a->c->n && memcmp(a->c->docs[at].fingerprint, a->about, 32) != 0)
		at++;
	if (at == a->c->n)
		return RXP_ERR_STATE;
	rc = correction_load(k, db, a->c, p, at);
	if (rc == 0)
		rc = correction_answers(words, &n, a->facts);
	if (rc != 0)
		return rc;
	if (n != k->n)
		object(out, "DataCorrectionReply",
		    "it does not speak of each item of the correction",
		    "answer each by its number");
	for (size_t i = 0; n == k->n && i < n; i++)
		if (!correction_is_true(k, p, i, words[i]))
			object_to(out, k, i, words[i]);
	rc = rxp_buf_error(out);
	return rc == 0 && out->len > 0 ? RXP_ERR_STATE : rc;
}

int answering_check(struct rxp_buf *violations, struct db *db, const struct answering *a)
{
	struct correction *k = malloc(sizeof *k);
	struct plan p = {.n = 0};
	int rc = k != NULL ? 0 : RXP_ERR_NOMEM;

	if (rc == 0)
		rc = plan_make(&p, a->node, a->terms, db, &a->c->row, a->now_ms);
	if (rc == 0)
		rc = judge(violations, db, a, &p, k);
	plan_clear(&p);
	free(k);
	return rc;
}
