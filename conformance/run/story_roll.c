/* Stories of keys that roll over (section 7). The State speaks on two lines: as it is, and under the key that it lists beside. */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "conformance/message/changes.h"
#include "conformance/run/patience.h"
#include "conformance/run/rolled.h"
#include "conformance/run/story_tell.h"
#include "conformance/state/moment.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "conformance/wire/tls.h"

#define AT_ONCE_MS 3000
#define PAUSE_MS 10
#define STATUS_GIVEN 200
#define STATUS_TAKEN 204
#define STATUS_FORBIDDEN 403

static const struct expect receipt = {EXPECT_RECEIPT, 0};
static const struct expect unopenable = {EXPECT_REFUSAL, RXP_REFUSAL_UNOPENABLE};

static int ping(struct teller *t, struct draft *d)
{
	return draft_begin(d, t->line.target->parties, BASE_PING, moment_now_ms());
}

static int made_ping(struct teller *t, struct draft *d)
{
	int rc = ping(t, d);

	return rc == 0 ? draft_make(d, NULL) : rc;
}

/* The next part leaves the key out. */
static int retire(struct teller *t)
{
	return rolled_leave_out(&t->line, t->out, 0);
}

static int revoke(struct teller *t)
{
	return rolled_leave_out(&t->line, t->out, moment_now_ms());
}

/* What was sent under the other key does not open, and had no effect. */
static int does_not_open(struct teller *t, struct teller *other, struct draft *d)
{
	struct draft *right = teller_draft(t);
	int rc = teller_try(other, d, &unopenable, teller_told(t));

	if (rc == 0)
		rc = draft_twin(right, d);
	right->parties = t->line.target->parties;
	return rc == 0 ? teller_after(t, right) : rc;
}

int tell_newly_listed(struct teller *t, struct teller *other, const struct keypair *key)
{
	struct draft *d = teller_draft(t);
	int rc = made_ping(other, d);

	(void)key;
	return rc == 0 ? teller_try(other, d, &receipt, teller_told(t)) : rc;
}

/* --- documents under a seal that is gone ------------------------------------------------------- */

int tell_retired_before(struct teller *t, struct teller *other, const struct keypair *key)
{
	struct draft *d = teller_draft(t);
	int rc = made_ping(other, d);

	(void)key;
	if (rc == 0)
		rc = retire(t);
	return rc == 0 ? teller_try(other, d, &receipt, teller_told(t)) : rc;
}

int tell_retired_after(struct teller *t, struct teller *other, const struct keypair *key)
{
	struct draft *d = teller_draft(t);
	int rc = retire(t);

	(void)key;
	if (rc == 0)
		rc = made_ping(other, d);
	return rc == 0 ? does_not_open(t, other, d) : rc;
}

int tell_revoked_before(struct teller *t, struct teller *other, const struct keypair *key)
{
	struct draft *d = teller_draft(t);
	int rc = made_ping(other, d);

	(void)key;
	if (rc == 0)
		rc = revoke(t);
	return rc == 0 ? does_not_open(t, other, d) : rc;
}

int tell_revoked_and_listed(struct teller *t, struct teller *other, const struct keypair *key)
{
	struct draft *d = teller_draft(t);
	int rc = revoke(t);

	if (rc == 0)
		rc = rolled_list_again(&t->line, t->out, key);
	if (rc == 0)
		rc = made_ping(other, d);
	return rc == 0 ? does_not_open(t, other, d) : rc;
}

/* What is in force is brought again when it is no more (RXP-PUL-008); *status: what it gets. */
static int bring_former(struct teller *t, int *status)
{
	const struct rxp_buf *now = &t->line.target->parties->own->descriptor;
	struct rxp_buf former;
	int rc;

	rxp_buf_init(&former, RXP_MAX_DESCRIPTOR_OCTETS);
	rc = rxp_buf_put(&former, now->data, now->len);
	if (rc == 0)
		rc = retire(t);
	if (rc == 0)
		rc = teller_ask(t,
		    &(struct wire_request){.method = "POST",
			.path = "/rxp/1/descriptor",
			.content_type = "application/rxp+xml",
			.body = former.data,
			.body_len = former.len},
		    status);
	rxp_buf_free(&former);
	return rc;
}

/* It names no part that is trusted by now, and is no fault of its State. */
int tell_former_given(struct teller *t, struct teller *other, const struct keypair *key)
{
	int status = 0, rc = bring_former(t, &status);

	(void)other;
	(void)key;
	return rc == 0 ? teller_status(t, STATUS_TAKEN, status) : rc;
}

int tell_former_brought(struct teller *t, struct teller *other, const struct keypair *key)
{
	struct draft *d = teller_draft(t);
	int status = 0, rc = bring_former(t, &status);

	(void)key;
	if (rc == 0 && (status == 0 || status == PATIENCE_STATUS)) { /* it was not looked at */
		outcome_rule(t->out, VERDICT_INCOMPLETE,
		    "before it, the former descriptor gets the status %d, not 204", status);
		return 1;
	}
	if (rc == 0)
		rc = made_ping(other, d);
	return rc == 0 ? does_not_open(t, other, d) : rc;
}

/* The State lists the key under such a certificate; a part that names it is to be taken, and what it seals, too. */
int tell_odd_certificate(struct teller *t, struct teller *other, const struct keypair *key)
{
	const struct state *self = other->line.target->parties->own;
	struct state odd = *self;
	struct parties as_odd = {&odd, other->line.target->parties->product};
	struct target target = *other->line.target;
	struct teller third = {.out = t->out, .line = {.target = &target}};
	struct draft *d = teller_draft(t);
	int rc;

	odd.seal = (struct keypair){0};
	rc = keypair_recertify_oddly(&odd.seal, key, self->party, "seal");
	target.parties = &as_odd;
	if (rc == 0) {
		rc = rolled_list_again(&t->line, t->out, &odd.seal);
		if (rc == ROLLED_REFUSED)
			rc = teller_against(
			    t, "a descriptor that lists such a certificate is not taken");
	}
	if (rc == 0)
		rc = made_ping(&third, d);
	if (rc == 0)
		rc = teller_try(&third, d, &receipt, teller_told(t));
	line_judge(&third.line, t->out);
	line_hang_up(&third.line);
	keypair_clear(&odd.seal);
	return rc;
}

/* --- answers that stand ------------------------------------------------------------------------ */

/* The very answer that was given before the seal was revoked. */
static int stands(
    struct teller *t, struct teller *other, const struct draft *d, const struct told *once)
{
	struct told *again = teller_told(t);
	int rc = revoke(t);

	line_hang_up(&other->line);
	if (rc == 0)
		rc = teller_again(other, d, again);
	return rc == 0 ? teller_same(t, once, again) : rc;
}

/* A Ping that is made under the other key, and receipted. */
static int receipted(struct teller *other, struct draft *d, struct told *got)
{
	int rc = made_ping(other, d);

	return rc == 0 ? teller_try(other, d, &receipt, got) : rc;
}

int tell_receipted_before(struct teller *t, struct teller *other, const struct keypair *key)
{
	struct draft *d = teller_draft(t);
	struct told *once = teller_told(t);
	int rc = receipted(other, d, once);

	(void)key;
	return rc == 0 ? stands(t, other, d, once) : rc;
}

/* Its Envelope is one that nobody has seen. */
int tell_receipted_closed_anew(struct teller *t, struct teller *other, const struct keypair *key)
{
	static const struct change same = {
	    STAGE_SEALED, {{NULL, NULL, NULL}}, change_same_document, NULL};
	struct draft *d = teller_draft(t), *anew = teller_draft(t);
	struct told *once = teller_told(t);
	int rc = receipted(other, d, once);

	(void)key;
	if (rc == 0)
		rc = draft_twin(anew, d);
	anew->sent = d;
	if (rc == 0)
		rc = draft_make(anew, &same);
	return rc == 0 ? stands(t, other, anew, once) : rc;
}

/* Another document under the MessageId of one that was receipted. */
static int of_same_id(struct teller *t, struct teller *other, struct draft *d)
{
	struct draft *first = teller_draft(t);
	int rc = ping(t, first);

	if (rc == 0)
		rc = teller_before(t, first);
	if (rc == 0)
		rc = ping(other, d);
	memcpy(d->header.outer.message_id, first->header.outer.message_id,
	    sizeof d->header.outer.message_id);
	return rc == 0 ? draft_make(d, NULL) : rc;
}

int tell_refused_before(struct teller *t, struct teller *other, const struct keypair *key)
{
	static const struct expect conflict = {EXPECT_REFUSAL, RXP_REFUSAL_CONFLICT};
	struct draft *d = teller_draft(t);
	struct told *once = teller_told(t);
	int rc = of_same_id(t, other, d);

	(void)key;
	if (rc == 0)
		rc = teller_try(other, d, &conflict, once);
	return rc == 0 ? stands(t, other, d, once) : rc;
}

int tell_other_under_revoked(struct teller *t, struct teller *other, const struct keypair *key)
{
	struct draft *d = teller_draft(t);
	int rc = of_same_id(t, other, d);

	(void)key;
	if (rc == 0)
		rc = revoke(t);
	return rc == 0 ? teller_try(other, d, &unopenable, teller_told(t)) : rc;
}

/* --- Void under a revoked seal ------------------------------------------------------------------- */

int tell_void_under_revoked(struct teller *t, struct teller *other, const struct keypair *key)
{
	struct draft *d = teller_draft(t), *taking_back = teller_draft(t);
	struct told *once = teller_told(t);
	int rc = receipted(other, d, once);

	(void)key;
	if (rc == 0)
		rc = teller_void(other, taking_back, d->outer.message_id, d->fingerprint);
	if (rc == 0)
		rc = draft_make(taking_back, NULL);
	return rc == 0 ? stands(t, other, taking_back, once) : rc;
}

int tell_void_voids_nothing(struct teller *t, struct teller *other, const struct keypair *key)
{
	struct draft *d = teller_draft(t), *taking_back = teller_draft(t);
	int rc = made_ping(t, d);

	(void)key;
	if (rc == 0)
		rc = teller_void(other, taking_back, d->outer.message_id, d->fingerprint);
	if (rc == 0)
		rc = draft_make(taking_back, NULL);
	if (rc == 0)
		rc = revoke(t);
	if (rc == 0)
		rc = teller_try(other, taking_back, &unopenable, teller_told(t));
	return rc == 0 ? teller_after(t, d) : rc;
}

/* --- a pin that is gone -------------------------------------------------------------------------- */

/* A connection of that pin on which a message was receipted; then the pin is left out. */
static int lose_pin(struct teller *t, struct teller *other)
{
	struct draft *d = teller_draft(t);
	int rc = ping(other, d);

	if (rc == 0)
		rc = teller_before(other, d);
	return rc == 0 ? retire(t) : rc;
}

/* A connection stands on that pin, and a request is under way on it: nobody ends it for being idle. */
static int stand(
    struct line *l, struct outcome *out, struct draft *d, struct wire_response *response)
{
	struct patience patience = patience_of(l->target);
	bool stands;

	d->request.hold = 1;
	do {
		line_drop(l);
		wire_response_clear(response);
		stands = line_hold(l, &d->request, response) == WIRE_NONE &&
			 !wire_is_over(l->held) && !wire_held_ends(l->held, tls_now_ms());
	} while (!stands && patience_bear(&patience));
	if (stands)
		return 0;
	outcome_rule(out, VERDICT_INCOMPLETE,
	    "a connection of that pin on which a request is under way ends before the pin is left out");
	return 1;
}

/* It ends now. */
static int is_ended(struct teller *t, struct wire *wire)
{
	int64_t until_ms = tls_now_ms() + AT_ONCE_MS;

	while (!wire_is_over(wire)) {
		if (tls_now_ms() >= until_ms) {
			(void)snprintf(t->out->seen, sizeof t->out->seen, "it still stands");
			return teller_against(t, "the connection stands on a pin that is gone");
		}
		(void)poll(NULL, 0, PAUSE_MS);
	}
	(void)snprintf(t->out->seen, sizeof t->out->seen, "%s", t->out->expected);
	return 0;
}

int tell_pin_left_out(struct teller *t, struct teller *other, const struct keypair *key)
{
	struct draft *d = teller_draft(t);
	struct wire_response response;
	int rc = made_ping(other, d);

	(void)key;
	wire_response_init(&response);
	if (rc == 0)
		rc = stand(&other->line, t->out, d, &response);
	if (rc == 0)
		rc = retire(t);
	if (rc == 0)
		rc = is_ended(t, other->line.held);
	line_drop(&other->line);
	wire_response_clear(&response);
	return rc;
}

/* On a connection that is made anew. */
static int ask_anew(
    struct teller *t, struct teller *other, const struct wire_request *request, int *status)
{
	int rc = lose_pin(t, other);

	line_hang_up(&other->line);
	if (rc == 0 && request->body_len > 0)
		rc = rxp_buf_put(&t->out->sent, request->body, request->body_len);
	return rc == 0 ? teller_ask(other, request, status) : rc;
}

static int is_forbidden(struct teller *t, struct teller *other, const struct wire_request *request)
{
	int status = 0, rc = ask_anew(t, other, request, &status);

	return rc == 0 ? teller_status(other, STATUS_FORBIDDEN, status) : rc;
}

int tell_former_asks_descriptor(struct teller *t, struct teller *other, const struct keypair *key)
{
	const struct rxp_buf *came = &t->out->received;
	struct rxp_descriptor *d = NULL;
	int status = 0;
	int rc = ask_anew(t, other,
	    &(struct wire_request){.method = "GET", .path = "/rxp/1/descriptor"}, &status);

	(void)key;
	if (rc == 0)
		rc = teller_status(other, STATUS_GIVEN, status);
	if (rc != 0)
		return rc;
	if (rxp_descriptor_open(&d, came->data, came->len, NULL) != 0)
		return teller_against(t, "it does not give its descriptor to a pin that is gone");
	if (strcmp(d->identity.party, product_party(t->line.target->parties->product)) != 0)
		rc = teller_against(t, "it gives the descriptor of another party");
	rxp_descriptor_free(d);
	return rc;
}

int tell_former_sends(struct teller *t, struct teller *other, const struct keypair *key)
{
	struct draft *d = teller_draft(t);
	int rc = made_ping(t, d);

	(void)key;
	if (rc == 0)
		rc = is_forbidden(t, other, &d->request);
	return rc == 0 ? teller_after(t, d) : rc;
}

int tell_former_fetches(struct teller *t, struct teller *other, const struct keypair *key)
{
	(void)key;
	return is_forbidden(
	    t, other, &(struct wire_request){.method = "GET", .path = "/rxp/1/messages"});
}

int tell_former_asks_log(struct teller *t, struct teller *other, const struct keypair *key)
{
	(void)key;
	return is_forbidden(
	    t, other, &(struct wire_request){.method = "GET", .path = "/rxp/1/log?after=0"});
}

/* --- the whole ----------------------------------------------------------------------------------- */

int tell_rolled(struct teller *t, enum rolled_key kind, story_rolled *tell)
{
	const struct parties *parties = t->line.target->parties;
	struct state self = *parties->own;
	struct parties as_self = {&self, parties->product};
	struct target target = *t->line.target;
	struct teller other = {.out = t->out, .line = {.target = &target}};
	struct keypair key = {0};
	int rc = rolled_take(&key, kind, &t->line, t->out);

	target.parties = &as_self;
	*(kind == ROLLED_seal ? &self.seal : &self.tls) = key;
	if (rc == 0)
		rc = tell(t, &other, &key);
	line_judge(&other.line, t->out);
	line_hang_up(&other.line);
	keypair_clear(&key);
	return rc;
}
