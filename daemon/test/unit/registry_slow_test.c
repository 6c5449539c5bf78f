/*
 * Goal: the other State cannot tell a held case from one that is merely slow (RXP-HLD-001, RXP-HLD-006). Two runs of one
 * story, each a node with everything around it played, on a clock that the test moves:
 *   slow   the officer writes the next document late
 *   held   the officer writes it early and the hold stops it, at each place where one can wait; it is refused while
 *          the hold lasts; another officer lifts it, and the document is written anew
 * Everything that leaves the node is recorded in its order: each message with type, place in the chain, octets, and
 * the test clock's time of it, of its Created and of its Expires, each as the hour after the last thing that left;
 * each answer with status, kind, octets, flags and its place in the log; and every question to the peer. The two
 * records are equal.
 * So that the test can fail: the record of a run in which the document is kept back and sent as it was differs, as
 * does that of a run in which one thing more leaves, or one receipt has a flag more.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

#define HOUR INT64_C(3600000)
#define RECORD_MAX 8192
#define NOTIFICATION "TransferNotification"

/* How the story is told. */
enum told {
	SLOW,
	HELD_AT_DESK, /* it is refused at the desk */
	HELD_DRAFT, /* it waits behind another */
	HELD_AT_SEALER, /* a sealer has it */
	STOPPED, /* an emergency stop, in the place of a hold */
	KEPT_BACK, /* no hold: it is sealed early and leaves late, as a wrong hold would let it */
	TALKING, /* a document more */
	FLAGGED, /* a receipt differs */
};

struct record {
	char text[RECORD_MAX];
	size_t used;
	int64_t last_ms; /* of the clock, when the last thing left */
	unsigned deliveries, admitted, fetches;
};

static void note(struct record *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void note(struct record *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	r->used += (size_t)vsnprintf(r->text + r->used, RECORD_MAX - r->used, format, args);
	va_end(args);
	assert_true(r->used < RECORD_MAX);
}

/* Whole hours from one time to another, the nearest: a run takes some seconds of its own. */
static long hours(int64_t from_ms, int64_t to_ms)
{
	int64_t ms = to_ms - from_ms + HOUR / 2;

	return (long)(ms >= 0 ? ms / HOUR : -((HOUR - 1 - ms) / HOUR));
}

/* What has left since the last look. */
static void look(struct world *w, struct record *r)
{
	int64_t now = clock_wall_ms();

	for (; r->deliveries < w->n_deliveries; r->deliveries++) {
		const struct world_delivery *d = &w->deliveries[r->deliveries];
		const struct msg_close *c = &w->last_close;

		note(r,
		    "message %s position %u previous %d seen %d octets %u after %ld h, created %ld "
		    "h, expires %ld h\n",
		    c->type, (unsigned)c->position, (int)c->has_previous, (int)c->has_seen,
		    d->octets, hours(r->last_ms, now), hours(now, c->created_ms),
		    hours(now, c->expires_ms));
		r->last_ms = now;
	}
	for (; r->admitted < w->n_admitted; r->admitted++) {
		const struct world_answer *a = &w->admitted[r->admitted];
		const struct msg_seal_answer *s = &w->last_seal;

		note(r, "answer %u kind %u octets %zu flags %s log %u received %ld h after %ld h\n",
		    (unsigned)a->http_status, (unsigned)s->kind, a->len, w->last_flags,
		    (unsigned)s->log_count, hours(now, s->received_ms), hours(r->last_ms, now));
		r->last_ms = now;
	}
	for (; r->fetches < w->fetches; r->fetches++)
		note(r, "question\n");
}

static void day(struct world *w, struct record *r, int64_t *moved, unsigned days)
{
	*moved += days * DAY;
	world_move_clock(w, *moved);
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	look(w, r);
}

/* --- the officers ------------------------------------------------------------------------------------ */

static void hold(struct world *w, const uint8_t case_id[16])
{
	struct msg_case_hold m = {.user = "uid:1001", .persons = 1, .reason = "legal"};

	memcpy(m.case_id, case_id, sizeof m.case_id);
	assert_int_equal(world_ask(w, IPC_case_hold, &m)->result, 0);
}

static void lift(struct world *w, const uint8_t case_id[16])
{
	struct msg_case_lift m = {.user = "uid:1002", .persons = 1};

	memcpy(m.case_id, case_id, sizeof m.case_id);
	assert_int_equal(world_ask(w, IPC_case_lift, &m)->result, 0);
}

static void write_early(struct world *w, uint8_t case_id[16], uint8_t id[16])
{
	case_accepted(w, "key-early", case_id, NOTIFICATION, case_facts("notify", 1, 1, NULL), id);
}

static void order(struct world *w, const char *user, const char *act, uint8_t id[16])
{
	struct msg_stop_order m = {.kind = "peer", .what = PEER, .reason = "situation"};
	const struct world_answer *a;

	snprintf(m.user, sizeof m.user, "%s", user);
	snprintf(m.act, sizeof m.act, "%s", act);
	memcpy(m.id, id, sizeof m.id);
	a = world_ask(w, IPC_stop_order, &m);
	assert_int_equal(a->result, 0);
	memcpy(id, a->id, sizeof a->id);
}

/* --- the story --------------------------------------------------------------------------------------- */

/* The document that every run sends meanwhile, about P2, and its receipt. */
static void send_other(struct world *w, struct record *r, uint8_t case_id[16], unsigned n)
{
	uint8_t id[16];

	case_accepted(w, "key-other", case_id, "DataCorrection",
	    case_facts_all("correct", w->deliveries[0].envelope.fingerprint), id);
	world_delivered(w, n);
	look(w, r);
	case_receipt(w, n, id);
}

/* What lies between the early document and the late one. */
static void wait_with(
    struct world *w, struct record *r, enum told told, uint8_t case_id[16], int64_t *moved)
{
	struct rec_message_row row;
	uint8_t id[16], other[16], stop[16] = {0};

	switch (told) {
	case HELD_AT_DESK:
		hold(w, case_id);
		case_not_accepted(w, case_id, NOTIFICATION, case_facts("notify", 1, 1, NULL),
		    RXP_ERR_STATE, "RXP-HLD-002: a hold stops it");
		send_other(w, r, case_id, 2);
		break;
	case HELD_DRAFT:
		case_accepted(w, "key-other", case_id, "DataCorrection",
		    case_facts_all("correct", w->deliveries[0].envelope.fingerprint), other);
		world_delivered(w, 2);
		write_early(w, case_id, id);
		hold(w, case_id);
		look(w, r);
		case_receipt(w, 2, other);
		world_until_state(w, id, "discarded", &row);
		break;
	case HELD_AT_SEALER:
		link_pause(w->sealer, true);
		write_early(w, case_id, id);
		pump_for(w->loop, 50);
		hold(w, case_id);
		link_pause(w->sealer, false);
		world_until_state(w, id, "discarded", &row);
		send_other(w, r, case_id, 2);
		break;
	case STOPPED:
		order(w, "uid:1001", "propose", stop);
		order(w, "uid:1002", "confirm", stop);
		case_not_accepted(w, case_id, NOTIFICATION, case_facts("notify", 1, 1, NULL),
		    RXP_ERR_STATE, "RXP-HLD-009: an emergency stop stops it");
		send_other(w, r, case_id, 2);
		day(w, r, moved, 2);
		order(w, "uid:1001", "lift", stop);
		order(w, "uid:1002", "lift", stop);
		*moved -= 2 * DAY; /* of the days below */
		break;
	case TALKING:
		send_other(w, r, case_id, 2);
		case_accepted(
		    w, "key-more", case_id, "Reminder", case_facts_all("remind", NULL), id);
		world_delivered(w, 3);
		look(w, r);
		case_receipt(w, 3, id);
		break;
	default:
		send_other(w, r, case_id, 2);
		break;
	}
	day(w, r, moved, 3);
}

static void their_document(struct world *w, struct record *r, struct fake_envelope *e)
{
	assert_int_equal(world_admit(w, e)->http_status, 200);
	look(w, r);
}

static void tell(struct world *w, struct record *r, enum told told)
{
	struct fake_envelope asked, reply, document, notice;
	struct rec_message_row row;
	struct peer *peer;
	uint8_t case_id[16], id[16];
	int64_t moved = 0;
	unsigned n;

	*r = (struct record){.last_ms = clock_wall_ms()};
	asked = case_asked(w, case_id);
	/* How often it is asked in vain for its keys is by the machine's clock, and no part of the story. */
	peer = peers_find(w->assembly->peers, PEER);
	peer->was_asked = true;
	peer->refresh_mono = clock_mono_ms() + HOUR;
	look(w, r);
	day(w, r, &moved, 1);
	reply = case_document(50, case_id, REPLY, 1, case_facts("accept", 1, 2, asked.fingerprint));
	case_seen(&reply, &asked);
	their_document(w, r, &reply);
	document = case_document(
	    51, case_id, "TravelDocumentNotice", 2, case_facts("issue-document", 1, 2, NULL));
	case_seen(&document, &asked);
	case_previous(&document, &reply);
	their_document(w, r, &document);
	wait_with(w, r, told, case_id, &moved);
	/* The peer writes while the person is held, and is answered as ever. */
	notice = case_document(52, case_id, "Reminder", 3, case_facts_all("remind", NULL));
	case_seen(&notice, &asked);
	case_previous(&notice, &document);
	notice.refusal = told == FLAGGED ? 1 + RXP_REFUSAL_STATE : 0;
	assert_int_equal(world_admit(w, &notice)->http_status, told == FLAGGED ? 409 : 200);
	look(w, r);
	if (told == KEPT_BACK) {
		link_pause(w->gateway, true);
		write_early(w, case_id, id);
		world_until_state(w, id, "sending", &row);
	}
	day(w, r, &moved, 4);
	if (told == HELD_AT_DESK || told == HELD_DRAFT || told == HELD_AT_SEALER)
		lift(w, case_id);
	day(w, r, &moved, 1);
	n = w->n_deliveries;
	if (told == KEPT_BACK) {
		link_pause(w->gateway, false);
	} else {
		case_accepted(
		    w, "key-late", case_id, NOTIFICATION, case_facts("notify", 1, 1, NULL), id);
	}
	world_delivered(w, n + 1);
	look(w, r);
	case_receipt(w, n + 1, id);
	day(w, r, &moved, 1);
}

/* A world of its own for each run. */
static void run(struct record *r, enum told told)
{
	void *state = NULL;

	assert_int_equal(world_set_up(&state), 0);
	tell(state, r, told);
	assert_int_equal(world_tear_down(&state), 0);
}

/* --- tests ------------------------------------------------------------------------------------------ */

static void test_held_is_slow(void **state)
{
	static const enum told ways[] = {HELD_AT_DESK, HELD_DRAFT, HELD_AT_SEALER, STOPPED};
	struct record slow, held;

	(void)state;
	run(&slow, SLOW);
	assert_non_null(strstr(slow.text, "message TransferNotification position 3"));
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		run(&held, ways[i]);
		assert_string_equal(held.text, slow.text);
	}
}

static void test_leaks_are_seen(void **state)
{
	static const enum told ways[] = {KEPT_BACK, TALKING, FLAGGED};
	struct record slow, leak;

	(void)state;
	run(&slow, SLOW);
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		run(&leak, ways[i]);
		assert_string_not_equal(leak.text, slow.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_held_is_slow),
	    cmocka_unit_test(test_leaks_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
