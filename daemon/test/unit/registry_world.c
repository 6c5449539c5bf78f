#include "daemon/test/unit/registry_world.h"

#include <inttypes.h>

#include <sqlite3.h>

#include "daemon/base/memfile.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/peers/publish.h"
#include "daemon/registry/store/store_peer.h"
#include "protocol/base/codec.h"
#include "protocol/base/timestamp.h"

/* --- beginning and end --------------------------------------------------------------------------- */

void world_on_end(void *arg, int status)
{
	struct world *w = arg;

	w->ended = 1;
	w->end_status = status;
}

void world_on_unfit(void *arg, enum unfit why)
{
	struct world *w = arg;

	w->unfit = why;
}

void world_on_epoch_over(void *arg, const uint8_t check[32])
{
	struct world *w = arg;

	memcpy(w->epoch_over, check, sizeof w->epoch_over);
	w->epochs_over++;
}

const uint8_t world_storage[32] = {0x51};

int world_join(struct world *w, struct link **out, enum ipc_role self, bool shared,
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

int world_start(struct world *w)
{
	struct assembly_config c = {.own = {.own = OWN,
					.test_node = !w->production,
					.identity_serial = 1U + w->parts_before,
					.identity = {(uint8_t)(1 + w->parts_before)},
					.pulls = w->pulls,
					.reseals = w->has_revoked,
					.revoked = w->revoked,
					.peer_octets = w->peer_octets},
	    .test_clock = true,
	    .end = world_on_end,
	    .unfit = world_on_unfit,
	    .epoch_over = world_on_epoch_over,
	    .arg = w};

	c.own.storage_checks =
	    w->storage.len > 0 ? w->storage : (struct bytes){world_storage, sizeof world_storage};
	c.own.table_keys = c.own.storage_checks; /* as good as any others */
	assert_int_equal(loop_new(&w->loop), 0);
	c.loop = w->loop;
	c.gateway_fd = world_join(w, &w->gateway, IPC_GATEWAY, false, world_on_gateway, NULL);
	c.desk_fd = world_join(w, &w->desk, IPC_DESK, false,
	    w->desk_handler != NULL ? w->desk_handler : world_on_desk, NULL);
	c.sealers_fd = world_join(w, &w->sealer, IPC_SEALER, true, world_on_sealer, &w->sealer_fd);
	return assembly_new(&w->assembly, &c);
}

void world_stop(struct world *w)
{
	assembly_free(w->assembly);
	w->assembly = NULL;
	link_free(w->gateway);
	link_free(w->desk);
	link_free(w->sealer);
	loop_free(w->loop);
	w->n_admitted = w->n_deliveries = w->n_answers = 0;
}

void world_restart(struct world *w)
{
	world_stop(w);
	assert_int_equal(world_start(w), 0);
}

void world_move_clock(struct world *w, int64_t ms)
{
	char text[32];
	int len = snprintf(text, sizeof text, "%lld\n", (long long)ms);

	assert_int_equal(ftruncate(w->clock_fd, 0), 0);
	assert_int_equal(pwrite(w->clock_fd, text, (size_t)len, 0), len);
}

int world_set_up(void **state)
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
	w->peer_octets = UINT64_C(1) << 40;
	w->pin = 1;
	w->peer_key = 7;
	*state = w;
	return world_start(w);
}

static int world_remove_file(void *arg, const struct file_name *name)
{
	(void)arg;
	return unlink(name->path) == 0 ? 0 : RXP_ERR_IO;
}

int world_set_up_by_hand(void **state)
{
	int rc = world_set_up(state);

	if (rc == 0)
		((struct world *)*state)->fetch_by_hand = true;
	return rc;
}

int world_tear_down(void **state)
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
	    rmdir("attachments") != 0 || rmdir("backup") != 0)
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

void world_until(struct world *w, const unsigned *counter, unsigned value)
{
	pump_while(w->loop, *counter < value);
	assert_true(*counter >= value);
}

void world_new_case(uint8_t id[RXP_ID_OCTETS])
{
	static unsigned n;

	memset(id, 0, RXP_ID_OCTETS);
	n++;
	id[0] = (uint8_t)n;
	id[1] = (uint8_t)(n >> 8);
	id[6] = 0x40;
	id[8] = 0x80;
}

const struct world_answer *world_ask(struct world *w, enum ipc_type type, const void *body)
{
	unsigned before = w->n_answers;

	assert_int_equal(link_request(w->desk, type, body, NULL, 0, NULL), 0);
	world_until(w, &w->n_answers, before + 1);
	return &w->answers[before];
}

const struct world_answer *world_add_peer(struct world *w, uint8_t root)
{
	struct msg_peer_add m = {
	    .user = "officer", .root = {root}, .descriptor = {(const uint8_t *)"d", 1}};

	return world_ask(w, IPC_peer_add, &m);
}

void world_send(struct world *w, const struct fake_envelope *e)
{
	struct msg_admit m = {.party = PEER,
	    .received_ms = clock_wall_ms(),
	    .envelope = {(const uint8_t *)e, sizeof *e}};

	assert_int_equal(link_request(w->gateway, IPC_admit, &m, NULL, 0, NULL), 0);
}

const struct world_answer *world_admit(struct world *w, const struct fake_envelope *e)
{
	unsigned before = w->n_admitted;

	world_send(w, e);
	world_until(w, &w->n_admitted, before + 1);
	return &w->admitted[before];
}

struct fake_envelope world_envelope(uint8_t id)
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

void world_ping(struct world *w, uint8_t id[16])
{
	struct msg_peer_ping m = {.user = "officer", .party = PEER};
	const struct world_answer *a = world_ask(w, IPC_peer_ping, &m);

	assert_int_equal(a->result, 0);
	memcpy(id, a->id, sizeof a->id);
}

void world_begin(struct world *w, uint8_t id[16])
{
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	world_ping(w, id);
}

void world_show(struct world *w, const uint8_t id[16], struct rec_message_row *row)
{
	struct msg_message_show m = {0};
	const struct world_answer *a;

	memcpy(m.local_id, id, sizeof m.local_id);
	a = world_ask(w, IPC_message_show, &m);
	assert_int_equal(a->result, 0);
	assert_int_equal(record_decode(row, &record_message_row, a->octets, a->len), 0);
}

void world_until_state(
    struct world *w, const uint8_t id[16], const char *state, struct rec_message_row *row)
{
	int64_t end = clock_mono_ms() + PUMP_MAX_MS;

	do {
		w->n_answers = 0;
		world_show(w, id, row);
	} while (strcmp(row->state, state) != 0 && clock_mono_ms() < end);
	assert_string_equal(row->state, state);
}

static void put_digest(struct rxp_buf *b, const char *name, const uint8_t digest[RXP_DIGEST_OCTETS])
{
	rxp_buf_puts(b, "<");
	rxp_buf_puts(b, name);
	rxp_buf_puts(b, ">");
	rxp_base64_put(b, digest, RXP_DIGEST_OCTETS);
	rxp_buf_puts(b, "</");
	rxp_buf_puts(b, name);
	rxp_buf_puts(b, ">");
}

/* As the elements of a Receipt say it. */
static void say(char out[WORLD_WORDS], const uint8_t *id, const uint8_t *envelope_digest,
    const uint8_t *fingerprint, int64_t received_ms, const uint8_t *log_id, uint64_t log_count,
    const uint8_t *log_head, const char *flags)
{
	char text[320], id_text[RXP_ID_TEXT], log_text[RXP_ID_TEXT], time[RXP_TIME_TEXT];
	struct rxp_buf b;

	rxp_buf_init(&b, WORLD_WORDS - 1);
	rxp_id_text(id_text, id);
	rxp_id_text(log_text, log_id);
	rxp_time_text(time, received_ms);
	snprintf(text, sizeof text,
	    "<MessageId>%s</MessageId><ReceivedAt>%s</ReceivedAt><LogId>%s</LogId>"
	    "<LogCount>%" PRIu64 "</LogCount>",
	    id_text, time, log_text, log_count);
	rxp_buf_puts(&b, text);
	put_digest(&b, "EnvelopeDigest", envelope_digest);
	put_digest(&b, "Fingerprint", fingerprint);
	put_digest(&b, "LogHead", log_head);
	for (const char *at = flags; *at != '\0'; at += strspn(at, " ")) {
		snprintf(text, sizeof text, "<Flag>%.*s</Flag>", (int)strcspn(at, " "), at);
		rxp_buf_puts(&b, text);
		at += strcspn(at, " ");
	}
	assert_int_equal(rxp_buf_error(&b), 0);
	memset(out, 0, WORLD_WORDS);
	memcpy(out, b.data, b.len);
	rxp_buf_free(&b);
}

void world_say(struct fake_answer *f)
{
	const struct msg_answer_checked *c = &f->checked;

	say(f->words, c->message_id, c->envelope_digest, c->fingerprint, c->received_ms, c->log_id,
	    c->log_count, c->log_head, f->flags);
}

void world_say_sealed(struct fake_sealed *s, const char *flags)
{
	const struct msg_seal_answer *q = &s->q;

	say(s->words, q->message_id, q->envelope_digest, q->fingerprint, q->received_ms, q->log_id,
	    q->log_count, q->log_head, flags);
}

const struct world_delivery *world_delivered(struct world *w, unsigned n)
{
	world_until(w, &w->n_deliveries, n);
	return &w->deliveries[n - 1];
}

struct fake_answer world_receipt(const struct world_delivery *d)
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

struct fake_answer world_refusal(const struct world_delivery *d, enum rxp_refusal code, bool final)
{
	struct fake_answer f = world_receipt(d);

	f.checked.kind = RXP_ANSWER_REFUSAL;
	f.checked.refusal = 1 + (uint32_t)code;
	f.checked.final = final;
	f.checked.received_ms = 0;
	f.checked.log_count = 0;
	return f;
}

void world_deliver(
    struct world *w, const struct world_delivery *d, uint32_t status, const struct fake_answer *f)
{
	struct msg_delivery m = {.http_status = status,
	    .started_ms = clock_wall_ms(),
	    .sent_ms = clock_wall_ms(),
	    .answered_ms = clock_wall_ms()};

	struct fake_answer said;

	if (f != NULL) {
		said = *f;
		world_say(&said);
		m.answer = (struct bytes){(const uint8_t *)&said, sizeof said};
	}
	assert_int_equal(link_answer(w->gateway, IPC_delivery, d->request, &m, NULL, 0), 0);
}

void world_until_delivered(struct world *w, const uint8_t message_id[16])
{
	struct db *db = store_db(w->assembly->node.store);
	struct store_outbox row = {.state = STATE_NONE};
	uint8_t local_id[RXP_ID_OCTETS];

	assert_int_equal(store_outbox_of_message(db, local_id, message_id), 0);
	pump_while(w->loop, store_outbox_get(db, &row, NULL, local_id) == 0 &&
				row.state != STATE_DELIVERED && row.state != STATE_DELIVERED_LATE);
	assert_true(row.state == STATE_DELIVERED || row.state == STATE_DELIVERED_LATE);
}

void world_deliver_fault(struct world *w, const struct world_delivery *d)
{
	struct msg_delivery m = {
	    .outcome = (uint32_t)RXP_ERR_IO, .transport = "connection refused"};

	assert_int_equal(link_answer(w->gateway, IPC_delivery, d->request, &m, NULL, 0), 0);
}

int world_on_disk(struct world *w, const char *query)
{
	char path[128];
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	int n;

	world_stop(w);
	snprintf(path, sizeof path, "%s/readmit.db", w->directory);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, query, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	n = sqlite3_column_int(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	assert_int_equal(world_start(w), 0);
	return n;
}

static int count_key(void *arg, const struct rec_own_key *key, int64_t made_ms)
{
	(void)key;
	(void)made_ms;
	++*(unsigned *)arg;
	return 0;
}

unsigned world_stored_keys(struct world *w)
{
	unsigned n = 0;

	assert_int_equal(store_key_each(store_db(w->assembly->node.store), count_key, &n), 0);
	return n;
}

unsigned world_published(struct world *w, uint16_t tag)
{
	struct record_cursor c;
	struct bytes fields;
	uint8_t *octets = NULL;
	unsigned n = 0;
	size_t len = 0;
	uint16_t found;
	int fd;

	(void)publish_register(w->assembly->publish, &fd);
	assert_int_equal(memfile_map(&octets, &len, fd, REGISTRY_REGISTER_MAX), 0);
	c = (struct record_cursor){.at = octets, .left = len};
	while (record_list_next(&c, &found, &fields) == 1)
		n += found == tag;
	memfile_unmap(octets, len);
	return n;
}
