/* Tales of history that is asked for (section 33). */
#include <string.h>

#include <openssl/evp.h>

#include "conformance/run/hark.h"
#include "conformance/wire/tls.h"

void tale_gives_one_case(struct tale *t)
{
	const struct sender_seed *seed;
	const struct heard *h;
	unsigned n = 0;

	if (ear_counted(t->s->ear)->messages == 0 && hark_any(t, NULL, false) == NULL)
		return;
	if (!hark_rest(t))
		return;
	seed = sender_ask_one(t->s);
	if (seed == NULL) {
		hark_incomplete(t, t->s->refused);
		return;
	}
	do {
		h = hark_copy(t, NULL, false);
		if (h == NULL)
			return;
		if (h->has_copy && memcmp(h->copied, seed->message_id, sizeof h->copied) != 0)
			hark_against(t, "something else came than the document of that case");
		n += h->has_copy;
	} while (t->out->verdict == VERDICT_PASS && !h->last);
	if (t->out->verdict == VERDICT_PASS && n == 0)
		hark_against(t, "the document did not come");
}

/* Is it the next piece, and are its octets those of the Document from there on? */
static bool is_piece(const struct heard *h, unsigned n, const struct rxp_buf *document, size_t at)
{
	uint8_t digest[sizeof h->copied_digest];

	return h->has_copy && h->piece == n && h->pieces == 2 && h->copied_len > 0 &&
	       h->copied_len <= document->len - at &&
	       EVP_Digest(document->data + at, h->copied_len, digest, NULL, EVP_sha256(), NULL) ==
		   1 &&
	       memcmp(digest, h->copied_digest, sizeof digest) == 0;
}

static void take_pieces(
    struct tale *t, const struct sender_seed *of, const struct rxp_buf *document)
{
	const struct heard *h;
	size_t at = 0;

	for (unsigned n = 1; t->out->verdict == VERDICT_PASS; n++) {
		h = hark_copy(t, NULL, false);
		if (h == NULL || h->last)
			break;
		if (memcmp(h->copied, of->message_id, sizeof h->copied) != 0 ||
		    !is_piece(h, n, document, at))
			hark_against(t, "something else came than the next of two pieces");
		at += h->copied_len;
	}
	if (t->out->verdict == VERDICT_PASS && at != document->len)
		hark_against(t, "the pieces are not all of it");
}

void tale_gives_pieces(struct tale *t)
{
	struct sender_seed of;
	struct rxp_buf document;

	if (!hark_rest(t))
		return;
	rxp_buf_init(&document, RXP_MAX_DOCUMENT_OCTETS);
	if (sender_ask_large(t->s, &of, &document))
		take_pieces(t, &of, &document);
	else
		hark_incomplete(t, t->s->refused);
	rxp_buf_free(&document);
}

/* What else a case before left on its way has its end first: a product may send one message after the other. */
static bool is_copy_waiting(struct ear *e)
{
	const struct heard *h;

	while ((h = ear_waiting(e)) != NULL && !h->copies) {
		ear_arm_for(e, h->header.type, NULL, 0, false);
		ear_hold(e);
	}
	return h != NULL;
}

/* A copy that has no answer yet keeps the first request open. false: the outcome says why none came. */
static bool has_copy_come(const struct tale *t)
{
	char why[OUTCOME_WHY] = "the product gives no history";
	int64_t deadline_ms = tls_now_ms() + t->s->target->wait_ms;

	ear_hold(t->s->ear);
	if (sender_prompt(t->s, t->out->facts->id, NULL, why))
		while (!is_copy_waiting(t->s->ear) && tls_now_ms() < deadline_ms)
			ear_turn(t->s->ear, deadline_ms);
	if (is_copy_waiting(t->s->ear))
		return true;
	hark_incomplete(t, why);
	return false;
}

/* Copies that have no answer yet. */
static unsigned open_copies(struct ear *e)
{
	unsigned n = 0;

	for (const struct heard *h = ear_first(e); h != NULL; h = h->next)
		n += h->copies && !h->ended;
	return n;
}

void tale_gives_one_at_a_time(struct tale *t)
{
	if (!hark_rest(t) || !has_copy_come(t))
		return;
	ear_rest(t->s->ear, HARK_SOON_MS);
	if (open_copies(t->s->ear) > 1)
		hark_against(t, "another copy came");
	ear_take_all(t->s->ear);
	ear_rest(t->s->ear, HARK_SOON_MS);
}

void tale_gives_once(struct tale *t)
{
	if (!hark_rest(t) || !has_copy_come(t))
		return;
	if (sender_ask_again(t->s))
		hark_against(t, "it did not say `busy`");
	ear_take_all(t->s->ear);
	ear_rest(t->s->ear, HARK_SOON_MS);
}
