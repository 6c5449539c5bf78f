#include "daemon/test/unit/registry_file_rig.h"

#include <fcntl.h>
#include <sys/statvfs.h>

#include "daemon/registry/store/store_file.h"

uint64_t rig_disk_free = DISK_LARGE;
struct rig_seen rig_seen;

int fstatvfs(int fd, struct statvfs *out)
{
	(void)fd;
	*out = (struct statvfs){.f_frsize = 1, .f_bavail = rig_disk_free};
	return 0;
}

static void close_fd(void)
{
	if (rig_seen.fd >= 0)
		close(rig_seen.fd);
	rig_seen.fd = -1;
}

static void take_fd(const struct link_message *m)
{
	close_fd();
	rig_seen.fd = fcntl(m->fds[0], F_DUPFD_CLOEXEC, 0);
	assert_true(rig_seen.fd >= 0);
}

static void ticket(struct world *w, struct link *l, const struct link_message *m)
{
	const struct msg_attachment_ticketed a = {.ticket = {(const uint8_t *)"ticket", 6}};

	assert_string_equal(((const struct msg_attachment_ticket *)m->body)->key.data, "key");
	rig_seen.tickets++;
	rig_seen.commits_at_ticket = store_counts(w->assembly->node.store).commits;
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
		memcpy(rig_seen.id, m->body, sizeof rig_seen.id);
		rig_seen.files++;
	} else if (m->type == IPC_attachment_got) {
		const struct msg_attachment_got *g = m->body;

		assert_int_equal(
		    record_decode(&rig_seen.row, &record_attachment_row, g->row.data, g->row.len),
		    0);
		rig_seen.got++;
	} else if (m->type == IPC_upload) {
		rig_seen.upload = *(const struct msg_upload *)m->body;
		rig_seen.upload_before = rig_seen.upload_request;
		rig_seen.upload_request = m->request;
		rig_seen.uploads++;
	} else if (m->type == IPC_stage_opened) {
		rig_seen.status = 0;
		rig_seen.held = ((const struct msg_stage_opened *)m->body)->held;
		rig_seen.staged++;
	} else {
		rig_seen.status = staged->http_status;
		rig_seen.held = staged->held;
		rig_seen.staged++;
	}
}

int rig_set_up(void **state)
{
	struct world *w;
	int rc = world_set_up(state);

	memset(&rig_seen, 0, sizeof rig_seen);
	rig_seen.fd = -1;
	rig_disk_free = DISK_LARGE;
	w = *state;
	w->other = other;
	return rc;
}

int rig_tear_down(void **state)
{
	close_fd();
	return world_tear_down(state);
}

/* --- files --------------------------------------------------------------------------------------- */

void rig_restart(struct world *w)
{
	close_fd();
	rig_seen.keep_fd = false;
	w->ended = 0;
	world_restart(w);
}

struct sample rig_sample(const char *text)
{
	struct sample s = {.length = strlen(text)};

	snprintf(s.octets, sizeof s.octets, "%s................", text);
	s.total = (size_t)store_file_ciphertext_length(s.length);
	assert_int_equal(strlen(s.octets), s.total);
	node_digest(s.digest, s.octets, s.total);
	return s;
}

bool rig_there(const char *party, const struct sample *s)
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

unsigned rig_files(void)
{
	unsigned n = 0;

	assert_int_equal(file_each(count_file, &n), 0);
	return n;
}

/* --- the desk ------------------------------------------------------------------------------------ */

struct msg_attachment_done rig_begin(struct world *w, const struct sample *s)
{
	static const struct msg_attachment_new m = {.user = "officer",
	    .type = "photograph",
	    .media_type = "image/jpeg",
	    .checked_by = "return-officer"};
	struct msg_attachment_done done = {.length = s->length,
	    .file_digest = {1},
	    .ciphertext_length = s->total,
	    .key = {(const uint8_t *)"key", 4}};
	unsigned before = rig_seen.files;

	memcpy(done.ciphertext_digest, s->digest, sizeof done.ciphertext_digest);
	world_ask(w, IPC_attachment_new, &m);
	assert_int_equal(rig_seen.files, before + 1);
	assert_int_equal(pwrite(rig_seen.fd, s->octets, s->total, 0), s->total);
	memcpy(done.attachment, rig_seen.id, sizeof done.attachment);
	return done;
}

void rig_keep(struct world *w, const struct sample *s, uint8_t id[16])
{
	const struct msg_attachment_done done = rig_begin(w, s);

	assert_int_equal(world_ask(w, IPC_attachment_done, &done)->result, 0);
	memcpy(id, done.attachment, sizeof done.attachment);
}

/* --- the peer ------------------------------------------------------------------------------------ */

void rig_expect(uint32_t status, uint64_t held)
{
	assert_int_equal(rig_seen.status, status);
	assert_int_equal(rig_seen.held, held);
}

static void ask_gateway(struct world *w, enum ipc_type type, const void *body)
{
	unsigned before = rig_seen.staged;

	assert_int_equal(link_request(w->gateway, type, body, NULL, 0, NULL), 0);
	world_until(w, &rig_seen.staged, before + 1);
}

void rig_head(struct world *w, const struct sample *s)
{
	struct msg_stage m = {.party = PEER, .head = 1};

	memcpy(m.digest, s->digest, sizeof m.digest);
	ask_gateway(w, IPC_stage, &m);
}

void rig_put_of(struct world *w, const struct sample *s, uint64_t offset, uint64_t total)
{
	struct msg_stage m = {.party = PEER, .offset = offset, .total = total};

	memcpy(m.digest, s->digest, sizeof m.digest);
	ask_gateway(w, IPC_stage, &m);
}

void rig_put(struct world *w, const struct sample *s, uint64_t offset)
{
	rig_put_of(w, s, offset, s->total);
}

void rig_write_part(const struct sample *s, size_t from, size_t to)
{
	rig_expect(0, from);
	assert_int_equal(pwrite(rig_seen.fd, s->octets + from, to - from, (off_t)from), to - from);
}

void rig_end_put(struct world *w, const struct sample *s, uint64_t held)
{
	struct msg_stage_end m = {.party = PEER, .held = held};

	memcpy(m.digest, s->digest, sizeof m.digest);
	if (!rig_seen.keep_fd)
		close_fd();
	ask_gateway(w, IPC_stage_end, &m);
}

void rig_bring(struct world *w, const struct sample *s)
{
	rig_put(w, s, 0);
	rig_write_part(s, 0, s->total);
	rig_end_put(w, s, s->total);
	rig_expect(201, s->total);
	assert_true(rig_there(PEER, s));
}

/* --- documents with files ------------------------------------------------------------------------- */

const struct world_answer *rig_list(struct world *w, const uint8_t *ids, size_t n)
{
	const struct msg_attachment_list m = {.ids = {ids, 16 * n}};

	return world_ask(w, IPC_attachment_list, &m);
}

size_t rig_facts(uint8_t *out, size_t max, const char *event)
{
	struct rec_fact_person r = {.person = 1};
	struct rxp_buf b;
	size_t len;

	snprintf(r.event, sizeof r.event, "%s", event);
	rxp_buf_init(&b, max);
	assert_int_equal(record_list_put(&b, REC_fact_person, &record_fact_person, &r), 0);
	len = b.len;
	memcpy(out, b.data, len);
	rxp_buf_free(&b);
	return len;
}

/* A document with these files. */
const struct world_answer *rig_submit_as(struct world *w, const char *key, struct msg_submit m,
    const char *event, const uint8_t *ids, size_t n)
{
	uint8_t facts[WORLD_FACTS_MAX], rows[WORLD_ANSWER_MAX];
	const struct world_answer *listed = rig_list(w, ids, n);

	assert_int_equal(listed->result, 0);
	memcpy(rows, listed->octets, listed->len);
	m.attachments = (struct bytes){rows, listed->len};
	m.facts = m.draft = (struct bytes){facts, rig_facts(facts, sizeof facts, event)};
	snprintf(m.key, sizeof m.key, "%s", key);
	world_new_case(m.for_case);
	return world_ask(w, IPC_submit, &m);
}

/* A new case with these files. */
const struct world_answer *rig_submit(
    struct world *w, const char *key, const uint8_t *ids, size_t n)
{
	const struct msg_submit m = {.user = "officer", .peer = PEER, .type = TYPE};

	return rig_submit_as(w, key, m, "apply", ids, n);
}

void rig_accepted(struct world *w, const char *key, const uint8_t *ids, size_t n, uint8_t id[16])
{
	const struct world_answer *a = rig_submit(w, key, ids, n);

	assert_string_equal(a->words, "");
	assert_int_equal(a->result, 0);
	memcpy(id, a->id, 16);
}

size_t rig_name(uint8_t *out, size_t max, const struct sample *s, size_t n)
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

void rig_expect_upload(struct world *w, unsigned n, const struct sample *s)
{
	char octets[TEXT_MAX];

	world_until(w, &rig_seen.uploads, n);
	assert_int_equal(rig_seen.uploads, n);
	assert_string_equal(rig_seen.upload.peer, PEER);
	assert_memory_equal(rig_seen.upload.digest, s->digest, sizeof s->digest);
	assert_int_equal(rig_seen.upload.length, s->total);
	assert_int_equal(pread(rig_seen.fd, octets, sizeof octets, 0), s->total);
	assert_memory_equal(octets, s->octets, s->total);
	assert_int_equal(pwrite(rig_seen.fd, "x", 1, 0), -1); /* for reading only */
}
