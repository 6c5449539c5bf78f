/*
 * Goals of attachments, with everything around the registry played:
 * - a file of the desk is kept under its digest over a restart; given up, of a wrong length or there
 *   already it is dropped;
 * - on the way out every attachment is brought before the document, which has its rows with keys; a
 *   crash asks the peer again; a fault leaves the document closed, three refusals park it; a file goes
 *   with one document only;
 * - on the way in parts outlive a restart; offset, total and length are checked; 201 comes after the
 *   digest is right and committed, 422 drops the file; one writer at a time, a bounded number in all; what has
 *   begun counts when more is to fit on the disk, and so does what goes on;
 * - a document of which an attachment is missing is refused with `attachment`, its twin receipted;
 * - after a crash at any point between octets, name and row the next start makes both agree;
 * - after 72 hours what no document has is dropped, and nothing else;
 * - reading is journalled before the permit is asked for.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_world.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include <sqlite3.h>

#include "daemon/registry/store/store_file.h"

#define HOUR INT64_C(3600000)
#define TYPE "ReadmissionApplication"
#define TEXT_MAX 64

#define DISK_LARGE (UINT64_C(1) << 40)

/* The disk as the registry sees it: octets that are free. */
static uint64_t disk_free = DISK_LARGE;

int fstatvfs(int fd, struct statvfs *out)
{
	(void)fd;
	*out = (struct statvfs){.f_frsize = 1, .f_bavail = disk_free};
	return 0;
}

/* What the registry said last of attachments; descriptors are the test's. */
static struct {
	unsigned files, uploads, staged, tickets, got;
	int fd;
	uint8_t id[16];
	struct msg_upload upload;
	uint64_t upload_request;
	uint32_t status;
	uint64_t held;
	uint64_t commits_at_ticket;
	struct rec_attachment_row row;
} seen;

static void take_fd(const struct link_message *m)
{
	if (seen.fd >= 0)
		close(seen.fd);
	seen.fd = fcntl(m->fds[0], F_DUPFD_CLOEXEC, 0);
	assert_true(seen.fd >= 0);
}

static void ticket(struct world *w, struct link *l, const struct link_message *m)
{
	const struct msg_attachment_ticketed a = {.ticket = {(const uint8_t *)"ticket", 6}};

	assert_string_equal(((const struct msg_attachment_ticket *)m->body)->key.data, "key");
	seen.tickets++;
	seen.commits_at_ticket = store_counts(w->assembly->node.store).commits;
	link_answer(l, IPC_attachment_ticketed, m->request, &a, NULL, 0);
}

static void other(struct world *w, struct link *l, const struct link_message *m)
{
	const struct msg_staged *staged = m->body; /* as msg_stage_ended */

	if (m->n_fds == 1)
		take_fd(m);
	if (m->type == IPC_attachment_ticket) {
		ticket(w, l, m);
	} else if (m->type == IPC_attachment_opened) {
		memcpy(seen.id, m->body, sizeof seen.id);
		seen.files++;
	} else if (m->type == IPC_attachment_got) {
		const struct msg_attachment_got *g = m->body;

		assert_int_equal(
		    record_decode(&seen.row, &record_attachment_row, g->row.data, g->row.len), 0);
		seen.got++;
	} else if (m->type == IPC_upload) {
		seen.upload = *(const struct msg_upload *)m->body;
		seen.upload_request = m->request;
		seen.uploads++;
	} else if (m->type == IPC_stage_opened) {
		seen.status = 0;
		seen.held = ((const struct msg_stage_opened *)m->body)->held;
		seen.staged++;
	} else {
		seen.status = staged->http_status;
		seen.held = staged->held;
		seen.staged++;
	}
}

static int set_up(void **state)
{
	struct world *w;
	int rc = world_set_up(state);

	memset(&seen, 0, sizeof seen);
	seen.fd = -1;
	disk_free = DISK_LARGE;
	w = *state;
	w->other = other;
	return rc;
}

static int tear_down(void **state)
{
	if (seen.fd >= 0)
		close(seen.fd);
	return world_tear_down(state);
}

/* --- files --------------------------------------------------------------------------------------- */

/* Ciphertext of a text, as far as the registry looks at it. */
struct sample {
	char octets[TEXT_MAX];
	size_t length, total; /* of the file, of the ciphertext */
	uint8_t digest[32];
};

static struct sample sample(const char *text)
{
	struct sample s = {.length = strlen(text)};

	snprintf(s.octets, sizeof s.octets, "%s................", text);
	s.total = (size_t)store_file_ciphertext_length(s.length);
	assert_int_equal(strlen(s.octets), s.total);
	node_digest(s.digest, s.octets, s.total);
	return s;
}

static bool there(const char *party, const struct sample *s)
{
	char path[FILE_PATH_MAX];
	uint64_t length;

	file_path_whole(path, party, s->digest);
	return file_length_at(path, &length) == 0 && length == s->total;
}

static int count_file(void *arg, const struct file_name *name)
{
	(void)name;
	++*(unsigned *)arg;
	return 0;
}

static unsigned files(void)
{
	unsigned n = 0;

	assert_int_equal(file_each(count_file, &n), 0);
	return n;
}

/* --- the desk ------------------------------------------------------------------------------------ */

static struct msg_attachment_done begin_file(struct world *w, const struct sample *s)
{
	static const struct msg_attachment_new m = {.user = "officer",
	    .type = "photograph",
	    .media_type = "image/jpeg",
	    .checked_by = "return-officer"};
	struct msg_attachment_done done = {.length = s->length,
	    .file_digest = {1},
	    .ciphertext_length = s->total,
	    .key = {(const uint8_t *)"key", 4}};
	unsigned before = seen.files;

	memcpy(done.ciphertext_digest, s->digest, sizeof done.ciphertext_digest);
	world_ask(w, IPC_attachment_new, &m);
	assert_int_equal(seen.files, before + 1);
	assert_int_equal(pwrite(seen.fd, s->octets, s->total, 0), s->total);
	memcpy(done.attachment, seen.id, sizeof done.attachment);
	return done;
}

static void keep_file(struct world *w, const struct sample *s, uint8_t id[16])
{
	const struct msg_attachment_done done = begin_file(w, s);

	assert_int_equal(world_ask(w, IPC_attachment_done, &done)->result, 0);
	memcpy(id, done.attachment, sizeof done.attachment);
}

static const struct world_answer *list_files(struct world *w, const uint8_t *ids, size_t n)
{
	const struct msg_attachment_list m = {.ids = {ids, 16 * n}};

	return world_ask(w, IPC_attachment_list, &m);
}

static void test_kept(void **state)
{
	struct world *w = *state;
	struct sample s = sample("portrait"), t = sample("passport");
	struct msg_attachment_done done;
	uint8_t ids[2][16];

	keep_file(w, &s, ids[0]);
	assert_true(there("", &s));
	assert_int_equal(files(), 1);
	world_restart(w);
	assert_int_equal(list_files(w, ids[0], 1)->result, 0);
	assert_true(there("", &s));

	done = begin_file(w, &s); /* that very ciphertext again */
	assert_int_equal((int)world_ask(w, IPC_attachment_done, &done)->result, RXP_ERR_EXISTS);
	done = begin_file(w, &t);
	done.ciphertext_length--;
	assert_int_equal((int)world_ask(w, IPC_attachment_done, &done)->result, RXP_ERR_MISMATCH);
	done = begin_file(w, &t);
	done.length++;
	assert_int_equal((int)world_ask(w, IPC_attachment_done, &done)->result, RXP_ERR_MISMATCH);
	done = begin_file(w, &t);
	done.key.len = 0;
	assert_int_equal(world_ask(w, IPC_attachment_done, &done)->result, 0);
	assert_int_equal((int)world_ask(w, IPC_attachment_done, &done)->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(files(), 1);
	memcpy(ids[1], done.attachment, 16);
	assert_int_equal((int)list_files(w, ids[0], 2)->result, RXP_ERR_NOT_FOUND);
	begin_file(w, &t); /* the valid twin; and one that a crash ends */
	keep_file(w, &t, ids[1]);
	assert_int_equal(list_files(w, ids[0], 2)->result, 0);
	assert_int_equal(files(), 3);
	world_restart(w);
	assert_int_equal(files(), 2);
	assert_true(there("", &s) && there("", &t));
}

/* --- journey out --------------------------------------------------------------------------------- */

static size_t apply_facts(uint8_t *out, size_t max)
{
	struct rec_fact_person r = {.person = 1, .event = "apply"};
	struct rxp_buf b;
	size_t len;

	rxp_buf_init(&b, max);
	assert_int_equal(record_list_put(&b, REC_fact_person, &record_fact_person, &r), 0);
	len = b.len;
	memcpy(out, b.data, len);
	rxp_buf_free(&b);
	return len;
}

/* A new case with these files. */
static const struct world_answer *submit(
    struct world *w, const char *key, const uint8_t *ids, size_t n)
{
	uint8_t facts[WORLD_FACTS_MAX], rows[WORLD_ANSWER_MAX];
	struct msg_submit m = {.user = "officer", .peer = PEER, .type = TYPE};
	const struct world_answer *listed = list_files(w, ids, n);

	assert_int_equal(listed->result, 0);
	memcpy(rows, listed->octets, listed->len);
	m.attachments = (struct bytes){rows, listed->len};
	m.facts = m.draft = (struct bytes){facts, apply_facts(facts, sizeof facts)};
	snprintf(m.key, sizeof m.key, "%s", key);
	return world_ask(w, IPC_submit, &m);
}

static void accepted(struct world *w, const char *key, const uint8_t *ids, size_t n, uint8_t id[16])
{
	const struct world_answer *a = submit(w, key, ids, n);

	assert_string_equal(a->words, "");
	assert_int_equal(a->result, 0);
	memcpy(id, a->id, 16);
}

static void uploaded(struct world *w, int outcome, uint32_t status)
{
	struct msg_uploaded m = {
	    .outcome = (uint32_t)outcome, .http_status = status, .transport = "line is down"};

	if (outcome == 0)
		m.transport[0] = '\0';
	assert_int_equal(
	    link_answer(w->gateway, IPC_uploaded, seen.upload_request, &m, NULL, 0), 0);
}

static void expect_upload(struct world *w, unsigned n, const struct sample *s)
{
	char octets[TEXT_MAX];

	world_until(w, &seen.uploads, n);
	assert_int_equal(seen.uploads, n);
	assert_string_equal(seen.upload.peer, PEER);
	assert_memory_equal(seen.upload.digest, s->digest, sizeof s->digest);
	assert_int_equal(seen.upload.length, s->total);
	assert_int_equal(pread(seen.fd, octets, sizeof octets, 0), s->total);
	assert_memory_equal(octets, s->octets, s->total);
	assert_int_equal(pwrite(seen.fd, "x", 1, 0), -1); /* for reading only */
}

static void test_out(void **state)
{
	struct world *w = *state;
	struct sample s = sample("portrait"), t = sample("passport");
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t ids[2][16], id[16], again[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	keep_file(w, &t, ids[1]);
	keep_file(w, &s, ids[0]);
	accepted(w, "key-1", ids[0], 2, id);
	expect_upload(w, 1, &s);
	uploaded(w, 0, 201);
	expect_upload(w, 2, &t);
	world_show(w, id, &row);
	assert_string_equal(row.state, "closed");
	assert_int_equal(w->n_deliveries, 0);
	assert_true(w->closed_rows > 200);
	uploaded(w, 0, 200);
	world_until(w, &w->n_deliveries, 1);
	world_show(w, id, &row);
	assert_string_equal(row.state, "sending");
	f = world_receipt(&w->deliveries[0]);
	world_deliver(w, &w->deliveries[0], 200, &f);
	world_until_state(w, id, "delivered", &row);
	/* A file goes with one document; the same request under its key is the same document. */
	assert_int_equal((int)submit(w, "key-2", ids[0], 2)->result, RXP_ERR_STATE);
	assert_int_equal((int)submit(w, "key-2", ids[1], 1)->result, RXP_ERR_STATE);
	accepted(w, "key-1", ids[0], 2, again);
	assert_memory_equal(again, id, sizeof id);
	accepted(w, "key-2", NULL, 0, id);
	world_until(w, &w->n_deliveries, 2);
	assert_int_equal(seen.uploads, 2);
}

static void until_error(
    struct world *w, const uint8_t id[16], const char *words, struct rec_message_row *row)
{
	int64_t end = clock_mono_ms() + PUMP_MAX_MS;

	do {
		w->n_answers = 0;
		world_show(w, id, row);
	} while (strcmp(row->last_error, words) != 0 && clock_mono_ms() < end);
	assert_string_equal(row->last_error, words);
}

static void test_out_again(void **state)
{
	struct world *w = *state;
	struct sample s = sample("portrait");
	struct msg_message_requeue requeue = {.user = "officer"};
	struct rec_message_row row;
	uint8_t file[16], id[16];
	unsigned n = 0;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	keep_file(w, &s, file);
	accepted(w, "key-1", file, 1, id);
	expect_upload(w, ++n, &s);
	world_restart(w);
	expect_upload(w, ++n, &s);
	assert_int_equal(w->closed, 1);
	uploaded(w, RXP_ERR_IO, 0);
	world_until_state(w, id, "closed", &row);
	until_error(w, id, "line is down", &row);
	assert_int_equal(row.attempts, 0);
	for (unsigned i = 1; i <= REGISTRY_STRIKES_MAX; i++) {
		expect_upload(w, ++n, &s);
		uploaded(w, 0, 422);
		until_error(w, id, "attachment 1 not taken, HTTP status 422", &row);
		world_move_clock(w, (int64_t)i * REGISTRY_RETRY_LAST_MS);
	}
	world_until_state(w, id, "parked", &row);
	assert_int_equal(w->n_deliveries, 0);
	memcpy(requeue.local_id, id, sizeof requeue.local_id);
	assert_int_equal(world_ask(w, IPC_message_requeue, &requeue)->result, 0);
	expect_upload(w, ++n, &s);
	uploaded(w, 0, 200);
	world_until(w, &w->n_deliveries, 1);
}

/* --- the peer ------------------------------------------------------------------------------------ */

static void expect(uint32_t status, uint64_t held)
{
	assert_int_equal(seen.status, status);
	assert_int_equal(seen.held, held);
}

static void ask_gateway(struct world *w, enum ipc_type type, const void *body)
{
	unsigned before = seen.staged;

	assert_int_equal(link_request(w->gateway, type, body, NULL, 0, NULL), 0);
	world_until(w, &seen.staged, before + 1);
}

static void head(struct world *w, const struct sample *s)
{
	struct msg_stage m = {.party = PEER, .head = 1};

	memcpy(m.digest, s->digest, sizeof m.digest);
	ask_gateway(w, IPC_stage, &m);
}

static void put_of(struct world *w, const struct sample *s, uint64_t offset, uint64_t total)
{
	struct msg_stage m = {.party = PEER, .offset = offset, .total = total};

	memcpy(m.digest, s->digest, sizeof m.digest);
	ask_gateway(w, IPC_stage, &m);
}

static void put(struct world *w, const struct sample *s, uint64_t offset)
{
	put_of(w, s, offset, s->total);
}

static void write_part(const struct sample *s, size_t from, size_t to)
{
	expect(0, from);
	assert_int_equal(pwrite(seen.fd, s->octets + from, to - from, (off_t)from), to - from);
}

static void end_put(struct world *w, const struct sample *s, uint64_t held)
{
	struct msg_stage_end m = {.party = PEER, .held = held};

	memcpy(m.digest, s->digest, sizeof m.digest);
	ask_gateway(w, IPC_stage_end, &m);
}

static void bring(struct world *w, const struct sample *s)
{
	put(w, s, 0);
	write_part(s, 0, s->total);
	end_put(w, s, s->total);
	expect(201, s->total);
	assert_true(there(PEER, s));
}

static void test_staged(void **state)
{
	struct world *w = *state;
	struct sample s = sample("portrait");

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	head(w, &s);
	expect(404, 0);
	put(w, &s, 3);
	expect(409, 0);
	put_of(w, &s, 0, REGISTRY_CIPHERTEXT_MAX + 1);
	expect(413, 0);
	put_of(w, &s, 0, REGISTRY_TAG_OCTETS - 1);
	expect(400, 0);
	put_of(w, &s, s.total, s.total);
	expect(400, 0);
	assert_int_equal(files(), 0);
	put(w, &s, 0);
	write_part(&s, 0, 10);
	head(w, &s); /* while it is being written */
	expect(200, 10);
	put(w, &s, 10);
	expect(503, 0);
	end_put(w, &s, 10);
	expect(202, 10);
	end_put(w, &s, 10);
	expect(503, 0);
	world_restart(w);
	head(w, &s);
	expect(200, 10);
	put(w, &s, 9);
	expect(409, 10);
	put_of(w, &s, 10, s.total + 1);
	expect(400, 0);
	put(w, &s, 10);
	write_part(&s, 10, s.total);
	end_put(w, &s, s.total);
	expect(201, s.total);
	assert_true(there(PEER, &s));
	head(w, &s);
	expect(200, s.total);
	put(w, &s, 0);
	expect(409, s.total);
	world_restart(w);
	head(w, &s);
	expect(200, s.total);
	assert_int_equal(files(), 1);
}

static void test_wrong_digest(void **state)
{
	struct world *w = *state;
	struct sample s = sample("portrait"), wrong = s;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	wrong.octets[4] ^= 1;
	put(w, &s, 0);
	write_part(&wrong, 0, s.total);
	end_put(w, &s, s.total);
	expect(422, 0);
	assert_int_equal(files(), 0);
	head(w, &s);
	expect(404, 0);
	put(w, &s, 0); /* longer than it said */
	write_part(&s, 0, s.total);
	assert_int_equal(pwrite(seen.fd, "x", 1, (off_t)s.total), 1);
	end_put(w, &s, s.total);
	expect(422, 0);
	assert_int_equal(files(), 0);
	bring(w, &s);
}

/* Larger than a piece of the hash, and more than one at a time. */
static void test_large(void **state)
{
	static uint8_t octets[2 * REGISTRY_HASH_PIECE + 48];
	struct world *w = *state;
	struct sample large = {.total = sizeof octets}, s = sample("portrait");

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	memset(octets, 7, sizeof octets);
	node_digest(large.digest, octets, sizeof octets);
	put(w, &large, 0);
	assert_int_equal(pwrite(seen.fd, octets, sizeof octets, 0), sizeof octets);
	end_put(w, &large, sizeof octets);
	expect(201, sizeof octets);
	bring(w, &s);
	head(w, &large);
	expect(200, sizeof octets);
}

static void test_bounds(void **state)
{
	struct world *w = *state;
	struct sample s;
	char text[TEXT_MAX];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (unsigned i = 0; i < REGISTRY_PEER_STAGINGS_MAX; i++) {
		snprintf(text, sizeof text, "file %u", i);
		s = sample(text);
		put(w, &s, 0);
		expect(0, 0);
	}
	s = sample("one more");
	put(w, &s, 0);
	expect(503, 0);
	world_restart(w);
	put(w, &s, 0);
	expect(0, 0);
}

/* There is room for two such files, but the third is to find none, whatever of the two is written. */
static void test_room(void **state)
{
	struct world *w = *state;
	struct sample first = sample("file 1"), second = sample("file 2"), third = sample("file 3");

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	disk_free = REGISTRY_DISK_RESERVE_OCTETS + first.total + second.total;
	put(w, &first, 0);
	expect(0, 0);
	put(w, &second, 0);
	expect(0, 0);
	put(w, &third, 0);
	expect(503, 0);
	end_put(w, &second, 0);
	expect(202, 0);
	/* Announced without an octet, so that it fits; but when it goes on there is no room any more. */
	put(w, &third, 0);
	expect(0, 0);
	put(w, &second, 0);
	expect(503, 0);
	end_put(w, &third, 0);
	expect(202, 0);
	put(w, &second, 0);
	expect(0, 0);
}

/* --- journey in ---------------------------------------------------------------------------------- */

/* The rows of a document that names these; key is boxed. */
static size_t name_files(uint8_t *out, size_t max, const struct sample *s, size_t n)
{
	struct rxp_buf b;
	size_t len;

	rxp_buf_init(&b, max);
	for (size_t i = 0; i < n; i++) {
		struct rec_attachment_row r = {.number = (uint32_t)i + 1,
		    .type = "photograph",
		    .media_type = "image/jpeg",
		    .length = s[i].length,
		    .file_digest = {5},
		    .ciphertext_length = s[i].total,
		    .checked_by = "return-officer",
		    .key = {(const uint8_t *)"key", 4}};

		memcpy(r.ciphertext_digest, s[i].digest, sizeof r.ciphertext_digest);
		assert_int_equal(
		    record_list_put(&b, REC_attachment_row, &record_attachment_row, &r), 0);
	}
	len = b.len;
	memcpy(out, b.data, len);
	rxp_buf_free(&b);
	return len;
}

static uint32_t receive(struct world *w, uint8_t number, const struct sample *s, size_t n)
{
	static uint8_t rows[WORLD_ANSWER_MAX];
	struct fake_envelope e = world_envelope(number);

	w->attachments = (struct bytes){rows, name_files(rows, sizeof rows, s, n)};
	strcpy(e.type, TYPE);
	e.place.in_case = true;
	e.place.case_id[0] = number;
	e.place.position = 1;
	e.facts_len = (uint32_t)apply_facts(e.facts, sizeof e.facts);
	return world_admit(w, &e)->http_status;
}

static void refused(struct world *w, uint8_t number, const struct sample *s, size_t n)
{
	assert_int_equal(receive(w, number, s, n), 409);
	assert_int_equal(w->last_seal.refusal, 1 + RXP_REFUSAL_ATTACHMENT);
}

static void first_received(struct world *w, uint8_t id[16])
{
	static const struct msg_list m = {.list = "inbox"};
	const struct world_answer *a = world_ask(w, IPC_list, &m);
	struct record_cursor c = {a->octets, a->len};
	struct rec_message_row row;
	struct bytes fields;
	uint16_t tag;

	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(record_decode(&row, &record_message_row, fields.data, fields.len), 0);
	memcpy(id, row.local_id, sizeof row.local_id);
}

static void test_in(void **state)
{
	struct world *w = *state;
	struct sample s[2] = {sample("portrait"), sample("passport")}, spoilt[2];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	bring(w, &s[0]);
	refused(w, 1, s, 2);
	put(w, &s[1], 0);
	write_part(&s[1], 0, 5);
	end_put(w, &s[1], 5);
	refused(w, 1, s, 2); /* a part is not held */
	put(w, &s[1], 5);
	write_part(&s[1], 5, s[1].total);
	end_put(w, &s[1], s[1].total);
	memcpy(spoilt, s, sizeof spoilt);
	spoilt[1].length++;
	refused(w, 1, spoilt, 2);
	memcpy(spoilt, s, sizeof spoilt);
	spoilt[1] = spoilt[0];
	refused(w, 1, spoilt, 2); /* one file for two attachments */
	assert_int_equal(receive(w, 1, s, 2), 200);
	refused(w, 2, s, 1); /* another document has it */
	world_restart(w);
	head(w, &s[0]);
	expect(200, s[0].total);
	assert_int_equal(files(), 2);
}

/* --- crashes ------------------------------------------------------------------------------------- */

static void make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
}

/* Between each step and the next. */
static void test_crashes(void **state)
{
	struct world *w = *state;
	struct sample s = sample("portrait"), t = sample("passport"), u = sample("statement");
	char path[FILE_PATH_MAX], whole[FILE_PATH_MAX];
	uint8_t id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	put(w, &s, 0);
	write_part(&s, 0, s.total);
	world_restart(w); /* whole, and nobody has said so: verified when it is asked for */
	head(w, &s);
	expect(200, s.total);
	assert_true(there(PEER, &s));

	put(w, &t, 0);
	write_part(&t, 0, t.total);
	file_path_part(path, PEER, t.digest);
	file_path_whole(whole, PEER, t.digest);
	assert_int_equal(rename(path, whole), 0);
	world_restart(w); /* named, not committed: nothing of it is held */
	assert_false(there(PEER, &t));
	head(w, &t);
	expect(404, 0);
	bring(w, &t);

	keep_file(w, &u, id);
	file_path_whole(path, "", s.digest); /* one of ours, named and not committed */
	make_file(path);
	file_path_new(path, id);
	make_file(path);
	file_path_part(path, PEER, u.digest);
	make_file(path);
	file_path_part(path, PEER, t.digest); /* its row says that it is whole */
	make_file(path);
	assert_int_equal(files(), 7);
	world_restart(w);
	assert_int_equal(files(), 3);
	assert_true(there("", &u) && there(PEER, &s) && there(PEER, &t));
}

/* The name is given and the commit fails: the file is where its row says that it is. */
static void test_failed_commit(void **state)
{
	struct world *w = *state;
	struct sample s = sample("portrait");
	struct rlimit limit;

	world_until(w, &w->own_told, 1);
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	put(w, &s, 0);
	write_part(&s, 0, s.total);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	end_put(w, &s, s.total);
	expect(503, 0);
	limit.rlim_cur = RLIM_INFINITY;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_false(there(PEER, &s));
	head(w, &s);
	expect(200, s.total);
	assert_true(there(PEER, &s));
}

/* --- 72 hours ------------------------------------------------------------------------------------ */

static void test_unclaimed(void **state)
{
	struct world *w = *state;
	struct sample kept = sample("kept"), held = sample("held"), part = sample("part");
	struct sample out = sample("out"), in = sample("in");
	uint8_t ids[2][16], id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	keep_file(w, &kept, ids[0]);
	keep_file(w, &out, ids[1]);
	accepted(w, "key-1", ids[1], 1, id);
	expect_upload(w, 1, &out);
	bring(w, &held);
	bring(w, &in);
	assert_int_equal(receive(w, 1, &in, 1), 200);
	put(w, &part, 0);
	write_part(&part, 0, 4);
	end_put(w, &part, 4);
	world_move_clock(w, 71 * HOUR);
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(files(), 5);
	world_move_clock(w, 73 * HOUR);
	for (int64_t end = clock_mono_ms() + PUMP_MAX_MS; files() > 2 && clock_mono_ms() < end;)
		pump_for(w->loop, 1);
	assert_int_equal(files(), 2);
	assert_true(there("", &out) && there(PEER, &in));
	assert_int_equal((int)list_files(w, ids[0], 1)->result, RXP_ERR_NOT_FOUND);
	head(w, &held);
	expect(404, 0);
	head(w, &part);
	expect(404, 0);
}

/* --- reading ------------------------------------------------------------------------------------- */

static int not_read(struct world *w, const struct msg_attachment_get *m)
{
	int result = (int)world_ask(w, IPC_attachment_get, m)->result;

	assert_int_equal(seen.got, 1);
	return result;
}

static int64_t journalled(struct world *w, const char *action)
{
	sqlite3_stmt *q = NULL;
	sqlite3 *db = NULL;
	int64_t n;

	world_stop(w);
	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
			     "SELECT COUNT(*) FROM journal WHERE action = ?1 AND user = 'officer' "
			     "AND party = 'QRB' AND reason = 'case work'",
			     -1, &q, NULL),
	    SQLITE_OK);
	sqlite3_bind_text(q, 1, action, -1, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	n = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	assert_int_equal(world_start(w), 0);
	return n;
}

static void test_read(void **state)
{
	struct world *w = *state;
	struct sample s[2] = {sample("portrait"), sample("passport")};
	struct msg_attachment_get m = {.user = "officer", .reason = "case work", .number = 2};
	char octets[TEXT_MAX], path[FILE_PATH_MAX];
	uint64_t before;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	bring(w, &s[0]);
	bring(w, &s[1]);
	assert_int_equal(receive(w, 1, s, 2), 200);
	first_received(w, m.local_id);
	before = store_counts(w->assembly->node.store).commits;
	world_ask(w, IPC_attachment_get, &m);
	assert_int_equal(seen.got, 1);
	assert_int_equal(seen.commits_at_ticket, before + 1);
	assert_int_equal(pread(seen.fd, octets, sizeof octets, 0), s[1].total);
	assert_memory_equal(octets, s[1].octets, s[1].total);
	assert_int_equal(pwrite(seen.fd, "x", 1, 0), -1);
	assert_int_equal(seen.row.number, 2);
	assert_int_equal(seen.row.length, s[1].length);
	assert_int_equal(seen.row.key.len, 0);
	assert_string_equal(seen.row.media_type, "image/jpeg");

	m.number = 3;
	assert_int_equal(not_read(w, &m), RXP_ERR_NOT_FOUND);
	m.number = 0;
	assert_int_equal(not_read(w, &m), RXP_ERR_NOT_FOUND);
	m.number = 2;
	m.reason[0] = '\0';
	assert_int_equal(not_read(w, &m), RXP_ERR_SYNTAX);
	strcpy(m.reason, "case work");
	m.local_id[0] ^= 1;
	assert_int_equal(not_read(w, &m), RXP_ERR_NOT_FOUND);
	m.local_id[0] ^= 1;
	file_path_whole(path, PEER, s[1].digest);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(not_read(w, &m), RXP_ERR_DAMAGED);
	assert_int_equal(seen.tickets, 1);
	assert_int_equal(journalled(w, "attachment-read 2"), 1);
	assert_int_equal(journalled(w, "attachment-read 3"), 0);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_kept),
	    TEST(test_out),
	    TEST(test_out_again),
	    TEST(test_staged),
	    TEST(test_wrong_digest),
	    TEST(test_large),
	    TEST(test_bounds),
	    TEST(test_room),
	    TEST(test_in),
	    TEST(test_crashes),
	    TEST(test_failed_commit),
	    TEST(test_unclaimed),
	    TEST(test_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
