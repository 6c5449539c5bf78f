#include "daemon/desk/download.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/desk/api.h"
#include "daemon/desk/ask.h"
#include "daemon/desk/attachment.h"
#include "daemon/desk/hash.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/problem.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define TICKET_MAX 4096 /* octets */
#define SEALED_MAX (ATTACHMENT_SEGMENT_OCTETS + ATTACHMENT_TAG_OCTETS)

/* Whenever a question stands open, or the timer is armed, the connection is suspended. */
struct download {
	struct http_request *r;
	struct api *api;
	int fd;
	struct timer *timer; /* one piece of the ciphertext is verified in each round of the loop */
	struct hash *hash; /* of the ciphertext, then of the file */
	struct rec_attachment_row row; /* its BYTES are not used */
	struct rxp_buf ticket;
	uint64_t at; /* in the ciphertext */
	uint64_t segment; /* the next to be opened */
	bool replied;
	int failed; /* after the answer began */
	size_t filled, given; /* of the buffer: octets of the file, those handed out */
	uint8_t buffer[SEALED_MAX];
};

static void download_free(void *kept)
{
	struct download *d = kept;

	d->api->downloads--;
	timer_free(d->timer);
	if (d->fd >= 0)
		close(d->fd);
	hash_free(d->hash);
	rxp_buf_free(&d->ticket);
	explicit_bzero(d->buffer, sizeof(d->buffer));
	free(d);
}

static void fail(struct download *d, int error, enum problem p)
{
	if (error == RXP_ERR_DAMAGED)
		log_event(LOG_ATTACHMENT_DAMAGED,
		    LOG_X(d->row.ciphertext_digest, sizeof(d->row.ciphertext_digest)),
		    LOG_N(d->row.number));
	if (d->replied) {
		d->failed = error;
		http_go_on(d->r);
	} else {
		problem_reply(d->r, p, NULL);
	}
}

/* Read len octets of the ciphertext into the buffer. RXP_ERR_IO; RXP_ERR_DAMAGED: there are fewer. */
static int read_piece(struct download *d, size_t len)
{
	size_t n = 0;

	while (n < len) {
		ssize_t got = pread(d->fd, d->buffer + n, len - n, (off_t)d->at);

		if (got <= 0)
			return got < 0 ? RXP_ERR_IO : RXP_ERR_DAMAGED;
		n += (size_t)got;
		d->at += (uint64_t)got;
	}
	return 0;
}

/* --- segments ------------------------------------------------------------------------------------- */
static ssize_t give(struct http_request *r, uint8_t *out, size_t max);

/* RXP-ATT-008: the segment's octets are in the buffer; may they go? */
static int judge(struct download *d)
{
	uint8_t digest[RXP_DIGEST_OCTETS];
	int rc;

	if (d->segment < attachment_segments(d->row.length))
		return 0;
	rc = hash_end(d->hash, digest);
	if (rc == 0 && memcmp(digest, d->row.file_digest, sizeof(digest)) != 0)
		rc = RXP_ERR_DAMAGED;
	return rc;
}

static void opened(void *arg, const struct link_message *m)
{
	struct download *d = arg;
	const struct msg_segment_opened *o = m != NULL ? m->body : NULL;
	int rc = o != NULL ? (int)(int32_t)o->result : RXP_ERR_DAMAGED;

	if (rc == 0 && o->octets.len != attachment_segment_length(d->row.length, d->segment))
		rc = RXP_ERR_DAMAGED;
	if (rc == 0) {
		memcpy(d->buffer, o->octets.data, o->octets.len);
		d->filled = o->octets.len;
		d->given = 0;
		d->segment++;
		hash_put(d->hash, d->buffer, d->filled);
		rc = judge(d);
	}
	if (rc != 0) {
		fail(d, rc, m != NULL ? problem_of(rc) : PROBLEM_UNWORKABLE);
	} else if (d->replied) {
		http_go_on(d->r);
	} else {
		d->replied = true;
		http_reply_stream(
		    d->r, &(struct http_stream){
			      .media = d->row.media_type, .length = d->row.length, .read = give});
	}
}

/* Open the next segment. */
static int open_next(struct download *d)
{
	size_t len = attachment_segment_length(d->row.length, d->segment) + ATTACHMENT_TAG_OCTETS;
	int rc = read_piece(d, len);

	if (rc != 0)
		return rc;
	return ask_tell(d->api->ask, IPC_segment_open,
	    &(struct msg_segment_open){.ticket = {d->ticket.data, d->ticket.len},
		.counter = d->segment,
		.last = d->segment + 1 == attachment_segments(d->row.length),
		.octets = {d->buffer, len}},
	    opened, d);
}

static ssize_t give(struct http_request *r, uint8_t *out, size_t max)
{
	struct download *d = http_kept(r);
	size_t n = d->filled - d->given;

	if (d->failed != 0)
		return d->failed;
	if (n == 0)
		return open_next(d);
	n = n < max ? n : max;
	memcpy(out, d->buffer + d->given, n);
	d->given += n;
	return (ssize_t)n;
}

/* --- the ciphertext ------------------------------------------------------------------------------- */
static int verified(struct download *d)
{
	uint8_t digest[RXP_DIGEST_OCTETS];
	int rc = hash_end(d->hash, digest);

	if (rc == 0 && memcmp(digest, d->row.ciphertext_digest, sizeof(digest)) != 0)
		rc = RXP_ERR_DAMAGED;
	if (rc != 0)
		return rc;
	hash_free(d->hash);
	d->hash = NULL;
	rc = hash_new(&d->hash);
	d->at = 0;
	return rc != 0 ? rc : open_next(d);
}

static void on_timer(void *arg)
{
	struct download *d = arg;
	uint64_t left = d->row.ciphertext_length - d->at;
	size_t len = left < SEALED_MAX ? (size_t)left : SEALED_MAX;
	int rc = read_piece(d, len);

	if (rc == 0)
		hash_put(d->hash, d->buffer, len);
	if (rc == 0 && d->at < d->row.ciphertext_length) {
		timer_arm(d->timer, 0);
		return;
	}
	if (rc == 0)
		rc = verified(d);
	if (rc != 0)
		fail(d, rc, problem_of(rc));
}

/* --- its beginning --------------------------------------------------------------------------------- */
/* What the manifest said was checked when the document was; this keeps a damaged row from harm. */
static bool plausible(const struct rec_attachment_row *row)
{
	return row->length <= INT64_MAX / 2 &&
	       row->ciphertext_length == attachment_ciphertext_length(row->length) &&
	       attachment_listed(ATTACHMENT_MEDIAS, row->media_type);
}

static int prepare(struct download *d, const struct link_message *got)
{
	const struct msg_attachment_got *m = got->body;
	int rc = hash_new(&d->hash);

	if (rc == 0)
		rc = timer_new(&d->timer, d->api->loop, on_timer, d);
	if (rc == 0)
		rc = rxp_buf_put(&d->ticket, m->ticket.data, m->ticket.len);
	if (rc == 0 &&
	    (record_decode(&d->row, &record_attachment_row, m->row.data, m->row.len) != 0 ||
		!plausible(&d->row)))
		rc = RXP_ERR_DAMAGED;
	if (rc != 0)
		return rc;
	d->fd = fcntl(got->fds[0], F_DUPFD_CLOEXEC, 0);
	return d->fd >= 0 ? 0 : RXP_ERR_IO;
}

void download_begin(struct http_request *r, const struct link_message *got)
{
	struct api *api = http_api(r);
	struct download *d;
	int rc;

	if (api->downloads == ATTACHMENT_TRANSFERS_MAX) {
		problem_reply(r, PROBLEM_BUSY, "too many files go out at this time");
		return;
	}
	d = calloc(1, sizeof(*d));
	if (d == NULL) {
		problem_reply(r, PROBLEM_BUSY, NULL);
		return;
	}
	d->r = r;
	d->api = api;
	d->fd = -1;
	rxp_buf_init(&d->ticket, TICKET_MAX);
	api->downloads++;
	http_keep(r, d, download_free);
	rc = prepare(d, got);
	if (rc != 0)
		problem_reply(r, problem_of(rc), NULL);
	else
		timer_arm(d->timer, 0);
}
