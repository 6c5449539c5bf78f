/* Stories of attachments that the product gives whoever fetches the document that names them (section 14). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "conformance/run/both.h"
#include "conformance/run/desk.h"
#include "conformance/run/story_tell.h"
#include "conformance/state/moment.h"
#include "protocol/base/codec.h"

#define GIVES "RXP-ATT-013"
#define PATH "/rxp/1/attachments/"
#define PATH_TEXT (sizeof PATH + 2UL * RXP_DIGEST_OCTETS)
#define RANGE_TEXT 64

/* A document that was fetched and has no answer yet, and its attachment. */
struct gift {
	struct heard *came;
	char path[PATH_TEXT];
	struct wire_response whole; /* the attachment without Range */
};

/* --- asking -------------------------------------------------------------------------------------- */

/* Ask on this line. The status; 0: none came. */
static int ask(
    struct line *line, const char *path, const char *range, struct wire_response *response)
{
	struct wire_request request = {.method = "GET", .path = path};

	if (range != NULL)
		request.fields[0] = (struct wire_field){"range", range};
	(void)line_ask(line, &request, response);
	return response->status;
}

static bool has_digest(const struct gift *g)
{
	uint8_t digest[RXP_DIGEST_OCTETS];

	return EVP_Digest(
		   g->whole.body.data, g->whole.body.len, digest, NULL, EVP_sha256(), NULL) == 1 &&
	       memcmp(digest, g->came->files[0].ciphertext_digest, sizeof digest) == 0;
}

static int fetch(struct teller *t, struct gift *g)
{
	struct draft *wanted = teller_draft(t);
	int rc = both_has_desk(t);

	if (rc == 0)
		rc = draft_begin(wanted, t->line.target->parties, BASE_ATTACHED, moment_now_ms());
	if (rc == 0)
		rc = both_fetch(t, wanted, &g->came);
	if (rc == 0 && g->came->n_files != 1)
		rc = both_incomplete(t, "no message of the product comes that has an attachment");
	return rc;
}

/* The caller ends it with settle(), whatever comes of it. */
static int begin(struct teller *t, struct gift *g)
{
	int rc;

	*g = (struct gift){.came = NULL};
	wire_response_init(&g->whole);
	rc = fetch(t, g);
	if (rc != 0)
		return rc;
	memcpy(g->path, PATH, sizeof PATH);
	rxp_hex_put(g->path + sizeof PATH - 1, g->came->files[0].ciphertext_digest,
	    RXP_DIGEST_OCTETS, false);
	(void)ask(&t->line, g->path, NULL, &g->whole);
	(void)snprintf(t->out->seen, sizeof t->out->seen, "the status %d", g->whole.status);
	if (g->whole.status != 200)
		return teller_against_of(
		    t, GIVES, "without Range it is not given to the party that has its document");
	return has_digest(g) ? 0 : teller_against_of(t, GIVES, "its octets have another digest");
}

/* The right Receipt, so that nothing is left with the product. */
static void settle(struct teller *t, struct gift *g)
{
	int ignored = 0;

	if (g->came != NULL && g->came->stage == HEARD_OPENED && !g->came->ended)
		(void)desk_answer(t->line.target->desk, &t->line, g->came, NULL, true, &ignored);
	if (g->came != NULL)
		heard_free(g->came);
	wire_response_clear(&g->whole);
}

/* --- with Range ---------------------------------------------------------------------------------- */

/* What stands for the marks; *first: the octet that it begins with. */
static void write_range(char out[RANGE_TEXT], const char *range, size_t whole, size_t *first)
{
	const char *mark = strchr(range, '@');

	*first = 0;
	if (mark == NULL) {
		(void)snprintf(out, RANGE_TEXT, "%s", range);
		*first = strtoul(range + strcspn(range, "0123456789"), NULL, 10);
		return;
	}
	*first = strncmp(mark, "@END@", 5) == 0 ? whole : whole - 1;
	(void)snprintf(out, RANGE_TEXT, "%.*s%zu%s", (int)(mark - range), range, *first,
	    strchr(mark + 1, '@') + 1);
}

/* NULL: it is that part. */
static const char *part_fault(const struct gift *g, const struct wire_response *r, size_t first)
{
	const struct rxp_buf *whole = &g->whole.body;
	char range[RANGE_TEXT];

	(void)snprintf(range, sizeof range, "bytes %zu-%zu/%zu", first, whole->len - 1, whole->len);
	if (strcmp(range, r->range) != 0)
		return "its Content-Range is another";
	if (r->body.len != whole->len - first ||
	    memcmp(r->body.data, whole->data + first, r->body.len) != 0)
		return "its octets are others";
	return NULL;
}

static int judge_range(struct teller *t, const struct given *want, const struct gift *g)
{
	struct wire_response r;
	char range[RANGE_TEXT], why[OUTCOME_WHY];
	const char *fault = NULL;
	size_t first;
	int rc, status;

	write_range(range, want->range, g->whole.body.len, &first);
	wire_response_init(&r);
	status = ask(&t->line, g->path, range, &r);
	rc = teller_status(t, want->status, status);
	if (rc == 0 && status == 206)
		fault = part_fault(g, &r, first);
	if (fault != NULL) {
		(void)snprintf(why, sizeof why, "Range: %s, and %s", range, fault);
		rc = teller_against(t, why);
	}
	wire_response_clear(&r);
	return rc;
}

int tell_given(struct teller *t, const struct given *want)
{
	struct gift g;
	int rc = begin(t, &g);

	if (rc == 0 && want->range != NULL)
		rc = judge_range(t, want, &g);
	settle(t, &g);
	return rc;
}

/* --- to whom ------------------------------------------------------------------------------------- */

static int is_not_given(struct teller *t, const struct gift *g)
{
	struct wire_response r;
	int status;

	wire_response_init(&r);
	status = ask(&t->line, g->path, NULL, &r);
	wire_response_clear(&r);
	return teller_status(t, 404, status);
}

int tell_given_no_more(struct teller *t)
{
	struct gift g;
	int status = 0, rc = begin(t, &g);

	if (rc == 0) {
		rc = desk_answer(t->line.target->desk, &t->line, g.came, NULL, true, &status);
		g.came->ended = true;
	}
	if (rc == 0 && status != 204)
		rc = both_incomplete(t, "its Receipt is not taken");
	if (rc == 0)
		rc = is_not_given(t, &g);
	settle(t, &g);
	return rc;
}

int tell_given_to_other(struct teller *one, struct teller *other)
{
	struct gift g;
	int rc = begin(one, &g);

	if (rc == 0)
		rc = is_not_given(other, &g);
	settle(one, &g);
	return rc;
}
