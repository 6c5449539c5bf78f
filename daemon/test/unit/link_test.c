/*
 * Goal of this test:
 * - messages of every size come over, inline and in memory files, with their descriptors;
 * - windows: the sender is refused, an overrun closes the link; an answer makes room;
 * - what the socket does not take waits and comes in order;
 * - every malformed packet closes the link with RXP_ERR_PEER, its valid twin does not;
 * - an end that reads no more and goes on speaking is closed;
 * - a link may be freed in its own functions; pausing; end of file; flush.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/base/link.h"
#include "daemon/base/loop.h"
#include "daemon/base/packet.h"
#include "daemon/test/unit/pump.h"
#include "protocol/base/err.h"

struct end {
	struct link *link;
	unsigned got, closed, want;
	int why;
	bool answer, free_in_handler, big_ok, order_ok;
	uint64_t open[256];
	uint64_t last_i64;
	int fd;
	struct stat st;
	size_t last_len;
};

struct pair {
	struct loop *loop;
	struct end gateway, registry;
	int sockets[2];
	unsigned enough; /* the registry has got what it wants */
};

static uint8_t *big;

static void on_closed(void *arg, struct link *l, int why)
{
	struct end *e = arg;

	assert_ptr_equal(l, e->link);
	e->closed++;
	e->why = why;
	link_free(l);
	e->link = NULL;
}

static void on_registry(void *arg, struct link *l, const struct link_message *m)
{
	struct pair *p = arg;
	struct end *e = &p->registry;

	if (m->type == IPC_admit) {
		const struct msg_admit *admit = m->body;

		e->last_len = admit->envelope.len;
		e->big_ok = memcmp(admit->envelope.data, big, admit->envelope.len) == 0;
		e->order_ok = (uint64_t)admit->received_ms == e->last_i64 + 1;
		e->last_i64 = (uint64_t)admit->received_ms;
		e->open[e->got] = m->request;
		if (e->answer)
			assert_int_equal(link_answer(l, IPC_admitted, m->request,
					     &(struct msg_admitted){.http_status = 200}, NULL, 0),
			    0);
	}
	e->got++;
	if (e->got == e->want)
		p->enough = 1;
	if (e->free_in_handler) {
		link_free(l);
		e->link = NULL;
	}
}

static void on_registry_closed(void *arg, struct link *l, int why)
{
	struct pair *p = arg;

	on_closed(&p->registry, l, why);
}

static void on_gateway(void *arg, struct link *l, const struct link_message *m)
{
	struct end *e = arg;

	(void)l;
	assert_int_equal(m->type, IPC_admitted);
	e->got++;
}

static struct link *end_new(struct loop *loop, int fd, enum ipc_role self, enum ipc_role peer,
    link_handler *handler, link_closed *closed, void *arg)
{
	struct link *l;
	const struct link_config config = {
	    .fd = fd, .self = self, .peer = peer, .handler = handler, .closed = closed, .arg = arg};

	assert_int_equal(link_new(&l, loop, &config), 0);
	return l;
}

static int setup(void **state)
{
	struct pair *p = calloc(1, sizeof *p);

	assert_int_equal(loop_new(&p->loop), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, p->sockets), 0);
	p->registry.link = end_new(
	    p->loop, p->sockets[1], IPC_REGISTRY, IPC_GATEWAY, on_registry, on_registry_closed, p);
	*state = p;
	return 0;
}

static int setup_both(void **state)
{
	struct pair *p;

	setup(state);
	p = *state;
	p->gateway.link = end_new(
	    p->loop, p->sockets[0], IPC_GATEWAY, IPC_REGISTRY, on_gateway, on_closed, &p->gateway);
	p->sockets[0] = -1;
	return 0;
}

static int teardown(void **state)
{
	struct pair *p = *state;

	link_free(p->gateway.link);
	link_free(p->registry.link);
	if (p->sockets[0] >= 0)
		close(p->sockets[0]);
	loop_free(p->loop);
	free(p);
	return 0;
}

static int admit(struct pair *p, size_t len, int64_t ms)
{
	const struct msg_admit m = {.party = "QMA", .received_ms = ms, .envelope = {big, len}};

	return link_request(p->gateway.link, IPC_admit, &m, NULL, 0, NULL);
}

static void sizes(void **state)
{
	static const size_t lens[] = {
	    0, 1, 16000, IPC_INLINE_MAX - 15, IPC_INLINE_MAX - 14, 262144, IPC_MESSAGE_MAX - 15};
	struct pair *p = *state;

	p->registry.answer = true;
	for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
		p->registry.got = p->gateway.got = 0;
		assert_int_equal(admit(p, lens[i], 1), 0);
		assert_true(pump_until(p->loop, &p->gateway.got));
		assert_int_equal(p->registry.last_len, lens[i]);
		assert_true(p->registry.big_ok);
	}
	assert_int_equal(admit(p, IPC_MESSAGE_MAX - 14, 1), RXP_ERR_BOUND);
	assert_int_equal(p->registry.closed, 0);
}

static void windows(void **state)
{
	struct pair *p = *state;
	unsigned window = ipc_row(IPC_admit)->window;
	const struct msg_admitted answer = {.http_status = 200};

	p->registry.want = window;
	for (unsigned i = 0; i < window; i++) {
		assert_true(link_has_room(p->gateway.link, IPC_admit));
		/* Large ones, more than a socket holds. */
		assert_int_equal(admit(p, 15000, i + 1), 0);
	}
	assert_false(link_has_room(p->gateway.link, IPC_admit));
	assert_int_equal(admit(p, 1, 0), RXP_ERR_FULL);
	assert_true(pump_until(p->loop, &p->enough));
	assert_true(p->registry.order_ok);
	assert_int_equal(
	    link_answer(p->registry.link, IPC_admitted, p->registry.open[3], &answer, NULL, 0), 0);
	assert_true(pump_until(p->loop, &p->gateway.got));
	assert_true(link_has_room(p->gateway.link, IPC_admit));
	assert_int_equal(admit(p, 1, 0), 0);
	assert_int_equal(admit(p, 1, 0), RXP_ERR_FULL);
}

static void notices_are_bounded(void **state)
{
	struct pair *p = *state;
	const struct msg_contact contact = {.party = "QMA"};
	unsigned sent = 0;

	while (link_request(p->gateway.link, IPC_contact, &contact, NULL, 0, NULL) == 0)
		sent++;
	assert_true(sent >= LINK_NOTICES_MAX);
	p->registry.want = sent;
	assert_true(pump_until(p->loop, &p->enough));
	assert_true(link_has_room(p->gateway.link, IPC_contact));
}

static void paused(void **state)
{
	struct pair *p = *state;

	link_pause(p->registry.link, true);
	assert_int_equal(admit(p, 10, 1), 0);
	pump_for(p->loop, 20);
	assert_int_equal(p->registry.got, 0);
	link_pause(p->registry.link, false);
	assert_true(pump_until(p->loop, &p->registry.got));
	link_pause(p->registry.link, true);
	link_free(p->gateway.link);
	p->gateway.link = NULL;
	assert_true(pump_until(p->loop, &p->registry.closed));
	assert_int_equal(p->registry.why, RXP_ERR_CLOSED);
}

static void end_of_file(void **state)
{
	struct pair *p = *state;

	/* What was sent before the end still arrives. */
	assert_int_equal(admit(p, 100000, 1), 0);
	link_free(p->gateway.link);
	p->gateway.link = NULL;
	assert_true(pump_until(p->loop, &p->registry.closed));
	assert_int_equal(p->registry.got, 1);
	assert_int_equal(p->registry.why, RXP_ERR_CLOSED);
}

/* An end that goes without having read what it was told: what it said before arrives all the same. */
static void last_words(void **state)
{
	struct pair *p = *state;
	const struct msg_pins unread = {.rows = {NULL, 0}};

	assert_int_equal(link_request(p->registry.link, IPC_pins, &unread, NULL, 0, NULL), 0);
	assert_int_equal(link_flush(p->registry.link, 1000), 0);
	assert_int_equal(admit(p, 10, 1), 0);
	assert_int_equal(link_flush(p->gateway.link, 1000), 0);
	link_free(p->gateway.link);
	p->gateway.link = NULL;
	assert_true(pump_until(p->loop, &p->registry.closed));
	assert_int_equal(p->registry.got, 1);
	assert_int_equal(p->registry.why, RXP_ERR_CLOSED);
}

/* An end that is told something before it is read that it went: what it said arrives all the same. */
static void last_words_of_one_told(void **state)
{
	struct pair *p = *state;
	const struct msg_pins told = {.rows = {NULL, 0}};

	assert_int_equal(admit(p, 10, 1), 0);
	assert_int_equal(admit(p, 10, 2), 0);
	assert_int_equal(link_flush(p->gateway.link, 1000), 0);
	link_free(p->gateway.link);
	p->gateway.link = NULL;
	assert_int_equal(link_request(p->registry.link, IPC_pins, &told, NULL, 0, NULL), 0);
	assert_int_equal(link_flush(p->registry.link, 1000), RXP_ERR_CLOSED);
	assert_true(pump_until(p->loop, &p->registry.closed));
	assert_int_equal(p->registry.got, 2);
	assert_int_equal(p->registry.why, RXP_ERR_CLOSED);
}

static void freed_in_handler(void **state)
{
	struct pair *p = *state;

	p->registry.free_in_handler = true;
	assert_int_equal(admit(p, 100000, 1), 0);
	assert_int_equal(admit(p, 10, 2), 0);
	assert_true(pump_until(p->loop, &p->gateway.closed));
	assert_int_equal(p->registry.got, 1);
	assert_int_equal(p->registry.closed, 0);
}

static void flush(void **state)
{
	struct pair *p = *state;
	const struct msg_contact contact = {.party = "QMA"};

	while (link_request(p->gateway.link, IPC_contact, &contact, NULL, 0, NULL) == 0)
		continue;
	assert_int_equal(link_flush(p->gateway.link, 10), RXP_ERR_TIMEOUT);
	link_free(p->registry.link);
	p->registry.link = NULL;
	assert_int_equal(link_flush(p->gateway.link, 1000), RXP_ERR_CLOSED);
}

/* --- the other end misbehaves: raw packets --------------------------------------------------- */

struct raw {
	uint16_t type, flags;
	uint32_t length;
	uint64_t request;
	const uint8_t *record;
	size_t record_len;
	int fds[4];
	size_t n_fds;
};

static void send_raw(int socket, const struct raw *r)
{
	uint8_t octets[PACKET_HEAD + IPC_INLINE_MAX + 100] = {
	    (uint8_t)(r->type >> 8), (uint8_t)r->type, (uint8_t)(r->flags >> 8), (uint8_t)r->flags};
	union {
		struct cmsghdr align;
		char octets[CMSG_SPACE(4 * sizeof(int))];
	} control;
	struct iovec iov = {octets, PACKET_HEAD + r->record_len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	for (int i = 0; i < 4; i++)
		octets[4 + i] = (uint8_t)(r->length >> (24 - 8 * i));
	for (int i = 0; i < 8; i++)
		octets[8 + i] = (uint8_t)(r->request >> (56 - 8 * i));
	if (r->record_len > 0)
		memcpy(octets + PACKET_HEAD, r->record, r->record_len);
	memset(&control, 0, sizeof control);
	if (r->n_fds > 0) {
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(r->n_fds * sizeof(int));
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(r->n_fds * sizeof(int));
		memcpy(CMSG_DATA(&control.align), r->fds, r->n_fds * sizeof(int));
	}
	assert_true(sendmsg(socket, &msg, MSG_NOSIGNAL) > 0);
}

#define CONTACT_OCTETS 11 /* a party and a time */

static const uint8_t contact_record[CONTACT_OCTETS] = "QMA";

static struct raw contact_packet(void)
{
	return (struct raw){.type = IPC_contact,
	    .length = CONTACT_OCTETS,
	    .request = 7,
	    .record = contact_record,
	    .record_len = CONTACT_OCTETS};
}

static void expect_breach(struct pair *p, const struct raw *r)
{
	send_raw(p->sockets[0], r);
	assert_true(pump_until(p->loop, &p->registry.closed));
	assert_int_equal(p->registry.why, RXP_ERR_PEER);
	assert_int_equal(p->registry.got, 0);
}

static void raw_valid(void **state)
{
	struct pair *p = *state;
	struct raw r = contact_packet();

	send_raw(p->sockets[0], &r);
	assert_true(pump_until(p->loop, &p->registry.got));
	assert_int_equal(p->registry.closed, 0);
	/* The same number again is a breach. */
	p->registry.got = 0;
	expect_breach(p, &r);
}

/* A message of one field whose four octets are zero: an empty BYTES or a number. */
static void empty_bytes(struct raw *r, enum ipc_type type)
{
	static const uint8_t zeros[4];

	r->type = (uint16_t)type;
	r->record = zeros;
	r->length = sizeof zeros;
	r->record_len = sizeof zeros;
}

#define BREACH(name, change) \
	static void name(void **state) \
	{ \
		struct raw r = contact_packet(); \
		change; \
		expect_breach(*state, &r); \
	}

BREACH(raw_unknown_type, r.type = IPC_TYPES)
BREACH(raw_none_type, r.type = IPC_NONE)
BREACH(raw_wrong_direction, empty_bytes(&r, IPC_pins))
BREACH(raw_wrong_link, empty_bytes(&r, IPC_drain))
BREACH(raw_flags, r.flags = 2)
BREACH(raw_number_zero, r.request = 0)
BREACH(raw_short, r.length = CONTACT_OCTETS + 1)
BREACH(raw_long, r.length = CONTACT_OCTETS - 1)
BREACH(raw_bad_record, r.record = (const uint8_t[CONTACT_OCTETS]){"qma"})
BREACH(raw_surplus_fd, (r.fds[0] = 1, r.n_fds = 1))
BREACH(raw_many_fds, (memset(r.fds, 0, sizeof r.fds), r.n_fds = 4))
BREACH(raw_too_long,
    (r.record = big, r.record_len = IPC_INLINE_MAX + 1, r.length = IPC_INLINE_MAX + 1))
BREACH(raw_small_file, r.flags = PACKET_IN_FILE)

static void raw_answer_unasked(void **state)
{
	static const uint8_t record[64];
	struct raw r = {.type = IPC_delivery, .request = 1, .record = record, .record_len = 40};

	r.length = 40;
	expect_breach(*state, &r);
}

static void raw_stub(void **state)
{
	struct pair *p = *state;

	assert_int_equal(send(p->sockets[0], "short", 5, 0), 5);
	assert_true(pump_until(p->loop, &p->registry.closed));
	assert_int_equal(p->registry.why, RXP_ERR_PEER);
}

/* The window of the other end is checked here too. */
static void raw_overrun(void **state)
{
	uint8_t record[15] = "QMA";
	struct pair *p = *state;
	struct raw r = {.type = IPC_admit, .length = 15, .record = record, .record_len = 15};

	for (unsigned i = 0; i < ipc_row(IPC_admit)->window; i++) {
		r.request++;
		send_raw(p->sockets[0], &r);
		p->enough = 0;
		p->registry.want = i + 1;
		assert_true(pump_until(p->loop, &p->enough));
	}
	r.request++;
	send_raw(p->sockets[0], &r);
	assert_true(pump_until(p->loop, &p->registry.closed));
	assert_int_equal(p->registry.why, RXP_ERR_PEER);
	assert_int_equal(p->registry.got, ipc_row(IPC_admit)->window);
}

/* Says one thing more for each that is heard; not for ever, so that a link that listens for ever is found too. */
static void on_flood(void *arg, struct link *l, const struct link_message *m)
{
	struct pair *p = arg;
	struct raw r = contact_packet();

	(void)l;
	r.request = m->request + 1;
	if (++p->registry.got < 100U * LINK_LEFT_MAX)
		send_raw(p->sockets[0], &r);
}

static void raw_flood(void **state)
{
	struct pair *p = *state;
	const struct msg_pins told = {.rows = {NULL, 0}};
	struct raw r = contact_packet();

	link_free(p->registry.link);
	close(p->sockets[0]);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, p->sockets), 0);
	p->registry.link = end_new(
	    p->loop, p->sockets[1], IPC_REGISTRY, IPC_GATEWAY, on_flood, on_registry_closed, p);
	assert_int_equal(shutdown(p->sockets[0], SHUT_RD), 0);
	send_raw(p->sockets[0], &r);
	assert_int_equal(link_request(p->registry.link, IPC_pins, &told, NULL, 0, NULL), 0);
	assert_true(pump_until(p->loop, &p->registry.closed));
	assert_int_equal(p->registry.why, RXP_ERR_CLOSED);
	assert_int_equal(p->registry.got, LINK_LEFT_MAX);
}

enum file_fault { FAULTLESS, UNSEALED, WRITABLE, SHORTER, NOT_MEMORY, NO_FILE };

#define FILE_LEN (IPC_INLINE_MAX + 1)

static void send_file(struct pair *p, enum file_fault fault)
{
	int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW;
	struct raw r = {
	    .type = IPC_admit, .flags = PACKET_IN_FILE, .length = FILE_LEN, .request = 1};
	uint8_t *record = calloc(1, FILE_LEN);
	int fd = fault == NOT_MEMORY ? open("/tmp", O_TMPFILE | O_RDWR, 0600)
				     : memfd_create("test", MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	record[0] = 'Q';
	record[1] = 'M';
	record[2] = 'A';
	record[3 + 8 + 2] = (FILE_LEN - 15) >> 8;
	record[3 + 8 + 3] = (FILE_LEN - 15) & 255;
	assert_int_equal(write(fd, record, FILE_LEN), FILE_LEN);
	free(record);
	if (fault == SHORTER)
		assert_int_equal(ftruncate(fd, FILE_LEN - 1), 0);
	if (fault != WRITABLE)
		seals |= F_SEAL_WRITE;
	if (fault != UNSEALED && fault != NOT_MEMORY)
		assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	r.fds[0] = fd;
	r.n_fds = fault == NO_FILE ? 0 : 1;
	send_raw(p->sockets[0], &r);
	close(fd);
}

static void raw_file_valid(void **state)
{
	struct pair *p = *state;

	send_file(p, FAULTLESS);
	assert_true(pump_until(p->loop, &p->registry.got));
	assert_int_equal(p->registry.closed, 0);
	assert_int_equal(p->registry.last_len, FILE_LEN - 15);
}

static void raw_file_faults(void **state)
{
	for (int fault = UNSEALED; fault <= NO_FILE; fault++) {
		struct pair *p;

		setup(state);
		p = *state;
		send_file(p, (enum file_fault)fault);
		assert_true(pump_until(p->loop, &p->registry.closed));
		assert_int_equal(p->registry.why, RXP_ERR_PEER);
		teardown(state);
	}
}

/* --- descriptors: registry to sealer ----------------------------------------------------------- */

static void on_open(void *arg, struct link *l, const struct link_message *m)
{
	struct end *e = arg;
	struct msg_taken taken = {.number = 1};
	struct msg_opened opened = {.result = 0};

	assert_int_equal(m->n_fds, 1);
	e->fd = m->fds[0];
	assert_int_equal(fcntl(e->fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fstat(e->fd, &e->st), 0);
	assert_int_equal(link_answer(l, IPC_taken, m->request, &taken, NULL, 0), 0);
	assert_int_equal(link_answer(l, IPC_opened, m->request, &opened, NULL, 0), 0);
	e->got++;
}

static void on_opened(void *arg, struct link *l, const struct link_message *m)
{
	struct end *e = arg;

	(void)l;
	if (m->type == IPC_opened)
		e->got++;
}

static void descriptors(void **state)
{
	struct end client = {0}, sealer = {.fd = -1};
	struct loop *loop;
	struct msg_open open_message = {.party = "QMA"};
	struct link_config config = {.shared = true, .closed = on_closed};
	int sockets[2];
	int memory = memfd_create("register", 0);
	struct stat st;

	(void)state;
	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets), 0);
	config.fd = sockets[0];
	config.self = IPC_REGISTRY;
	config.peer = IPC_SEALER;
	config.handler = on_opened;
	config.arg = &client;
	assert_int_equal(link_new(&client.link, loop, &config), 0);
	config.fd = sockets[1];
	config.self = IPC_SEALER;
	config.peer = IPC_REGISTRY;
	config.handler = on_open;
	config.arg = &sealer;
	assert_int_equal(link_new(&sealer.link, loop, &config), 0);
	assert_int_equal(link_request(client.link, IPC_open, &open_message, &memory, 1, NULL), 0);
	assert_true(pump_until(loop, &client.got));
	/* The same file there, and closed after the handler. */
	assert_int_equal(fstat(memory, &st), 0);
	assert_int_equal(st.st_ino, sealer.st.st_ino);
	assert_int_equal(fcntl(sealer.fd, F_GETFD), -1);
	close(memory);
	link_free(client.link);
	link_free(sealer.link);
	loop_free(loop);
}

#define WITH_BOTH(f) cmocka_unit_test_setup_teardown(f, setup_both, teardown)
#define WITH_RAW(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_BOTH(sizes),
	    WITH_BOTH(windows),
	    WITH_BOTH(notices_are_bounded),
	    WITH_BOTH(paused),
	    WITH_BOTH(end_of_file),
	    WITH_BOTH(last_words),
	    WITH_BOTH(last_words_of_one_told),
	    WITH_BOTH(freed_in_handler),
	    WITH_BOTH(flush),
	    WITH_RAW(raw_valid),
	    WITH_RAW(raw_unknown_type),
	    WITH_RAW(raw_none_type),
	    WITH_RAW(raw_wrong_direction),
	    WITH_RAW(raw_wrong_link),
	    WITH_RAW(raw_flags),
	    WITH_RAW(raw_number_zero),
	    WITH_RAW(raw_short),
	    WITH_RAW(raw_long),
	    WITH_RAW(raw_bad_record),
	    WITH_RAW(raw_surplus_fd),
	    WITH_RAW(raw_many_fds),
	    WITH_RAW(raw_too_long),
	    WITH_RAW(raw_small_file),
	    WITH_RAW(raw_answer_unasked),
	    WITH_RAW(raw_stub),
	    WITH_RAW(raw_overrun),
	    WITH_RAW(raw_flood),
	    WITH_RAW(raw_file_valid),
	    cmocka_unit_test(raw_file_faults),
	    cmocka_unit_test(descriptors),
	};
	const size_t max = IPC_MESSAGE_MAX;
	int rc;

	big = malloc(max);
	for (size_t i = 0; i < max; i++)
		big[i] = (uint8_t)(i * 7 + i / 251);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	free(big);
	return rc;
}
