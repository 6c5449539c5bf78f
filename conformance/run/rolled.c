#include "conformance/run/rolled.h"

#include <poll.h>
#include <string.h>

#include "conformance/run/rolls.h"
#include "conformance/state/moment.h"
#include "conformance/state/state.h"
#include "protocol/base/err.h"

#define STATUS_TAKEN 204
#define STATUS_REFUSED 422
#define TICK_MS \
	2 /* what was made before has an earlier time, and what is made behind it a later one */

static int post(struct line *l, const struct rxp_buf *octets)
{
	const struct wire_request request = {.method = "POST",
	    .path = "/rxp/1/descriptor",
	    .content_type = "application/rxp+xml",
	    .body = octets->data,
	    .body_len = octets->len};
	struct wire_response response;
	int status;

	wire_response_init(&response);
	(void)line_ask(l, &request, &response);
	status = response.status;
	wire_response_clear(&response);
	return status;
}

static int give(struct line *l, struct outcome *outcome, const struct rxp_buf *octets)
{
	const struct rxp_buf *known = &l->target->parties->own->descriptor;
	bool is_wrong;
	int status, rc = 0;

	if (target_pulls(l->target)) {
		outcome_rule(outcome, VERDICT_NA, "the product opens no port");
		return 1;
	}
	status = post(l, octets);
	if (status != STATUS_REFUSED)
		rc = state_follow(l->target->own, l->target->dir, octets);
	if (rc != 0 || status == STATUS_TAKEN)
		return rc;
	/* Whoever knows what this State knew must take what follows that. */
	is_wrong = strcmp(outcome->facts->requirement, "RXP-PUL-008") == 0 &&
		   status == STATUS_REFUSED && post(l, known) == STATUS_TAKEN;
	outcome_rule(outcome, is_wrong ? VERDICT_FAIL : VERDICT_INCOMPLETE,
	    "the next descriptor of this State gets the status %d, not 204", status);
	return status == STATUS_REFUSED ? ROLLED_REFUSED : 1;
}

/* Make the next descriptor with the change, of those of struct roll, and give it. */
static int roll(
    struct line *l, struct outcome *outcome, roll_change *change, const struct roll *with)
{
	struct roll r = *with;
	struct rxp_buf octets;
	int rc;

	r.parties = l->target->parties;
	(void)poll(NULL, 0, TICK_MS);
	r.now_ms = moment_now_ms();
	rxp_buf_init(&octets, RXP_MAX_DESCRIPTOR_OCTETS);
	rc = roll_make(&octets, &r, change);
	if (rc == 0)
		rc = give(l, outcome, &octets);
	rxp_buf_free(&octets);
	(void)poll(NULL, 0, TICK_MS);
	return rc;
}

static int make_spare(struct keypair *k, const struct state *s, const char *use)
{
	return k->cert != NULL ? 0 : keypair_make(k, s->party, use, moment_now_ms());
}

static int make_spares(struct state *s)
{
	int rc = make_spare(&s->spare_seal, s, "seal");

	return rc == 0 ? make_spare(&s->spare_tls, s, "tls") : rc;
}

int rolled_leave_out(struct line *l, struct outcome *outcome, int64_t revoked_ms)
{
	struct state *s = l->target->own;
	int rc;

	if (s == NULL)
		return RXP_ERR_STATE;
	rc = make_spares(s);
	if (rc == 0)
		rc = roll(l, outcome, roll_list, &(struct roll){.revoked_ms = revoked_ms});
	if (rc != 0) { /* nobody knows whether they are listed */
		keypair_clear(&s->spare_seal);
		keypair_clear(&s->spare_tls);
	}
	return rc;
}

int rolled_list(struct line *l, struct outcome *outcome)
{
	struct state *s = l->target->own;
	bool listed = s != NULL && s->spare_seal.cert != NULL && s->spare_tls.cert != NULL;

	return listed ? 0 : rolled_leave_out(l, outcome, 0);
}

int rolled_take(struct keypair *out, enum rolled_key kind, struct line *l, struct outcome *outcome)
{
	struct keypair *spare;
	int rc = rolled_list(l, outcome);

	if (rc != 0)
		return rc;
	spare = kind == ROLLED_seal ? &l->target->own->spare_seal : &l->target->own->spare_tls;
	*out = *spare;
	*spare = (struct keypair){0};
	return 0;
}

int rolled_list_again(struct line *l, struct outcome *outcome, const struct keypair *seal)
{
	keypair_clear(&l->target->own->spare_seal);
	return roll(l, outcome, roll_list_seal, &(struct roll){.key = seal});
}

int rolled_end_keys(struct line *l, struct outcome *outcome)
{
	return l->target->own == NULL
		   ? RXP_ERR_STATE
		   : roll(l, outcome, roll_keys_ended, &(struct roll){.revoked_ms = 0});
}

int rolled_list_key_ahead(struct line *l, struct outcome *outcome)
{
	return l->target->own == NULL
		   ? RXP_ERR_STATE
		   : roll(l, outcome, roll_key_ahead, &(struct roll){.revoked_ms = 0});
}

int rolled_list_endpoints(struct line *l, struct outcome *outcome, const char *const *before)
{
	return l->target->own == NULL
		   ? RXP_ERR_STATE
		   : roll(l, outcome, roll_endpoints, &(struct roll){.endpoints = before});
}

int rolled_make(struct rxp_buf *out, const struct target *target, roll_change *change)
{
	(void)poll(NULL, 0, TICK_MS);
	return roll_make(
	    out, &(struct roll){.parties = target->parties, .now_ms = moment_now_ms()}, change);
}

int rolled_go_on(const struct target *target)
{
	struct state *s = target->own;
	struct rxp_buf octets;
	int rc;

	if (s == NULL)
		return RXP_ERR_STATE;
	keypair_clear(&s->spare_seal);
	keypair_clear(&s->spare_tls);
	rxp_buf_init(&octets, RXP_MAX_DESCRIPTOR_OCTETS);
	rc = make_spares(s);
	if (rc == 0)
		rc = rolled_make(&octets, target, roll_list);
	if (rc == 0)
		rc = state_follow(s, target->dir, &octets);
	rxp_buf_free(&octets);
	return rc;
}
