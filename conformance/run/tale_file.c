/* Tales of a document and its file (section 14): the trigger gives the product a photograph of a given length. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "conformance/hear/retorts.h"
#include "conformance/message/attached.h"
#include "conformance/run/hark.h"
#include "conformance/wire/tls.h"
#include "protocol/base/buf.h"

#define SMALL 5000
#define LARGE (RXP_SEGMENT_OCTETS + 5000) /* of two segments */

/* A document that came with its file. */
struct arrival {
	const struct heard *heard;
	const struct rxp_attachment *row;
	const struct rxp_buf *ciphertext; /* NULL: nothing whole has the name that the row gives */
	int64_t since_ms; /* it is whole */
};

/* One with a file of so many octets. false: the outcome says why none came. */
static bool take_attached(const struct tale *t, size_t octets, struct arrival *out)
{
	struct sender_wish wish = {BASE_ATTACHED, NULL, false, octets, 0};

	*out =
	    (struct arrival){.heard = hark_take(t, &wish, "ReadmissionApplication", NULL, false)};
	if (out->heard == NULL)
		return false;
	if (out->heard->n_files != 1) {
		hark_incomplete(t, "an application without its photograph came");
		return false;
	}
	out->row = &out->heard->files[0];
	out->ciphertext =
	    uploads_whole(ear_uploads(t->s->ear), out->row->ciphertext_digest, &out->since_ms);
	return true;
}

/* The same, and the file is there. */
static bool take_whole(const struct tale *t, size_t octets, struct arrival *out)
{
	if (!take_attached(t, octets, out))
		return false;
	if (out->ciphertext == NULL)
		hark_against(t, "no octets of its CiphertextDigest were uploaded");
	return out->ciphertext != NULL;
}

/* --- when it comes ------------------------------------------------------------------------------- */

void tale_uploads_first(struct tale *t)
{
	struct arrival a;

	if (take_whole(t, SMALL, &a) && a.since_ms > a.heard->try_ms[0])
		hark_against(t, "the document came before it");
}

/* Until a PUT was refused, and some time that it would take the document to come. false: none was. */
static bool refuse_upload(const struct tale *t)
{
	int64_t deadline_ms = tls_now_ms() + t->s->target->wait_ms;
	const struct uploads *u = ear_uploads(t->s->ear);
	unsigned before = uploads_tried(u);

	while (uploads_tried(u) == before && ear_taken(t->s->ear) == NULL &&
	       !sender_misfired(t->s) && tls_now_ms() < deadline_ms) {
		ear_turn(t->s->ear, sender_next_look(t->s, deadline_ms));
		deadline_ms = sender_until(t->s, deadline_ms);
	}
	if (uploads_tried(u) == before)
		return false;
	deadline_ms = tls_now_ms() + HARK_SOON_MS;
	while (ear_taken(t->s->ear) == NULL && tls_now_ms() < deadline_ms)
		ear_turn(t->s->ear, deadline_ms);
	return true;
}

void tale_waits_for_upload(struct tale *t)
{
	struct sender_wish wish = {BASE_ATTACHED, NULL, false, SMALL, 0};
	char why[OUTCOME_WHY];

	uploads_refuse(ear_uploads(t->s->ear), true);
	ear_arm_for(t->s->ear, "ReadmissionApplication", NULL, 0, false);
	if (!sender_prompt(t->s, t->out->facts->id, &wish, why))
		hark_incomplete(t, why);
	else if (!refuse_upload(t) && ear_taken(t->s->ear) == NULL)
		hark_incomplete(t, "no attachment was uploaded; --wait gives it more time");
	else if (ear_taken(t->s->ear) != NULL)
		hark_against(t, "the document came, although its attachment was answered 503");
	uploads_refuse(ear_uploads(t->s->ear), false);
	if (t->out->verdict == VERDICT_PASS && !hark_await(t, hark_is_ended))
		hark_incomplete(t, "the document did not come then; --wait gives it more time");
	ear_hold(t->s->ear);
}

/* A sender pauses longer each time, by two at most in what is told here. */
#define PARKED_TIMES 4 /* as long as its longest pause, and that: */
#define PARKED_MS 2000
#define LEAST_TRIES 3 /* of any message (RXP-HTTP-005) */
#define LASTS_MS 40000 /* at least; and so many times what a step may take: */
#define LASTS_TIMES 4

static const struct retort lacks_file = {
    RETORT_FIELDS, {{NULL, NULL, NULL}}, retort_attachment, NULL};

/* Until it comes no more, as its pauses say. false: it comes still. */
static bool comes_no_more(const struct tale *t, const struct heard *h)
{
	int64_t until_ms = tls_now_ms() + LASTS_MS + (int64_t)LASTS_TIMES * t->s->target->wait_ms;
	int64_t last_ms = h->last_ms, longest_ms = 0, quiet_ms = last_ms + PARKED_MS;

	while ((h->tries < LEAST_TRIES || tls_now_ms() < quiet_ms) && tls_now_ms() < until_ms) {
		ear_turn(t->s->ear, h->tries < LEAST_TRIES ? until_ms : quiet_ms);
		if (h->last_ms - last_ms > longest_ms)
			longest_ms = h->last_ms - last_ms;
		last_ms = h->last_ms;
		quiet_ms = last_ms + PARKED_TIMES * longest_ms + PARKED_MS;
	}
	return h->tries >= LEAST_TRIES && tls_now_ms() >= quiet_ms;
}

void tale_parks_with_file(struct tale *t)
{
	struct sender_wish wish = {BASE_ATTACHED, NULL, false, SMALL, 0};
	const struct heard *h = hark_doubted(t, &wish, "ReadmissionApplication", &lacks_file);
	int64_t deadline_ms;

	if (h == NULL)
		return;
	if (!comes_no_more(t, h))
		hark_incomplete(t, "it comes still; --wait gives it more time to be parked");
	else if (hark_take(t, &hark_ping, "Ping", NULL, false) == NULL)
		return; /* nobody knows whether the product goes on */
	/* Nothing of it is left for the next case, if it is not parked. */
	ear_take_all(t->s->ear);
	deadline_ms = tls_now_ms() + (t->out->verdict == VERDICT_PASS ? 0 : t->s->target->wait_ms);
	while (!h->ended && tls_now_ms() < deadline_ms)
		ear_turn(t->s->ear, deadline_ms);
	ear_hold(t->s->ear);
}

/* --- how it is closed ---------------------------------------------------------------------------- */

/* Has another attachment of this run the same key? */
static bool is_key_of_other(const struct tale *t, const struct rxp_attachment *row)
{
	for (const struct heard *h = ear_first(t->s->ear); h != NULL; h = h->next)
		for (size_t i = 0; i < h->n_files; i++)
			if (&h->files[i] != row &&
			    memcmp(h->files[i].key, row->key, sizeof row->key) == 0)
				return true;
	return false;
}

void tale_keys_of_files_differ(struct tale *t)
{
	struct arrival first, second;

	if (take_attached(t, SMALL, &first) && take_attached(t, SMALL, &second) &&
	    (is_key_of_other(t, first.row) || is_key_of_other(t, second.row)))
		hark_against(t, "two have the same");
}

void tale_keys_of_two_differ(struct tale *t)
{
	struct sender_wish wish = {BASE_ATTACHED, NULL, false, SMALL, SMALL + 1};
	const struct heard *h = hark_take(t, &wish, "ReadmissionApplication", NULL, false);

	if (h == NULL)
		return;
	if (h->n_files != 2)
		hark_incomplete(t, "an application without its photograph and its scan came");
	else if (is_key_of_other(t, &h->files[0]) || is_key_of_other(t, &h->files[1]))
		hark_against(t, "two have the same");
}

/* Has it the length that tries the case? Who was told may have taken another file. */
static bool is_of_length(const struct tale *t, const struct arrival *a, size_t octets)
{
	char why[OUTCOME_WHY];

	if (a->row->length == octets)
		return true;
	(void)snprintf(why, sizeof why,
	    "a photograph of %" PRIu64 " octets came, not the one of %zu that it takes",
	    a->row->length, octets);
	hark_incomplete(t, why);
	return false;
}

static void judge_cut(struct tale *t, size_t octets)
{
	struct arrival a;
	char why[OUTCOME_WHY];

	if (!take_whole(t, octets, &a) || !is_of_length(t, &a, octets) ||
	    a.ciphertext->len == rxp_attachment_ciphertext_length(a.row->length))
		return;
	(void)snprintf(why, sizeof why,
	    "the ciphertext of %" PRIu64 " octets has %zu, and not %" PRIu64, a.row->length,
	    a.ciphertext->len, rxp_attachment_ciphertext_length(a.row->length));
	hark_against(t, why);
}

void tale_cuts_large_file(struct tale *t)
{
	judge_cut(t, LARGE);
}

void tale_cuts_full_segment(struct tale *t)
{
	judge_cut(t, RXP_SEGMENT_OCTETS);
}

/* The caller frees out. false: the outcome says why it is not there. */
static bool open_file(struct tale *t, size_t octets, struct arrival *a, struct rxp_buf *out)
{
	rxp_buf_init(out, 2UL * LARGE);
	if (!take_whole(t, octets, a))
		return false;
	if (attached_open(out, a->ciphertext, a->row->key) == 0)
		return true;
	hark_against(t, "a segment does not open");
	return false;
}

static void judge_closed(struct tale *t, size_t octets)
{
	struct rxp_buf file;
	struct arrival a;

	if (open_file(t, octets, &a, &file))
		(void)is_of_length(t, &a, octets);
	rxp_buf_free(&file);
}

void tale_closes_file(struct tale *t)
{
	judge_closed(t, SMALL);
}

void tale_closes_segments(struct tale *t)
{
	judge_closed(t, LARGE);
}

/* --- what is said of it -------------------------------------------------------------------------- */

void tale_measures_file(struct tale *t)
{
	uint8_t digest[RXP_DIGEST_OCTETS];
	struct rxp_buf file;
	struct arrival a;

	if (open_file(t, SMALL, &a, &file)) {
		if (a.row->length != file.len)
			hark_against(t, "Length is another");
		else if (EVP_Digest(file.data, file.len, digest, NULL, EVP_sha256(), NULL) != 1 ||
			 memcmp(digest, a.row->file_digest, sizeof digest) != 0)
			hark_against(t, "FileDigest is another");
	}
	rxp_buf_free(&file);
}

void tale_names_ciphertext(struct tale *t)
{
	struct arrival a;

	(void)take_whole(t, SMALL, &a);
}
