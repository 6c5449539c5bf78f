#include "daemon/desk/upload.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "daemon/desk/api.h"
#include "daemon/desk/ask.h"
#include "daemon/desk/attachment.h"
#include "daemon/desk/hash.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/problem.h"
#include "daemon/desk/reply.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/media/media.h"

#define REASON_TEXT 160
#define KEY_MAX 1024 /* octets of a boxed key */

/* Whenever a question stands open the connection is suspended, so the request and this live. */
enum step { STEP_FRESH, STEP_OPENING, STEP_READY, STEP_SEALING, STEP_KEEPING };

struct upload {
	struct api *api;
	enum step step;
	bool ended; /* the body is complete */
	bool staged; /* the registry has a file that is neither kept nor dropped */
	int fd; /* of that file */
	struct msg_attachment_new facts;
	struct msg_attachment_done done; /* grows with the file */
	struct rxp_buf key; /* boxed */
	struct hash *file, *ciphertext;
	struct rxp_media *scan;
	uint64_t counter; /* of the segment being filled */
	size_t filled;
	uint8_t segment[ATTACHMENT_SEGMENT_OCTETS];
};

/* --- its end ------------------------------------------------------------------------------------- */
/* The transfer counts until the registry has dropped the file, so that few wait for that. */
static void dropped(void *arg, const struct link_message *m)
{
	struct api *api = arg;

	(void)m;
	api->uploads--;
}

static void upload_free(void *kept)
{
	struct upload *u = kept;
	struct msg_attachment_done none = {0};

	memcpy(none.attachment, u->done.attachment, sizeof(none.attachment));
	if (!u->staged || ask_tell(u->api->ask, IPC_attachment_done, &none, dropped, u->api) != 0)
		u->api->uploads--;
	if (u->fd >= 0)
		close(u->fd);
	hash_free(u->file);
	hash_free(u->ciphertext);
	rxp_media_free(u->scan);
	rxp_buf_free(&u->key);
	explicit_bzero(u->segment, sizeof(u->segment));
	free(u);
}

static void kept(struct http_request *r, const struct link_message *answer)
{
	const struct msg_attachment_kept *m = answer->body;
	struct upload *u = http_kept(r);
	char id[RXP_ID_TEXT], file[RXP_DIGEST_HEX], ciphertext[RXP_DIGEST_HEX];

	u->staged = false; /* kept, or dropped by the registry itself */
	if (m->result != 0) {
		problem_reply_result(r, m->result, NULL);
		return;
	}
	rxp_id_text(id, u->done.attachment);
	rxp_hex_put(file, u->done.file_digest, sizeof(u->done.file_digest), false);
	rxp_hex_put(
	    ciphertext, u->done.ciphertext_digest, sizeof(u->done.ciphertext_digest), false);
	reply_with(r, &(struct reply){.status = 201,
			  .json = json_pack("{s:s, s:I, s:s, s:s}", "attachment", id, "length",
			      (json_int_t)u->done.length, "file_digest", file, "ciphertext_digest",
			      ciphertext)});
}

static void finish(struct http_request *r)
{
	struct upload *u = http_kept(r);
	int rc = hash_end(u->file, u->done.file_digest);

	if (rc == 0)
		rc = hash_end(u->ciphertext, u->done.ciphertext_digest);
	if (rc != 0) {
		problem_reply(r, problem_of(rc), NULL);
		return;
	}
	u->step = STEP_KEEPING;
	u->done.key = (struct bytes){u->key.data, u->key.len};
	ask_put(u->api->ask, r, IPC_attachment_done, &u->done, false, kept);
}

/* --- segments ------------------------------------------------------------------------------------- */
static int write_all(int fd, struct bytes octets, uint64_t at)
{
	while (octets.len > 0) {
		ssize_t n = pwrite(fd, octets.data, octets.len, (off_t)at);

		if (n <= 0)
			return RXP_ERR_IO;
		octets.data += n;
		octets.len -= (size_t)n;
		at += (uint64_t)n;
	}
	return 0;
}

static void segment_sealed(struct http_request *r, const struct link_message *answer)
{
	const struct msg_segment_sealed *m = answer->body;
	struct upload *u = http_kept(r);
	int rc = (int)(int32_t)m->result;

	if (rc == 0 && m->octets.len != u->filled + ATTACHMENT_TAG_OCTETS)
		rc = RXP_ERR_DAMAGED;
	if (rc == 0)
		rc = write_all(u->fd, m->octets, u->done.ciphertext_length);
	if (rc != 0) {
		problem_reply(r, problem_of(rc), NULL);
		return;
	}
	hash_put(u->ciphertext, m->octets.data, m->octets.len);
	u->done.ciphertext_length += m->octets.len;
	u->counter++;
	u->filled = 0;
	u->step = STEP_READY;
	if (u->ended)
		finish(r);
	else
		http_go_on(r);
}

/* RXP-ATT-006: the nonce says which segment is the last, so that none can be cut off. */
static void seal(struct http_request *r, bool last)
{
	struct upload *u = http_kept(r);

	u->step = STEP_SEALING;
	ask_put(u->api->ask, r, IPC_segment_seal,
	    &(struct msg_segment_seal){.key = {u->key.data, u->key.len},
		.counter = u->counter,
		.last = last,
		.octets = {u->segment, u->filled}},
	    false, segment_sealed);
}

/* --- its beginning: a key, and a file to write to ---------------------------------------------- */
static void opened(struct http_request *r, const struct link_message *answer)
{
	struct upload *u = http_kept(r);
	const struct msg_attachment_opened *m = answer->body;
	const struct msg_attachment_denied *denied = answer->body;

	if (answer->type == IPC_attachment_denied) {
		problem_reply_result(r, denied->result, NULL);
		return;
	}
	u->staged = true;
	memcpy(u->done.attachment, m->attachment, sizeof(u->done.attachment));
	u->fd = fcntl(answer->fds[0], F_DUPFD_CLOEXEC, 0);
	if (u->fd < 0) {
		problem_reply(r, problem_of(RXP_ERR_IO), NULL);
		return;
	}
	u->step = STEP_READY;
	if (u->ended)
		seal(r, true);
	else
		http_go_on(r);
}

static void keyed(struct http_request *r, const struct link_message *answer)
{
	const struct msg_attachment_keyed *m = answer->body;
	struct upload *u = http_kept(r);
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = rxp_buf_put(&u->key, m->key.data, m->key.len);
	if (rc != 0)
		problem_reply(r, problem_of(rc), NULL);
	else
		ask_put(u->api->ask, r, IPC_attachment_new, &u->facts, false, opened);
}

static void open_file(struct http_request *r)
{
	struct upload *u = http_kept(r);

	u->step = STEP_OPENING;
	ask_put(u->api->ask, r, IPC_attachment_key, &(struct msg_attachment_key){0}, false, keyed);
}

/* --- the body ------------------------------------------------------------------------------------- */
/* RXP-ATT-020: nothing is kept of a file that is not clean. false: the request is answered. */
static bool scanned(struct http_request *r, int rc)
{
	const struct rxp_media_finding *finding;
	struct upload *u = http_kept(r);
	char reason[REASON_TEXT];

	if (rc == 0)
		return true;
	if (rc == RXP_ERR_NOMEM) {
		problem_reply(r, PROBLEM_BUSY, NULL);
		return false;
	}
	finding = rxp_media_finding(u->scan);
	snprintf(reason, sizeof(reason), "at octet %" PRIu64 ": %s", finding->at, finding->what);
	problem_reply(r, PROBLEM_NOT_CLEAN, reason);
	return false;
}

/* A full segment goes to work when an octet after it is there: only then is it known not to be the
 * last. */
static size_t take(struct http_request *r, const uint8_t *octets, size_t len)
{
	struct upload *u = http_kept(r);
	size_t n = ATTACHMENT_SEGMENT_OCTETS - u->filled;

	if (u->step == STEP_FRESH)
		open_file(r);
	if (u->step != STEP_READY)
		return 0;
	n = n < len ? n : len;
	if (!scanned(r, rxp_media_put(u->scan, octets, n)))
		return 0;
	memcpy(u->segment + u->filled, octets, n);
	hash_put(u->file, octets, n);
	u->filled += n;
	u->done.length += n;
	if (n < len)
		seal(r, false);
	return n;
}

static void end(struct http_request *r)
{
	struct upload *u = http_kept(r);

	u->ended = true;
	if (!scanned(r, rxp_media_end(u->scan)))
		return;
	if (u->step == STEP_FRESH)
		open_file(r);
	else
		seal(r, true);
}

void upload_begin(struct http_request *r, const struct upload_facts *facts)
{
	static const struct http_sink SINK = {take, end};
	struct api *api = http_api(r);
	struct upload *u;

	if (api->uploads == ATTACHMENT_TRANSFERS_MAX) {
		problem_reply(r, PROBLEM_BUSY, "too many files come in at this time");
		return;
	}
	u = calloc(1, sizeof(*u));
	if (u == NULL || hash_new(&u->file) != 0 || hash_new(&u->ciphertext) != 0 ||
	    rxp_media_new(&u->scan, rxp_media_row(facts->media_type)) != 0) {
		if (u != NULL) {
			hash_free(u->file);
			hash_free(u->ciphertext);
		}
		free(u);
		problem_reply(r, PROBLEM_BUSY, NULL);
		return;
	}
	u->api = api;
	u->fd = -1;
	rxp_buf_init(&u->key, KEY_MAX);
	snprintf(u->facts.user, sizeof(u->facts.user), "%s", http_user(r));
	snprintf(u->facts.type, sizeof(u->facts.type), "%s", facts->type);
	snprintf(u->facts.media_type, sizeof(u->facts.media_type), "%s", facts->media_type);
	snprintf(u->facts.checked_by, sizeof(u->facts.checked_by), "%s", facts->checked_by);
	api->uploads++;
	http_keep(r, u, upload_free);
	http_take(r, &SINK);
}
