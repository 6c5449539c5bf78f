/*
 * gateway_rig - nodes for tests of the gateway: an exchange on a listening loopback socket, with
 * the test in the place of its registry, all on one loop. Only for tests that link the gateway.
 */
#ifndef TEST_GATEWAY_RIG_H
#define TEST_GATEWAY_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/loop.h"
#include "daemon/gateway/exchange.h"
#include "protocol/base/buf.h"

#define RIG_WAIT_MS 60000 /* an event that does not come in this time is a failure */
#define RIG_ADMITS 256
#define RIG_ANSWER "<Receipt/>"

struct rig_key {
	EVP_PKEY *key;
	X509 *certificate; /* expired long ago: dates play no part */
	uint8_t digest[32];
};

static inline struct rig_key rig_key_new(void)
{
	struct rig_key k = {.key = EVP_EC_gen("P-256"), .certificate = X509_new()};
	uint8_t *spki = NULL;
	int len;

	assert_non_null(k.key);
	ASN1_INTEGER_set(X509_get_serialNumber(k.certificate), 1);
	ASN1_TIME_set_string(X509_getm_notBefore(k.certificate), "20010101000000Z");
	ASN1_TIME_set_string(X509_getm_notAfter(k.certificate), "20020101000000Z");
	X509_set_version(k.certificate, X509_VERSION_3);
	X509_set_pubkey(k.certificate, k.key);
	assert_true(X509_sign(k.certificate, k.key, EVP_sha256()) > 0);
	len = i2d_PUBKEY(k.key, &spki);
	assert_true(len > 0);
	assert_int_equal(EVP_Digest(spki, (size_t)len, k.digest, NULL, EVP_sha256(), NULL), 1);
	OPENSSL_free(spki);
	return k;
}

static inline void rig_key_free(struct rig_key *k)
{
	EVP_PKEY_free(k->key);
	X509_free(k->certificate);
}

static inline void rig_pem(
    const struct rig_key *k, struct rxp_buf *key, struct rxp_buf *certificate)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *octets;
	long len;

	rxp_buf_init(key, 16384);
	rxp_buf_init(certificate, 16384);
	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, k->key, NULL, NULL, 0, NULL, NULL), 1);
	len = BIO_get_mem_data(bio, &octets);
	assert_int_equal(rxp_buf_put(key, octets, (size_t)len), 0);
	assert_int_equal(BIO_reset(bio), 1);
	assert_int_equal(PEM_write_bio_X509(bio, k->certificate), 1);
	len = BIO_get_mem_data(bio, &octets);
	assert_int_equal(rxp_buf_put(certificate, octets, (size_t)len), 0);
	BIO_free(bio);
}

/* --- the loop --------------------------------------------------------------------------------- */

struct rig {
	struct loop *loop;
	struct timer *tick;
};

static inline void rig_on_tick(void *arg)
{
	struct rig *r = arg;

	loop_stop(r->loop);
}

static inline void rig_init(struct rig *r)
{
	assert_int_equal(loop_new(&r->loop), 0);
	assert_int_equal(timer_new(&r->tick, r->loop, rig_on_tick, r), 0);
}

static inline void rig_end(struct rig *r)
{
	timer_free(r->tick);
	loop_free(r->loop);
}

/* A few rounds of the loop; what the test does between them stands for another process. */
static inline void rig_turn(struct rig *r)
{
	timer_arm(r->tick, 1);
	assert_int_equal(loop_run(r->loop), 0);
}

/* Run until the condition holds; it is looked at again after each turn. */
#define rig_until(rig, condition) \
	do { \
		int64_t rig_end_ms = clock_mono_ms() + RIG_WAIT_MS; \
		while (!(condition)) { \
			assert_true(clock_mono_ms() < rig_end_ms); \
			rig_turn(rig); \
		} \
	} while (0)

/* Turns enough for whatever is under way on loopback to arrive. */
static inline void rig_settle(struct rig *r)
{
	int i;

	for (i = 0; i < 20; i++)
		rig_turn(r);
}

/* --- a node ----------------------------------------------------------------------------------- */

struct node {
	struct rig *rig;
	const char *party;
	struct rig_key key, former; /* former.key: NULL if it has none */
	struct exchange *x;
	struct link *link; /* the registry's end */
	int listener;
	uint16_t port;
	struct gateway_times times;
	/* What the registry saw. */
	unsigned contacts;
	char contact[4];
	bool reached;
	unsigned unknown; /* words of keys that are not known; of whom the last was */
	char unknown_of[4];
	uint8_t unknown_pin[32];
	int64_t contact_until_ms; /* end of its certificate */
	unsigned admits;
	uint64_t admit[RIG_ADMITS]; /* numbers of those not answered yet */
	size_t n_admit;
	char admit_party[4];
	int64_t received_ms;
	size_t admit_len;
	uint8_t admit_first, admit_last; /* octets of the envelope */
	unsigned deliveries,
	    failures; /* failures: of these, without status 200 or not sent whole */
	struct msg_delivery delivery; /* the last; answer is a copy in answer[] */
	char answer[64];
	bool ended;
	int status;
	/* What the registry does. */
	bool hold; /* collect admits in admit[] instead of answering */
	link_handler *more; /* takes other messages, with the node as arg; NULL: there are none */
};

static inline void node_answer(struct node *n, uint64_t request)
{
	struct msg_admitted m = {
	    .http_status = 200, .answer = {(const uint8_t *)RIG_ANSWER, sizeof RIG_ANSWER - 1}};

	assert_int_equal(link_answer(n->link, IPC_admitted, request, &m, NULL, 0), 0);
}

static inline void node_on_admit(struct node *n, uint64_t request, const struct msg_admit *m)
{
	n->admits++;
	memcpy(n->admit_party, m->party, sizeof n->admit_party);
	n->received_ms = m->received_ms;
	n->admit_len = m->envelope.len;
	if (m->envelope.len > 0) {
		n->admit_first = m->envelope.data[0];
		n->admit_last = m->envelope.data[m->envelope.len - 1];
	}
	if (!n->hold) {
		node_answer(n, request);
		return;
	}
	assert_true(n->n_admit < RIG_ADMITS);
	n->admit[n->n_admit++] = request;
}

static inline void node_on_message(void *arg, struct link *l, const struct link_message *m)
{
	struct node *n = arg;
	const struct msg_contact *contact;

	switch (m->type) {
	case IPC_contact:
		contact = m->body;
		n->contacts++;
		memcpy(n->contact, contact->party, sizeof n->contact);
		n->contact_until_ms = contact->until_ms;
		n->reached = contact->reached != 0;
		break;
	case IPC_pin_unknown:
		n->unknown++;
		memcpy(n->unknown_of, ((const struct msg_pin_unknown *)m->body)->party,
		    sizeof n->unknown_of);
		memcpy(n->unknown_pin, ((const struct msg_pin_unknown *)m->body)->pin,
		    sizeof n->unknown_pin);
		break;
	case IPC_admit:
		node_on_admit(n, m->request, m->body);
		break;
	case IPC_delivery:
		n->deliveries++;
		memcpy(&n->delivery, m->body, sizeof n->delivery);
		n->failures += n->delivery.http_status != 200 || n->delivery.sent_ms == 0;
		snprintf(n->answer, sizeof n->answer, "%.*s", (int)n->delivery.answer.len,
		    n->delivery.answer.len > 0 ? (const char *)n->delivery.answer.data : "");
		break;
	default:
		assert_non_null(n->more);
		n->more(n, l, m);
	}
}

static inline void node_on_closed(void *arg, struct link *l, int why)
{
	(void)arg;
	(void)l;
	(void)why;
}

static inline void node_on_ended(void *arg, int status)
{
	struct node *n = arg;

	assert_false(n->ended);
	n->ended = true;
	n->status = status;
}

/* The listener outlives the exchange, as the parent's does. */
static inline void node_listen(struct node *n)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof address;

	n->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_true(n->listener >= 0);
	assert_int_equal(bind(n->listener, (void *)&address, sizeof address), 0);
	assert_int_equal(listen(n->listener, 64), 0);
	assert_int_equal(getsockname(n->listener, (void *)&address, &len), 0);
	n->port = ntohs(address.sin_port);
}

static inline void node_up(struct node *n)
{
	struct rxp_buf key, certificate, former_key, former_certificate;
	bool former = n->former.key != NULL;
	int pair[2];

	rig_pem(&n->key, &key, &certificate);
	rig_pem(former ? &n->former : &n->key, &former_key, &former_certificate);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(link_new(&n->link, n->rig->loop,
			     &(struct link_config){.fd = pair[0],
				 .self = IPC_REGISTRY,
				 .peer = IPC_GATEWAY,
				 .handler = node_on_message,
				 .closed = node_on_closed,
				 .arg = n}),
	    0);
	assert_int_equal(
	    exchange_new(&n->x, &(struct exchange_config){.loop = n->rig->loop,
				    .key_pem = &key,
				    .cert_pem = &certificate,
				    .former_key_pem = former ? &former_key : NULL,
				    .former_cert_pem = former ? &former_certificate : NULL,
				    .registry_fd = pair[1],
				    .times = n->times,
				    .ended = node_on_ended,
				    .arg = n}),
	    0);
	assert_int_equal(exchange_listen(n->x, n->listener), 0);
	rxp_buf_free(&key);
	rxp_buf_free(&certificate);
	rxp_buf_free(&former_key);
	rxp_buf_free(&former_certificate);
}

static inline void node_down(struct node *n)
{
	exchange_free(n->x);
	link_free(n->link);
	n->x = NULL;
	n->link = NULL;
}

static inline void node_init(struct node *n, struct rig *r, const char *party)
{
	memset(n, 0, sizeof *n);
	n->rig = r;
	n->party = party;
	n->key = rig_key_new();
	n->times = GATEWAY_TIMES;
	node_listen(n);
	node_up(n);
}

static inline void node_end(struct node *n)
{
	node_down(n);
	close(n->listener);
	rig_key_free(&n->key);
	rig_key_free(&n->former);
}

/* --- what the registry says -------------------------------------------------------------------- */

#define RIG_FORMER 65535

struct pin_row {
	const char *party;
	const struct rig_key *key; /* or NULL */
	uint16_t port; /* of its endpoint, 0, or RIG_FORMER: the key is one that it lists no more */
};

static inline void node_pins(struct node *n, const struct pin_row *rows, size_t n_rows)
{
	struct link *registry = n->link;
	struct rxp_buf list;
	struct msg_pins m;
	char url[64];
	size_t i;

	rxp_buf_init(&list, 65536);
	for (i = 0; i < n_rows; i++) {
		struct rec_pin pin = {.party = ""};
		struct rec_endpoint endpoint = {.party = ""};

		snprintf(pin.party, sizeof pin.party, "%s", rows[i].party);
		snprintf(endpoint.party, sizeof endpoint.party, "%s", rows[i].party);
		if (rows[i].key != NULL && rows[i].port == RIG_FORMER) {
			struct rec_former_pin former = {.party = ""};

			memcpy(former.party, pin.party, sizeof former.party);
			memcpy(former.spki_digest, rows[i].key->digest, sizeof former.spki_digest);
			assert_int_equal(
			    record_list_put(&list, REC_former_pin, &record_former_pin, &former), 0);
		} else if (rows[i].key != NULL) {
			memcpy(pin.spki_digest, rows[i].key->digest, sizeof pin.spki_digest);
			assert_int_equal(record_list_put(&list, REC_pin, &record_pin, &pin), 0);
		}
		if (rows[i].port == 0 || rows[i].port == RIG_FORMER)
			continue;
		snprintf(url, sizeof url, "https://127.0.0.1:%u", rows[i].port);
		endpoint.url = (struct bytes){(const uint8_t *)url, strlen(url)};
		assert_int_equal(
		    record_list_put(&list, REC_endpoint, &record_endpoint, &endpoint), 0);
	}
	m.rows = (struct bytes){list.data, list.len};
	assert_int_equal(link_request(registry, IPC_pins, &m, NULL, 0, NULL), 0);
	rxp_buf_free(&list);
	rig_settle(n->rig);
}

/* Each knows the other. */
static inline void nodes_introduce(struct node *a, struct node *b)
{
	node_pins(a, (struct pin_row[]){{b->party, &b->key, b->port}}, 1);
	node_pins(b, (struct pin_row[]){{a->party, &a->key, a->port}}, 1);
}

static inline void node_deliver(struct node *n, const char *peer, const void *octets, size_t len)
{
	struct msg_deliver m = {.envelope = {octets, len}};

	snprintf(m.peer, sizeof m.peer, "%s", peer);
	assert_int_equal(link_request(n->link, IPC_deliver, &m, NULL, 0, NULL), 0);
}

/* Deliver and wait for the outcome, which is then in n->delivery. */
static inline void node_exchange(struct node *n, const char *peer, const char *text)
{
	unsigned before = n->deliveries;

	node_deliver(n, peer, text, strlen(text));
	rig_until(n->rig, n->deliveries > before);
}

#endif
