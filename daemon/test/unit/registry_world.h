/*
 * registry_world - a registry with everything around it played: gateway, desk and sealers on socket
 * pairs, a data directory of its own, a clock that the test moves.
 *
 * The sealers' fake formats are C structs as octets, so a test writes its envelopes and answers as
 * initialisers. Everything is inline, since the support files of this folder are linked into the
 * tests of other roles too.
 */
#ifndef UNIT_REGISTRY_WORLD_H
#define UNIT_REGISTRY_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/loop.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/files/file.h"
#include "daemon/registry/files/file.h"
#include "daemon/registry/peers/keys.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/assembly.h"
#include "daemon/registry/out/outbox.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_case.h"
#include "daemon/test/unit/pump.h"
#include "protocol/answer.h"
#include "protocol/buf.h"
#include "protocol/err.h"
#include "protocol/limits.h"

#define OWN "QRA"
#define PEER "QRB"
#define ANSWERS_MAX 256
#define DELIVERIES_MAX 256
#define WORLD_ANSWER_MAX 4096
#define WORLD_FACTS_MAX 512

/* What a fake sealer finds in an envelope. */
struct fake_envelope {
	uint8_t message_id[16];
	uint8_t fingerprint[32];
	int64_t created_ms, expires_ms;
	uint32_t refusal; /* 0 or 1 + enum rxp_refusal */
	uint32_t unopened;
	uint32_t salt; /* other octets of the same document */
	/* of a document of a case; "" is a Ping outside any */
	char type[RXP_TYPE_TEXT];
	struct store_place place;
	uint32_t facts_len;
	uint8_t facts[WORLD_FACTS_MAX];
};

/* What a fake sealer finds in an answer that the peer gave. */
struct fake_answer {
	uint32_t result;
	struct msg_answer_checked checked; /* BYTES empty */
};

struct world_answer {
	uint64_t request;
	enum ipc_type type;
	uint32_t http_status, result, final, more;
	uint8_t id[16];
	uint8_t case_id[16];
	char words[RECORD_NAME_MAX];
	char party[4];
	size_t row_len, persons_len; /* of a case: the first parts of octets */
	size_t len;
	uint8_t octets[WORLD_ANSWER_MAX];
};

struct world_delivery {
	uint64_t request;
	struct fake_envelope envelope; /* closed: message id and fingerprint */
	uint8_t digest[32];
	unsigned octets;
};

struct world {
	char directory[64];
	int clock_fd;
	struct loop *loop;
	struct assembly *assembly;
	struct link *gateway, *desk, *sealer;
	int sealer_fd;
	unsigned ended;
	int end_status;
	/* the sealers */
	unsigned made_keys, sealed, opened, closed, checked, receipts;
	struct msg_seal_answer last_seal;
	struct msg_close last_close; /* BYTES not kept */
	struct bytes attachments; /* what the next documents opened name */
	size_t closed_rows; /* octets of the attachments of the last document closed */
	/* gets what only tests of attachments know */
	void (*other)(struct world *w, struct link *l, const struct link_message *m);
	bool other_facts; /* what is closed says something else than was submitted */
	unsigned tickets;
	struct msg_ticket last_ticket; /* BYTES not kept */
	uint64_t commits_at_ticket;
	struct msg_descriptor_checked descriptor; /* what the next check gives; rows from it */
	uint8_t pin;
	/* the gateway */
	struct world_answer admitted[ANSWERS_MAX];
	unsigned n_admitted, pins_told, own_told;
	size_t pin_rows;
	struct world_delivery deliveries[DELIVERIES_MAX];
	unsigned n_deliveries;
	/* the desk */
	struct world_answer answers[ANSWERS_MAX];
	unsigned n_answers;
};

/* --- the sealers --------------------------------------------------------------------------------- */

static inline void world_peer_records(struct world *w, struct rxp_buf *rows)
{
	struct rec_pin pin = {.spki_digest = {w->pin}};
	struct rec_peer_key key = {.key_id = {7},
	    .spki = {(const uint8_t *)"spki", 4},
	    .from_ms = 1,
	    .until_ms = RXP_MAX_TIME_MS};
	struct rec_endpoint endpoint = {.url = {(const uint8_t *)"https://b:1", 11}};
	struct rec_level level = {.level = "Core"};
	struct rec_seal_cert cert = {.der = {(const uint8_t *)"der", 3}};

	memcpy(pin.party, w->descriptor.party, 4);
	memcpy(key.party, w->descriptor.party, 4);
	memcpy(endpoint.party, w->descriptor.party, 4);
	memcpy(cert.party, w->descriptor.party, 4);
	memcpy(level.party, w->descriptor.party, 4);
	record_list_put(rows, REC_level, &record_level, &level);
	record_list_put(rows, REC_seal_cert, &record_seal_cert, &cert);
	record_list_put(rows, REC_pin, &record_pin, &pin);
	record_list_put(rows, REC_endpoint, &record_endpoint, &endpoint);
	record_list_put(rows, REC_peer_key, &record_peer_key, &key);
}

/* facts points into e. */
static inline void world_open_case(
    const struct world *w, struct msg_opened *a, const struct fake_envelope *e)
{
	a->in_case = e->place.in_case;
	memcpy(a->case_id, e->place.case_id, sizeof a->case_id);
	a->position = e->place.position;
	a->has_previous = e->place.has_previous;
	memcpy(a->previous, e->place.previous, sizeof a->previous);
	a->has_seen = e->place.has_seen;
	memcpy(a->seen, e->place.seen, sizeof a->seen);
	strcpy(a->profile_id, "customary");
	strcpy(a->profile_version, "1.0");
	a->facts = (struct bytes){e->facts, e->facts_len};
	a->attachments = a->in_case ? w->attachments : (struct bytes){NULL, 0};
}

static inline void world_seal_open(struct world *w, uint64_t request, const struct msg_open *q)
{
	struct msg_opened a = {0};
	struct fake_envelope e;

	w->opened++;
	assert_int_equal(q->envelope.len, sizeof e);
	memcpy(&e, q->envelope.data, sizeof e);
	memcpy(a.message_id, e.message_id, sizeof a.message_id);
	memcpy(a.from, q->party, sizeof a.from);
	strcpy(a.to, OWN);
	a.refusal = e.refusal;
	a.opened = !e.unopened;
	if (a.opened) {
		a.created_ms = e.created_ms;
		a.expires_ms = e.expires_ms;
		memcpy(a.fingerprint, e.fingerprint, sizeof a.fingerprint);
		snprintf(a.type, sizeof a.type, "%s", e.type[0] != '\0' ? e.type : "Ping");
		world_open_case(w, &a, &e);
		a.evidence = (struct bytes){(const uint8_t *)"evidence", 8};
		a.wrapped_key = (struct bytes){(const uint8_t *)"wrapped", 7};
	}
	link_answer(w->sealer, IPC_opened, request, &a, NULL, 0);
}

/* The "sealed" answer is the request, numbered: two sealings never give the same octets. */
static inline void world_seal_answer(
    struct world *w, uint64_t request, const struct msg_seal_answer *q)
{
	struct msg_answer_sealed a = {0};
	struct msg_seal_answer copy = *q;

	w->sealed++;
	w->receipts += q->kind == RXP_ANSWER_RECEIPT;
	copy.place = copy.working = (struct bytes){NULL, w->sealed};
	w->last_seal = copy;
	a.octets = (struct bytes){(const uint8_t *)&copy, sizeof copy};
	link_answer(w->sealer, IPC_answer_sealed, request, &a, NULL, 0);
}

static inline struct store_place world_place(const struct msg_close *q)
{
	struct store_place p;

	memset(&p, 0, sizeof p);
	p.in_case = q->in_case != 0;
	p.position = q->position;
	p.has_previous = q->has_previous != 0;
	p.has_seen = q->has_seen != 0;
	memcpy(p.case_id, q->case_id, sizeof p.case_id);
	memcpy(p.previous, q->previous, sizeof p.previous);
	memcpy(p.seen, q->seen, sizeof p.seen);
	return p;
}

/* The draft of a fake document is its facts. */
static inline void world_seal_close(struct world *w, uint64_t request, const struct msg_close *q)
{
	struct msg_closed a = {0};
	struct fake_envelope e;

	memset(&e, 0, sizeof e);
	e.created_ms = q->created_ms;
	e.expires_ms = q->expires_ms;
	w->closed++;
	w->last_close = *q;
	w->closed_rows = q->attachments.len;
	if (q->in_case) {
		memcpy(e.type, q->type, sizeof e.type);
		e.place = world_place(q);
		assert_true(q->draft.len <= sizeof e.facts);
		memcpy(e.facts, q->draft.data, q->draft.len);
		e.facts_len = (uint32_t)q->draft.len;
		a.facts = (struct bytes){e.facts, e.facts_len - w->other_facts};
	}
	memcpy(e.message_id, q->message_id, sizeof e.message_id);
	memcpy(e.fingerprint, q->message_id, sizeof q->message_id);
	e.salt = w->closed;
	node_digest(a.envelope_digest, &e, sizeof e);
	memcpy(a.fingerprint, e.fingerprint, sizeof a.fingerprint);
	a.envelope = (struct bytes){(const uint8_t *)&e, sizeof e};
	a.evidence = (struct bytes){(const uint8_t *)"evidence", 8};
	a.wrapped_key = (struct bytes){(const uint8_t *)"wrapped", 7};
	link_answer(w->sealer, IPC_closed, request, &a, NULL, 0);
}

static inline void world_seal_check(
    struct world *w, uint64_t request, const struct msg_check_answer *q)
{
	struct fake_answer f;

	w->checked++;
	assert_int_equal(q->octets.len, sizeof f);
	memcpy(&f, q->octets.data, sizeof f);
	f.checked.result = f.result;
	link_answer(w->sealer, IPC_answer_checked, request, &f.checked, NULL, 0);
}

static inline void world_seal_rest(
    struct world *w, enum ipc_type type, uint64_t request, const void *body)
{
	const struct msg_check_descriptor *check = body;
	struct msg_key_made key = {.key_id = {(uint8_t)(w->made_keys + 1)},
	    .spki = {(const uint8_t *)"spki", 4},
	    .wrapped = {(const uint8_t *)"wrapped", 7}};
	struct msg_working_sealed working = {.working = {(const uint8_t *)"working", 7},
	    .descriptor = {(const uint8_t *)"descriptor", 10},
	    .root = {0x0a}};
	const struct msg_ticket_made ticket = {.ticket = {(const uint8_t *)"ticket", 6}};
	struct rxp_buf rows;

	if (type == IPC_ticket) {
		w->tickets++;
		w->last_ticket = *(const struct msg_ticket *)body;
		w->commits_at_ticket = store_counts(w->assembly->node.store).commits;
		link_answer(w->sealer, IPC_ticket_made, request, &ticket, NULL, 0);
	} else if (type == IPC_make_key) {
		w->made_keys++;
		link_answer(w->sealer, IPC_key_made, request, &key, NULL, 0);
	} else if (type == IPC_seal_working) {
		link_answer(w->sealer, IPC_working_sealed, request, &working, NULL, 0);
	} else {
		rxp_buf_init(&rows, 4096);
		world_peer_records(w, &rows);
		w->descriptor.rows = (struct bytes){rows.data, rows.len};
		memcpy(w->descriptor.root, check->root, sizeof check->root);
		link_answer(w->sealer, IPC_descriptor_checked, request, &w->descriptor, NULL, 0);
		rxp_buf_free(&rows);
	}
}

static inline void world_on_sealer(void *arg, struct link *l, const struct link_message *m)
{
	struct world *w = arg;
	const struct msg_taken taken = {.number = 0};

	link_answer(l, IPC_taken, m->request, &taken, NULL, 0);
	if (m->type == IPC_open)
		world_seal_open(w, m->request, m->body);
	else if (m->type == IPC_seal_answer)
		world_seal_answer(w, m->request, m->body);
	else if (m->type == IPC_close)
		world_seal_close(w, m->request, m->body);
	else if (m->type == IPC_check_answer)
		world_seal_check(w, m->request, m->body);
	else if (m->type == IPC_attachment_ticket)
		w->other(w, l, m);
	else
		world_seal_rest(w, m->type, m->request, m->body);
}

/* --- gateway and desk ---------------------------------------------------------------------------- */

static inline void world_keep(struct world_answer *a, const void *octets, size_t len)
{
	assert_true(len <= sizeof a->octets);
	a->len = len;
	if (len > 0)
		memcpy(a->octets, octets, len);
}

static inline void world_keep_case(struct world_answer *a, const struct msg_case_shown *s)
{
	struct rxp_buf all;

	rxp_buf_init(&all, sizeof a->octets);
	rxp_buf_put(&all, s->row.data, s->row.len);
	rxp_buf_put(&all, s->persons.data, s->persons.len);
	rxp_buf_put(&all, s->timeline.data, s->timeline.len);
	assert_int_equal(rxp_buf_error(&all), 0);
	a->row_len = s->row.len;
	a->persons_len = s->persons.len;
	world_keep(a, all.data, all.len);
	rxp_buf_free(&all);
}

static inline void world_on_gateway(void *arg, struct link *l, const struct link_message *m)
{
	struct world *w = arg;

	(void)l;
	if (m->type == IPC_admitted) {
		const struct msg_admitted *a = m->body;
		struct world_answer *to = &w->admitted[w->n_admitted++];

		*to = (struct world_answer){.request = m->request, .http_status = a->http_status};
		world_keep(to, a->answer.data, a->answer.len);
	} else if (m->type == IPC_deliver) {
		const struct msg_deliver *d = m->body;
		struct world_delivery *to = &w->deliveries[w->n_deliveries++];

		*to = (struct world_delivery){
		    .request = m->request, .octets = (unsigned)d->envelope.len};
		memcpy(&to->envelope, d->envelope.data, sizeof to->envelope);
		node_digest(to->digest, d->envelope.data, d->envelope.len);
	} else if (m->type == IPC_pins) {
		w->pins_told++;
		w->pin_rows = ((const struct msg_pins *)m->body)->rows.len;
	} else if (m->type == IPC_own_descriptor) {
		w->own_told++;
	} else {
		w->other(w, l, m);
	}
}

static inline void world_on_desk(void *arg, struct link *l, const struct link_message *m)
{
	struct world *w = arg;
	struct world_answer *a = &w->answers[w->n_answers++];

	(void)l;
	*a = (struct world_answer){.request = m->request, .type = m->type};
	memcpy(&a->result, m->body, sizeof a->result); /* every answer to the desk begins with it */
	if (m->type == IPC_attachment_opened || m->type == IPC_attachment_got) {
		w->other(w, l, m);
	} else if (m->type == IPC_attachment_listed) {
		const struct msg_attachment_listed *s = m->body;

		world_keep(a, s->rows.data, s->rows.len);
	} else if (m->type == IPC_peer_added) {
		const struct msg_peer_added *p = m->body;

		memcpy(a->words, p->problem, sizeof a->words);
		memcpy(a->party, p->party, sizeof a->party);
	} else if (m->type == IPC_peer_pinged) {
		memcpy(a->id, ((const struct msg_peer_pinged *)m->body)->local_id, sizeof a->id);
	} else if (m->type == IPC_submitted) {
		const struct msg_submitted *s = m->body;

		memcpy(a->words, s->problem, sizeof a->words);
		memcpy(a->id, s->local_id, sizeof a->id);
		memcpy(a->case_id, s->case_id, sizeof a->case_id);
		a->more = s->repeated;
	} else if (m->type == IPC_content_ticket) {
		const struct msg_content_ticket *s = m->body;

		world_keep(a, s->ticket.data, s->ticket.len);
		a->row_len = s->envelope.len;
	} else if (m->type == IPC_case_shown) {
		world_keep_case(a, m->body);
	} else if (m->type == IPC_message_shown) {
		const struct msg_message_shown *s = m->body;

		a->final = s->final;
		world_keep(a, s->row.data, s->row.len);
	} else if (m->type == IPC_listed) {
		const struct msg_listed *s = m->body;

		a->more = s->more;
		world_keep(a, s->rows.data, s->rows.len);
	} else if (m->type == IPC_status_is) {
		const struct msg_status_is *s = m->body;

		memcpy(a->words, s->health, sizeof a->words);
		world_keep(a, s->rows.data, s->rows.len);
	} else if (m->type == IPC_descriptor_got) {
		const struct msg_descriptor_got *s = m->body;

		memcpy(a->id, s->root, sizeof a->id);
		world_keep(a, s->octets.data, s->octets.len);
	} else if (m->type == IPC_evidence_got) {
		const struct msg_evidence_got *s = m->body;

		a->more = s->more;
		snprintf(a->words, sizeof a->words, "%.*s/%.*s", (int)s->own_descriptor.len,
		    (const char *)s->own_descriptor.data, (int)s->peer_descriptor.len,
		    (const char *)s->peer_descriptor.data);
		world_keep(a, s->rows.data, s->rows.len);
	}
}

static inline void world_on_closed(void *arg, struct link *l, int why)
{
	(void)arg;
	(void)l;
	fail_msg("a link closed: %s", rxp_err_text(why));
}

/* --- beginning and end --------------------------------------------------------------------------- */

static inline void world_on_end(void *arg, int status)
{
	struct world *w = arg;

	w->ended = 1;
	w->end_status = status;
}

static inline int world_join(struct world *w, struct link **out, enum ipc_role self, bool shared,
    link_handler *handler, int *kept)
{
	int ends[2];
	struct link_config c = {.self = self,
	    .peer = IPC_REGISTRY,
	    .shared = shared,
	    .handler = handler,
	    .closed = world_on_closed,
	    .arg = w};

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
	c.fd = ends[1];
	assert_int_equal(link_new(out, w->loop, &c), 0);
	if (kept != NULL)
		*kept = ends[1];
	return ends[0];
}

/* Start the registry, and what is around it; RXP_ERR_* of assembly_new. */
static inline int world_start(struct world *w)
{
	struct assembly_config c = {
	    .own = {.own = OWN, .test_node = 1, .identity_serial = 1, .identity = {1}},
	    .test_clock = true,
	    .end = world_on_end,
	    .arg = w};

	assert_int_equal(loop_new(&w->loop), 0);
	c.loop = w->loop;
	c.gateway_fd = world_join(w, &w->gateway, IPC_GATEWAY, false, world_on_gateway, NULL);
	c.desk_fd = world_join(w, &w->desk, IPC_DESK, false, world_on_desk, NULL);
	c.sealers_fd = world_join(w, &w->sealer, IPC_SEALER, true, world_on_sealer, &w->sealer_fd);
	return assembly_new(&w->assembly, &c);
}

/* As a crash: what is not committed is gone, and nobody is told anything. */
static inline void world_stop(struct world *w)
{
	assembly_free(w->assembly);
	w->assembly = NULL;
	link_free(w->gateway);
	link_free(w->desk);
	link_free(w->sealer);
	loop_free(w->loop);
	w->n_admitted = w->n_deliveries = w->n_answers = 0;
}

static inline void world_restart(struct world *w)
{
	world_stop(w);
	assert_int_equal(world_start(w), 0);
}

static inline void world_move_clock(struct world *w, int64_t ms)
{
	char text[32];
	int len = snprintf(text, sizeof text, "%lld\n", (long long)ms);

	assert_int_equal(ftruncate(w->clock_fd, 0), 0);
	assert_int_equal(pwrite(w->clock_fd, text, (size_t)len, 0), len);
}

static inline int world_set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	snprintf(w->directory, sizeof w->directory, "/tmp/registry-world-XXXXXX");
	if (mkdtemp(w->directory) == NULL || chdir(w->directory) != 0 ||
	    file_make_directories(UINT32_MAX, UINT32_MAX) != 0)
		return -1;
	if (file_make_directories(UINT32_MAX, UINT32_MAX) != 0)
		return -1;
	w->clock_fd = memfd_create("clock", MFD_CLOEXEC);
	clock_set_offset_file(w->clock_fd);
	w->descriptor = (struct msg_descriptor_checked){.party = PEER,
	    .test_node = 1,
	    .identity_serial = 1,
	    .identity_created_ms = 1,
	    .working_created_ms = 1};
	w->pin = 1;
	*state = w;
	return world_start(w);
}

static inline int world_remove_file(void *arg, const struct file_name *name)
{
	(void)arg;
	return unlink(name->path) == 0 ? 0 : RXP_ERR_IO;
}

static inline int world_tear_down(void **state)
{
	struct world *w = *state;

	world_stop(w);
	clock_set_offset_file(-1);
	close(w->clock_fd);
	(void)unlink("readmit.db");
	(void)unlink("readmit.db-wal");
	(void)unlink("readmit.lock");
	if (file_each(world_remove_file, NULL) != 0 || rmdir("attachments/staging") != 0 ||
	    rmdir("attachments/out") != 0 || rmdir("attachments/in") != 0 ||
	    rmdir("attachments") != 0)
		return -1;
	(void)rmdir("attachments/staging");
	(void)rmdir("attachments/out");
	(void)rmdir("attachments/in");
	(void)rmdir("attachments");
	if (chdir("/") != 0 || rmdir(w->directory) != 0)
		return -1;
	free(w);
	return 0;
}

/* --- what tests do ------------------------------------------------------------------------------- */

/* Run until a counter has reached a value. */
static inline void world_until(struct world *w, const unsigned *counter, unsigned value)
{
	int64_t end = clock_mono_ms() + PUMP_MAX_MS;

	while (*counter < value && clock_mono_ms() < end)
		pump_for(w->loop, 1);
	assert_true(*counter >= value);
}

static inline const struct world_answer *world_ask(
    struct world *w, enum ipc_type type, const void *body)
{
	unsigned before = w->n_answers;

	assert_int_equal(link_request(w->desk, type, body, NULL, 0, NULL), 0);
	world_until(w, &w->n_answers, before + 1);
	return &w->answers[before];
}

static inline const struct world_answer *world_add_peer(struct world *w, uint8_t root)
{
	struct msg_peer_add m = {
	    .user = "officer", .root = {root}, .descriptor = {(const uint8_t *)"d", 1}};

	return world_ask(w, IPC_peer_add, &m);
}

static inline void world_send(struct world *w, const struct fake_envelope *e)
{
	struct msg_admit m = {.party = PEER,
	    .received_ms = clock_wall_ms(),
	    .envelope = {(const uint8_t *)e, sizeof *e}};

	assert_int_equal(link_request(w->gateway, IPC_admit, &m, NULL, 0, NULL), 0);
}

static inline const struct world_answer *world_admit(struct world *w, const struct fake_envelope *e)
{
	unsigned before = w->n_admitted;

	world_send(w, e);
	world_until(w, &w->n_admitted, before + 1);
	return &w->admitted[before];
}

static inline struct fake_envelope world_envelope(uint8_t id)
{
	struct fake_envelope e;

	memset(&e, 0, sizeof e); /* the octets between the members too */
	e.message_id[0] = id;
	e.message_id[15] = 1;
	e.fingerprint[0] = id;
	e.created_ms = clock_wall_ms();
	e.expires_ms = e.created_ms + RXP_DEFAULT_LIFETIME_MS;
	return e;
}

/* Order a Ping and give its local id. */
static inline void world_ping(struct world *w, uint8_t id[16])
{
	struct msg_peer_ping m = {.user = "officer", .party = PEER};
	const struct world_answer *a = world_ask(w, IPC_peer_ping, &m);

	assert_int_equal(a->result, 0);
	memcpy(id, a->id, sizeof a->id);
}

static inline void world_show(struct world *w, const uint8_t id[16], struct rec_message_row *row)
{
	struct msg_message_show m = {0};
	const struct world_answer *a;

	memcpy(m.local_id, id, sizeof m.local_id);
	a = world_ask(w, IPC_message_show, &m);
	assert_int_equal(a->result, 0);
	assert_int_equal(record_decode(row, &record_message_row, a->octets, a->len), 0);
}

/* Run until the message is in this state. */
static inline void world_until_state(
    struct world *w, const uint8_t id[16], const char *state, struct rec_message_row *row)
{
	int64_t end = clock_mono_ms() + PUMP_MAX_MS;

	do {
		w->n_answers = 0;
		world_show(w, id, row);
	} while (strcmp(row->state, state) != 0 && clock_mono_ms() < end);
	assert_string_equal(row->state, state);
}

/* The right answer to a delivery: a receipt, to be changed in one thing by a negative test. */
static inline struct fake_answer world_receipt(const struct world_delivery *d)
{
	struct fake_answer f;

	memset(&f, 0, sizeof f);
	f.checked.kind = RXP_ANSWER_RECEIPT;
	memcpy(f.checked.message_id, d->envelope.message_id, sizeof f.checked.message_id);
	strcpy(f.checked.from, PEER);
	strcpy(f.checked.to, OWN);
	f.checked.created_ms = f.checked.received_ms = clock_wall_ms();
	memcpy(f.checked.envelope_digest, d->digest, sizeof d->digest);
	f.checked.has_fingerprint = 1;
	memcpy(f.checked.fingerprint, d->envelope.fingerprint, sizeof f.checked.fingerprint);
	f.checked.log_count = 4;
	f.checked.final = 1;
	return f;
}

static inline struct fake_answer world_refusal(
    const struct world_delivery *d, enum rxp_refusal code, bool final)
{
	struct fake_answer f = world_receipt(d);

	f.checked.kind = RXP_ANSWER_REFUSAL;
	f.checked.refusal = 1 + (uint32_t)code;
	f.checked.final = final;
	f.checked.received_ms = 0;
	f.checked.log_count = 0;
	return f;
}

/* End a delivery: with octets of an answer, or f NULL for an empty body. */
static inline void world_deliver(
    struct world *w, const struct world_delivery *d, uint32_t status, const struct fake_answer *f)
{
	struct msg_delivery m = {.http_status = status,
	    .started_ms = clock_wall_ms(),
	    .sent_ms = clock_wall_ms(),
	    .answered_ms = clock_wall_ms()};

	if (f != NULL)
		m.answer = (struct bytes){(const uint8_t *)f, sizeof *f};
	assert_int_equal(link_answer(w->gateway, IPC_delivery, d->request, &m, NULL, 0), 0);
}

static inline void world_deliver_fault(struct world *w, const struct world_delivery *d)
{
	struct msg_delivery m = {
	    .outcome = (uint32_t)RXP_ERR_IO, .transport = "connection refused"};

	assert_int_equal(link_answer(w->gateway, IPC_delivery, d->request, &m, NULL, 0), 0);
}

#endif
