/*
 * Goal: what an end of a link does when the other misbehaves, packet by packet.
 * - every malformed packet closes the link with RXP_ERR_PEER, its valid twin does not;
 * - an overrun of a window closes the link;
 * - an end that reads no more and goes on speaking is closed.
 */
#include "daemon/test/unit/link_pair.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "daemon/base/packet.h"

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

#define CONTACT_OCTETS 15 /* a party, a time, and whether it was reached */

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

#define WITH_RAW(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	return cmocka_run_group_tests(tests, pair_big, pair_small);
}
