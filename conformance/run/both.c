#include "conformance/run/both.h"

#include <poll.h>
#include <string.h>

#include "conformance/run/desk.h"
#include "conformance/state/moment.h"
#include "conformance/wire/tls.h"

#define LOOK_MS 20

int both_incomplete(struct teller *t, const char *why)
{
	outcome_rule(t->out, VERDICT_INCOMPLETE, "before it, %.150s", why);
	return 1;
}

int both_has_desk(struct teller *t)
{
	if (t->line.target->desk != NULL)
		return 0;
	outcome_rule(t->out, VERDICT_INCOMPLETE,
	    "it needs a document of the product, and nothing makes it send one: --trigger");
	t->out->unprompted = true;
	return 1;
}

int both_product_says(struct teller *t, struct history *h, struct draft *wanted)
{
	char why[OUTCOME_WHY] = "";
	struct heard *came = NULL;
	int rc = both_has_desk(t);

	if (rc == 0)
		rc = history_about(h, wanted, false);
	if (rc == 0) {
		rc = desk_send(
		    t->line.target->desk, &t->line, t->out->facts->id, wanted, h, &came, why);
		if (rc > 0)
			rc = both_incomplete(t, why);
	}
	if (rc == 0)
		rc = history_add(h, &came->header, false, came->fingerprint);
	if (came != NULL)
		heard_free(came);
	return rc;
}

int both_own_says(struct teller *t, struct history *h, struct draft *d)
{
	int rc = history_follow(h, d);

	if (rc == 0)
		rc = teller_before(t, d);
	return rc == 0 ? history_add(h, &d->header, true, d->fingerprint) : rc;
}

int both_own_lost(struct teller *t, struct draft *d, const struct restored *r, struct told *got)
{
	const struct expect *what = &got->seen.what;
	int rc = restored_begin(d, t->line.target->parties, r, moment_now_ms());

	t->line.busy_is_said = true;
	if (rc == 0)
		rc = teller_send(t, d, got);
	t->line.busy_is_said = false;
	if (rc != 0 || what->kind != EXPECT_REFUSAL)
		return rc;
	if (what->value == RXP_REFUSAL_UNSUPPORTED) {
		outcome_rule(t->out, VERDICT_NA,
		    "the product does not act on such a notice"); /* RXP-NOT-009 */
		return 1;
	}
	return what->value == RXP_REFUSAL_BUSY
		   ? both_incomplete(t, "this State said too often today that it lost something")
		   : 0;
}

int both_look_for(struct teller *t, int within_ms, const char *query, const uint8_t *id,
    const char *type, int *status, struct heard **out)
{
	int64_t deadline_ms = tls_now_ms() + within_ms;
	struct desk *d = t->line.target->desk;
	int ignored = 0, rc = 0;

	*out = NULL;
	while (rc == 0 && tls_now_ms() < deadline_ms) {
		struct heard *came = NULL;

		rc = desk_fetch(d, &t->line, query, status, &came);
		if (rc == 0 && came == NULL)
			(void)poll(NULL, 0, LOOK_MS);
		if (came == NULL)
			continue;
		if (id != NULL ? memcmp(came->message_id, id, sizeof came->message_id) == 0
			       : strcmp(came->header.type, type) == 0) {
			*out = came;
			return 0;
		}
		if (came->stage == HEARD_OPENED)
			rc = desk_answer(d, &t->line, came, NULL, true, &ignored);
		heard_free(came);
	}
	return rc;
}

int both_fetch(struct teller *t, const struct draft *wanted, struct heard **came)
{
	const struct target *target = t->line.target;
	const struct history none = {.n = 0};
	char why[OUTCOME_WHY] = "";
	int status = 0, rc = desk_ask(target->desk, t->out->facts->id, wanted, &none, why);

	if (rc > 0)
		return both_incomplete(t, why);
	if (rc == 0)
		rc =
		    both_look_for(t, target->wait_ms, "", NULL, wanted->header.type, &status, came);
	if (rc == 0 && (*came == NULL || (*came)->stage != HEARD_OPENED))
		rc = both_incomplete(t, "no message of the product comes that opens");
	return rc;
}
