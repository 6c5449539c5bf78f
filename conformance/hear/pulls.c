#include "conformance/hear/pulls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "conformance/hear/heard.h"
#include "conformance/wire/tls.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"

#define MESSAGES "/rxp/1/messages"
#define ANSWER_TYPE "application/rxp+xml"
#define RESTS_MS 10000
#define SECOND_MS 1000
#define MAX_WAIT 30
#define MAX_SKIPPED 32
#define FILE_TYPE "application/octet-stream"
#define FILES "/rxp/1/attachments/"
#define MAX_FIRST_DIGITS 15
#define FILE_PATH (sizeof FILES + RXP_DIGEST_HEX)
#define REMEMBERED 4096 /* messages that were given: more than a run gives */

/* What a request says. */
struct query {
	unsigned wait;
	size_t n_skipped;
	uint8_t skipped[MAX_SKIPPED][RXP_ID_OCTETS];
	bool leaves;
	uint8_t left[RXP_DIGEST_OCTETS];
};

struct pulls {
	bool offered;
	uint8_t id[RXP_ID_OCTETS];
	uint8_t
	    answered[RXP_ID_OCTETS]; /* the message that was answered last, and not given since */
	uint8_t given[REMEMBERED][RXP_ID_OCTETS]; /* the latest; n_given counts all */
	size_t n_given;
	struct rxp_buf envelope, answer;
	int64_t given_ms, passed_ms; /* 0: not yet */
	bool rests; /* what was given */
	unsigned passed;
	bool leaves;
	uint8_t left[RXP_DIGEST_OCTETS]; /* as the last question said that said so */
	char file_path[FILE_PATH]; /* of the file that is given; "": none is */
	const struct rxp_buf *file;
	unsigned file_asked;
	/* the one request that waits */
	struct host_place waits;
	int64_t until_ms;
	struct query query; /* which names what the product has in work */
	char range[HOST_TYPE]; /* the Content-Range of the last answer */
};

struct pulls *pulls_new(void)
{
	struct pulls *p = calloc(1, sizeof *p);

	if (p != NULL) {
		rxp_buf_init(&p->envelope, HOST_MAX_BODY);
		rxp_buf_init(&p->answer, HOST_MAX_BODY);
	}
	return p;
}

void pulls_free(struct pulls *p)
{
	if (p == NULL)
		return;
	rxp_buf_free(&p->envelope);
	rxp_buf_free(&p->answer);
	free(p);
}

int pulls_offer(
    struct pulls *p, const uint8_t message_id[RXP_ID_OCTETS], const uint8_t *octets, size_t len)
{
	pulls_take_back(p);
	memcpy(p->id, message_id, sizeof p->id);
	p->offered = true;
	return rxp_buf_put(&p->envelope, octets, len);
}

void pulls_take_back(struct pulls *p)
{
	p->offered = false;
	p->given_ms = p->passed_ms = 0;
	p->rests = p->leaves = false;
	p->passed = 0;
	rxp_buf_reset(&p->envelope);
	rxp_buf_reset(&p->answer);
}

const struct rxp_buf *pulls_answer(const struct pulls *p)
{
	return p->offered && p->answer.len > 0 ? &p->answer : NULL;
}

int64_t pulls_passed_ms(const struct pulls *p)
{
	return p->passed_ms;
}

unsigned pulls_passed(const struct pulls *p)
{
	return p->passed;
}

void pulls_rest_no_more(struct pulls *p)
{
	p->rests = false;
}

void pulls_not_given(struct pulls *p)
{
	p->rests = false;
	p->given_ms = 0;
}

const uint8_t *pulls_left(const struct pulls *p)
{
	return p->leaves ? p->left : NULL;
}

/* --- a file ---------------------------------------------------------------------------------- */

int pulls_hold_file(struct pulls *p, const struct rxp_buf *file)
{
	uint8_t digest[RXP_DIGEST_OCTETS];

	p->file = file;
	p->file_asked = 0;
	p->file_path[0] = '\0';
	if (file == NULL)
		return 0;
	if (EVP_Digest(file->data, file->len, digest, NULL, EVP_sha256(), NULL) != 1)
		return RXP_ERR_CRYPTO;
	memcpy(p->file_path, FILES, sizeof FILES);
	rxp_hex_put(p->file_path + sizeof FILES - 1, digest, sizeof digest, false);
	return 0;
}

unsigned pulls_file_asked(const struct pulls *p)
{
	return p->file_asked;
}

/* The one form of RXP-ATT-030, "bytes=FIRST-". */
static bool read_first(size_t *first, const char *text)
{
	static const char unit[] = "bytes=";
	const char *digits = text + sizeof unit - 1;
	size_t n;

	if (strncmp(text, unit, sizeof unit - 1) != 0)
		return false;
	n = strspn(digits, "0123456789");
	if (n == 0 || n > MAX_FIRST_DIGITS || (n > 1 && digits[0] == '0') ||
	    strcmp(digits + n, "-") != 0)
		return false;
	*first = (size_t)strtoull(digits, NULL, 10);
	return true;
}

void pulls_give_file(struct pulls *p, const struct host_request *r, struct host_reply *out)
{
	size_t first = 0;

	p->file_asked++;
	*out = (struct host_reply){.status = 404};
	if (p->file == NULL || strcmp(r->path, p->file_path) != 0)
		return;
	if (r->wanted[0] != '\0' && !read_first(&first, r->wanted)) {
		out->status = 400;
	} else if (r->wanted[0] != '\0' && first >= p->file->len) {
		out->status = 416;
	} else {
		*out = (struct host_reply){.status = r->wanted[0] == '\0' ? 200 : 206,
		    .type = FILE_TYPE,
		    .body = p->file->data + first,
		    .body_len = p->file->len - first};
		(void)snprintf(p->range, sizeof p->range, "bytes %zu-%zu/%zu", first,
		    p->file->len - 1, p->file->len);
		if (out->status == 206)
			out->fields[0] = (struct wire_field){"content-range", p->range};
	}
}

/* --- the query of RXP-PUL-002 ---------------------------------------------------------------- */

static bool read_wait(struct query *q, const char **at)
{
	char *end;
	const char *digits = *at;

	q->wait = (unsigned)strtoul(digits, &end, 10);
	*at = end;
	return *digits >= '0' && *digits <= '9' && q->wait <= MAX_WAIT;
}

static bool read_skip(struct query *q, const char **at)
{
	char id[RXP_ID_TEXT];

	for (;;) {
		if (q->n_skipped == MAX_SKIPPED || strnlen(*at, sizeof id - 1) < sizeof id - 1)
			return false;
		memcpy(id, *at, sizeof id - 1);
		id[sizeof id - 1] = '\0';
		if (rxp_id_parse(q->skipped[q->n_skipped++], id, 7) != 0)
			return false;
		*at += sizeof id - 1;
		if (**at != ',')
			return true;
		(*at)++;
	}
}

static bool read_left(struct query *q, const char **at)
{
	char digits[RXP_DIGEST_HEX] = "";

	if (strspn(*at, "0123456789abcdef") != RXP_DIGEST_HEX - 1)
		return false;
	memcpy(digits, *at, RXP_DIGEST_HEX - 1);
	q->leaves = rxp_hex_get(q->left, sizeof q->left, digits, false) == 0;
	*at += RXP_DIGEST_HEX - 1;
	return true;
}

/* Several of them stand in this order, joined by "&". */
static bool read_query(struct query *q, const char *path)
{
	static const struct {
		const char *name;
		bool (*read)(struct query *q, const char **at);
	} parts[] = {{"wait=", read_wait}, {"skip=", read_skip}, {"left=", read_left}};
	const char *at = path + sizeof MESSAGES - 1;
	bool more = *at == '?';

	*q = (struct query){0};
	at += more ? 1 : 0;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0] && more; i++) {
		if (strncmp(at, parts[i].name, strlen(parts[i].name)) != 0)
			continue;
		at += strlen(parts[i].name);
		if (!parts[i].read(q, &at))
			return false;
		more = *at == '&';
		at += more ? 1 : 0;
	}
	return *at == '\0' && !more;
}

static bool names(const struct query *q, const uint8_t id[RXP_ID_OCTETS])
{
	for (size_t i = 0; i < q->n_skipped; i++)
		if (memcmp(q->skipped[i], id, RXP_ID_OCTETS) == 0)
			return true;
	return false;
}

/* --- giving ---------------------------------------------------------------------------------- */

/* What was answered is in work no longer, also for a request that named it before that was known (RXP-PUL-014). */
static bool is_in_work(const struct pulls *p, const struct query *q)
{
	return names(q, p->id) && memcmp(p->answered, p->id, sizeof p->id) != 0;
}

static bool may_be_given(const struct pulls *p, const struct query *q, int64_t now_ms)
{
	return p->offered && p->answer.len == 0 && !is_in_work(p, q) &&
	       (!p->rests || now_ms - p->given_ms >= RESTS_MS);
}

static bool was_given(const struct pulls *p, const uint8_t id[RXP_ID_OCTETS])
{
	for (size_t i = 0; i < p->n_given && i < REMEMBERED; i++)
		if (memcmp(p->given[i], id, RXP_ID_OCTETS) == 0)
			return true;
	return false;
}

static void give(struct pulls *p, struct host_reply *out, int64_t now_ms)
{
	if (!was_given(p, p->id))
		memcpy(p->given[p->n_given++ % REMEMBERED], p->id, sizeof p->id);
	p->given_ms = now_ms;
	p->rests = true;
	memset(p->answered, 0, sizeof p->answered);
	*out = (struct host_reply){.status = 200,
	    .type = ANSWER_TYPE,
	    .body = p->envelope.data,
	    .body_len = p->envelope.len};
}

void pulls_ask(struct pulls *p, const struct host_request *r, struct host_reply *out)
{
	int64_t now_ms = tls_now_ms();
	struct query q;

	*out = (struct host_reply){.status = 400};
	if (!read_query(&q, r->path))
		return;
	if (q.leaves) {
		p->leaves = true;
		memcpy(p->left, q.left, sizeof p->left);
	}
	if (p->given_ms != 0 && !names(&q, p->id) && p->passed++ == 0)
		p->passed_ms = now_ms;
	out->status = 204;
	if (may_be_given(p, &q, now_ms)) {
		give(p, out, now_ms);
	} else if (q.wait > 0 && p->waits.line == 0) {
		p->waits = r->place;
		p->until_ms = now_ms + (int64_t)q.wait * SECOND_MS;
		p->query = q;
		out->later = true;
	}
}

bool pulls_posted(struct pulls *p, const struct rxp_buf *octets)
{
	uint8_t id[RXP_ID_OCTETS];

	if (!heard_id(id, octets))
		return false;
	/* One to an earlier message changes nothing any more, and is told so (RXP-PUL-006). */
	if (!p->offered || memcmp(id, p->id, sizeof id) != 0)
		return was_given(p, id);
	/* What was posted to that message already says nothing of what is offered under its MessageId now (RXP-PUL-006). */
	if (p->given_ms == 0 && memcmp(p->answered, id, sizeof id) == 0)
		return true;
	memcpy(p->answered, id, sizeof p->answered);
	rxp_buf_reset(&p->answer);
	return rxp_buf_put(&p->answer, octets->data, octets->len) == 0;
}

bool pulls_due(struct pulls *p, struct host_place *at, struct host_reply *out, int64_t *until_ms)
{
	int64_t now_ms = tls_now_ms();

	if (p->waits.line == 0)
		return false;
	if (may_be_given(p, &p->query, now_ms)) {
		give(p, out, now_ms);
	} else if (now_ms >= p->until_ms) {
		*out = (struct host_reply){.status = 204};
	} else {
		*until_ms = p->until_ms < *until_ms ? p->until_ms : *until_ms;
		return false;
	}
	*at = p->waits;
	p->waits = (struct host_place){0};
	return true;
}
