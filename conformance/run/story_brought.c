/* Stories of a State that fetches, lost what it answered last, and gets that back (sections 42 and 44). */
#include <poll.h>
#include <string.h>

#include <openssl/evp.h>

#include "conformance/run/both.h"
#include "conformance/run/desk.h"
#include "conformance/run/seen.h"
#include "conformance/run/story_tell.h"
#include "conformance/state/moment.h"
#include "conformance/state/state.h"
#include "conformance/wire/tls.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"

#define LOOK_MS 20
#define QUERY_TEXT 128
#define MAX_POSTED 64
#define N_LOST 2

/* Of which each has cases of its own. */
#define BRINGS "RXP-NOT-006"
#define GIVES "RXP-PUL-013"
#define HOLDS "RXP-RCV-009"

/* The State, and what it lost: its answers to an application and to a withdrawal. */
struct loser {
	struct teller *one, *t; /* t: it speaks; one: tells */
	uint8_t messages[N_LOST][RXP_ID_OCTETS];
	size_t before; /* answers that were lost before, and never came back */
	struct heard *came; /* what it fetched last; NULL: nothing */
	bool more; /* the product has another message for it */
	bool early; /* that came while an answer was still lost */
	size_t n_posted;
	uint8_t posted[MAX_POSTED][RXP_DIGEST_OCTETS]; /* the answers that it posted back */
	uint8_t left[RXP_DIGEST_OCTETS]; /* the one that it did not take; all 0: it took all */
};

static struct desk *desk_of(const struct loser *l)
{
	return l->t->line.target->desk;
}

/* --- what it lost ---------------------------------------------------------------------------- */

static int opens_no_port(struct loser *l)
{
	if (l->t->line.target->parties->own->endpoint[0] == '\0')
		return both_has_desk(l->t);
	outcome_rule(l->one->out, VERDICT_INCOMPLETE,
	    "it needs a second State that opens no port: init without --endpoint");
	l->one->out->alone = true;
	return 1;
}

static int receipt(struct loser *l, struct history *h, enum rxp_case_event event, size_t i)
{
	const struct ledger *ledger = desk_ledger(desk_of(l));
	struct draft *wanted = teller_draft(l->one);
	int rc = saying_begin(
	    wanted, l->t->line.target->parties, event, RXP_CASE_REQUESTING, moment_now_ms());

	if (rc == 0)
		rc = both_product_says(l->t, h, wanted);
	if (rc == 0)
		memcpy(l->messages[i], ledger->entries[ledger->n - 1].entry.message_id,
		    sizeof l->messages[i]);
	return rc;
}

/* One more, which nobody fetches yet. */
static int leave_one(struct loser *l)
{
	struct history h = {.n = 0};
	struct draft *wanted = teller_draft(l->one);
	char why[OUTCOME_WHY] = "";
	int rc = saying_begin(wanted, l->t->line.target->parties, RXP_CASE_EVENT_APPLY,
	    RXP_CASE_REQUESTING, moment_now_ms());

	l->more = true;
	if (rc == 0)
		rc = desk_ask(desk_of(l), l->t->out->facts->id, wanted, &h, why);
	return rc > 0 ? both_incomplete(l->t, why) : rc;
}

static int say(struct loser *l, const struct restored *r)
{
	struct told *got = teller_told(l->one);
	char why[OUTCOME_WORDS];
	int rc = both_own_lost(l->t, teller_draft(l->one), r, got);

	if (rc != 0 || got->seen.what.kind == EXPECT_RECEIPT)
		return rc;
	seen_notice_words(why, &got->seen.what);
	return both_incomplete(l->t, why);
}

/* Both are receipted, and lost. more: a message waits for it besides. */
static int lose(struct loser *l, bool more)
{
	struct history h = {.n = 0};
	struct restored r;
	const struct ledger *ledger;
	int rc = opens_no_port(l);

	if (rc != 0)
		return rc;
	ledger = desk_ledger(desk_of(l));
	r.n = ledger_count(ledger);
	memcpy(r.log_id, ledger->log_id, sizeof r.log_id);
	rc = ledger_head(ledger, r.n, r.head);
	if (rc == 0)
		rc = receipt(l, &h, RXP_CASE_EVENT_APPLY, 0);
	if (rc == 0)
		rc = receipt(l, &h, RXP_CASE_EVENT_WITHDRAW, 1);
	if (rc == 0 && more)
		rc = leave_one(l);
	l->before = ledger->n_lost;
	if (rc == 0)
		rc = desk_lose(desk_of(l), r.n);
	return rc == 0 ? say(l, &r) : rc;
}

/* --- fetching -------------------------------------------------------------------------------- */

static void forget(struct loser *l)
{
	if (l->came != NULL)
		heard_free(l->came);
	l->came = NULL;
}

static bool is_lost_answer(const struct loser *l)
{
	return ledger_lost(
		   desk_ledger(desk_of(l)), l->came->envelope.data, l->came->envelope.len) != NULL;
}

static bool is_message(const struct loser *l)
{
	return l->came->stage == HEARD_OPENED;
}

/* N_LOST: it is another one. */
static size_t lost_message(const struct loser *l)
{
	size_t i = 0;

	while (
	    i < N_LOST && memcmp(l->came->message_id, l->messages[i], sizeof l->messages[i]) != 0)
		i++;
	return i;
}

/* How long something may take: what was given before may rest. */
static int patience_ms(const struct loser *l)
{
	int wait_ms = l->t->line.target->wait_ms;

	return wait_ms > BOTH_REST_MS ? wait_ms : BOTH_REST_MS;
}

/* Ask with this query until something comes, in bounded time; with 0 once. What came is shown. */
static int fetch(struct loser *l, const char *query, int within_ms)
{
	int64_t deadline_ms = tls_now_ms() + within_ms;
	int status = 0, rc;

	forget(l);
	while ((rc = desk_fetch(desk_of(l), &l->t->line, query, &status, &l->came)) == 0 &&
	       l->came == NULL && tls_now_ms() < deadline_ms)
		(void)poll(NULL, 0, LOOK_MS);
	if (rc == 0 && l->came != NULL) {
		rxp_buf_reset(&l->one->out->received);
		rc = rxp_buf_put(
		    &l->one->out->received, l->came->envelope.data, l->came->envelope.len);
	}
	return rc;
}

static int digest_of(const struct loser *l, uint8_t out[RXP_DIGEST_OCTETS])
{
	const struct rxp_buf *octets = &l->came->envelope;

	return EVP_Digest(octets->data, octets->len, out, NULL, EVP_sha256(), NULL) == 1
		   ? 0
		   : RXP_ERR_CRYPTO;
}

/* To post back an answer says that this State has it: it does not come once more. */
static int note_posted(struct loser *l)
{
	uint8_t digest[RXP_DIGEST_OCTETS];
	int rc = digest_of(l, digest);

	if (rc != 0)
		return rc;
	for (size_t i = 0; i < l->n_posted; i++)
		if (memcmp(l->posted[i], digest, sizeof digest) == 0)
			return teller_against_of(
			    l->t, GIVES, "an answer that was posted back is given again");
	if (l->n_posted == MAX_POSTED)
		return both_incomplete(l->t, "it gives ever more answers of this State");
	memcpy(l->posted[l->n_posted++], digest, sizeof digest);
	return 0;
}

/* The answer that came is the State's own again, and it says so. */
static int post_back(struct loser *l)
{
	const struct wire_request post = {.method = "POST",
	    .path = "/rxp/1/answers",
	    .content_type = "application/rxp+xml",
	    .body = l->came->envelope.data,
	    .body_len = l->came->envelope.len};
	enum ledger_back back = LEDGER_NONE;
	int status = 0, rc = note_posted(l);

	if (rc == 0)
		rc = desk_bring(desk_of(l), &l->came->envelope, &back);
	if (rc == 0 && back == LEDGER_NONE)
		return teller_against_of(l->t, GIVES, "what is given is no answer of this State");
	if (rc == 0)
		rc = teller_ask(l->t, &post, &status);
	if (rc == 0 && status != 204)
		rc = teller_against_of(
		    l->t, GIVES, "it does not thank for an answer that is posted back");
	return rc;
}

/* --- what was lost --------------------------------------------------------------------------- */

/* A message came while an answer is lost. One that is sent again came too early; another one is receipted: what comes then shows whether
 * the answer is given at all. */
static int take_early(struct loser *l)
{
	int ignored = 0;

	if (strcmp(l->t->out->facts->requirement, HOLDS) == 0)
		return teller_against(l->t, "a message is given before the answers that were lost");
	if (lost_message(l) < N_LOST)
		return teller_against_of(
		    l->t, BRINGS, "a message is sent again, and not its answer brought before");
	l->early = true;
	return desk_answer(desk_of(l), &l->t->line, l->came, NULL, true, &ignored);
}

/* It may be slow. */
static int gives_none(const struct loser *l, const char *what)
{
	outcome_rule(l->t->out, VERDICT_INCOMPLETE, "%s within %d seconds; --wait gives it more",
	    what, patience_ms(l) / 1000);
	return 1;
}

/* Nothing comes. It may be slow; but if it gives a message now, it has nothing to bring before. */
static int give_time(struct loser *l)
{
	if (l->early)
		return teller_against(
		    l->t, "messages are given, and an answer that was lost is not");
	if (!l->more)
		return leave_one(l);
	return gives_none(l, "neither an answer that was lost nor a message is given");
}

static int take_lost(struct loser *l)
{
	uint8_t digest[RXP_DIGEST_OCTETS];
	int rc = digest_of(l, digest);

	if (rc == 0 && memcmp(digest, l->left, sizeof digest) == 0)
		rc = teller_against_of(l->t, GIVES, "what is not taken is given again at once");
	if (rc == 0 && l->early)
		rc = teller_against_of(
		    l->t, HOLDS, "a message is given before the answers that were lost");
	return rc;
}

/* The next lost answer, shown. What may have been lost comes, too, and is posted back at once. */
static int fetch_lost(struct loser *l, const char *query)
{
	int rc = 0;

	while (rc == 0) {
		rc = fetch(l, query, patience_ms(l));
		query = "";
		if (rc == 0 && l->came == NULL)
			rc = give_time(l);
		else if (rc == 0 && is_message(l))
			rc = take_early(l);
		else if (rc == 0 && is_lost_answer(l))
			return take_lost(l);
		else if (rc == 0)
			rc = post_back(l);
	}
	return rc;
}

static int fetch_all_lost(struct loser *l)
{
	int rc = 0;

	while (rc == 0 && desk_ledger(desk_of(l))->n_lost > l->before) {
		rc = fetch_lost(l, "");
		if (rc == 0)
			rc = post_back(l);
	}
	return rc;
}

/* Until something comes that is a message; *came: it did. Answers may still be brought before. */
static int fetch_message(struct loser *l, bool *came)
{
	int rc = 0;

	*came = false;
	while (rc == 0 && !*came) {
		rc = fetch(l, "", patience_ms(l));
		if (rc != 0 || l->came == NULL)
			break;
		*came = is_message(l);
		if (!*came)
			rc = post_back(l);
	}
	return rc;
}

/* The messages whose answers were lost, in any order, each of which gets its first answer again; whatever else is there is receipted.
 * *n: how many came. */
static int fetch_again(struct loser *l, size_t *n)
{
	bool seen[N_LOST + 1] = {false}, came = true;
	int status = 0, rc = 0;

	*n = 0;
	while (rc == 0 && *n < N_LOST && came) {
		rc = fetch_message(l, &came);
		if (rc == 0 && came) {
			size_t i = lost_message(l);

			rc = desk_answer(desk_of(l), &l->t->line, l->came, NULL, true, &status);
			*n += i < N_LOST && !seen[i];
			seen[i] = true;
		}
	}
	return rc;
}

/* --- the stories ------------------------------------------------------------------------------ */

/* What is sent again is taken, so that the next story meets none of it. */
static int end(struct loser *l, int rc)
{
	size_t ignored;

	if (rc == 0)
		rc = fetch_again(l, &ignored);
	forget(l);
	return rc;
}

int tell_brought(struct teller *one, struct teller *other)
{
	struct loser l = {.one = one, .t = other};
	size_t n = 0;
	int rc = lose(&l, false);

	if (rc == 0)
		rc = fetch_all_lost(&l);
	if (rc == 0)
		rc = fetch_again(&l, &n);
	if (rc == 0 && n < N_LOST)
		rc = gives_none(&l, "a message whose answer was lost is not sent again");
	forget(&l);
	return rc;
}

int tell_brought_answers(struct teller *one, struct teller *other)
{
	struct loser l = {.one = one, .t = other};
	int rc = lose(&l, false);

	if (rc == 0)
		rc = fetch_all_lost(&l);
	return end(&l, rc);
}

/* Whether the one that is left comes once more behind the last is another requirement (RXP-RCV-019): until then it is left out. */
int tell_brought_left(struct teller *one, struct teller *other)
{
	struct loser l = {.one = one, .t = other};
	char query[QUERY_TEXT] = "?left=", *digits = query + strlen(query);
	struct rxp_buf left;
	enum ledger_back ignored;
	int rc = lose(&l, false);

	rxp_buf_init(&left, RXP_MAX_ANSWER_OCTETS);
	if (rc == 0)
		rc = fetch_lost(&l, "");
	if (rc == 0)
		rc = digest_of(&l, l.left);
	if (rc == 0)
		rc = rxp_buf_put(&left, l.came->envelope.data, l.came->envelope.len);
	if (rc == 0) {
		rxp_hex_put(digits, l.left, sizeof l.left, false);
		rc = fetch_lost(&l, query);
	}
	if (rc == 0)
		rc = post_back(&l);
	if (rc == 0)
		rc = end(&l, rc);
	/* What never came again this State has all the same: it did not lose it for the stories that follow. */
	if (rc == 0)
		rc = desk_bring(desk_of(&l), &left, &ignored);
	forget(&l);
	rxp_buf_free(&left);
	return rc;
}

/* Until that answer comes again, also behind others. */
static int fetch_unsaid(struct loser *l, const uint8_t unsaid[RXP_DIGEST_OCTETS])
{
	uint8_t digest[RXP_DIGEST_OCTETS];
	int rc = 0;

	while (rc == 0) {
		rc = fetch(l, "", patience_ms(l));
		if (rc == 0 && l->came == NULL)
			return gives_none(
			    l, "an answer that was neither posted nor left is not given again");
		if (rc == 0 && is_message(l))
			return teller_against(l->t,
			    "messages are given, and not again an answer that was neither posted nor left");
		if (rc == 0)
			rc = digest_of(l, digest);
		if (rc == 0 && memcmp(digest, unsaid, sizeof digest) == 0)
			return post_back(l);
		if (rc == 0)
			rc = post_back(l);
	}
	return rc;
}

int tell_brought_unsaid(struct teller *one, struct teller *other)
{
	struct loser l = {.one = one, .t = other};
	uint8_t unsaid[RXP_DIGEST_OCTETS];
	int rc = lose(&l, false);

	if (rc == 0)
		rc = fetch_lost(&l, "");
	if (rc == 0)
		rc = digest_of(&l, unsaid);
	if (rc == 0)
		rc = fetch_unsaid(&l, unsaid);
	if (rc == 0)
		rc = fetch_all_lost(&l);
	return end(&l, rc);
}

/* Asked twice before the last answer is posted back, and then until a message is there. */
int tell_brought_first(struct teller *one, struct teller *other)
{
	struct loser l = {.one = one, .t = other};
	struct heard *given;
	bool came = false;
	int ignored = 0, rc = lose(&l, true);

	if (rc == 0)
		rc = fetch_lost(&l, "");
	if (rc == 0)
		rc = post_back(&l);
	if (rc == 0)
		rc = fetch_lost(&l, "");
	if (rc == 0) {
		given = l.came;
		l.came = NULL;
		rc = fetch(&l, "", 0);
		if (rc == 0 && l.came != NULL && is_message(&l))
			rc = teller_against(
			    other, "a message is given before the last answer is posted back");
		forget(&l);
		l.came = given;
	}
	if (rc == 0)
		rc = post_back(&l);
	if (rc == 0)
		rc = fetch_message(&l, &came);
	if (rc == 0 && !came)
		rc = gives_none(&l, "behind the last answer no message is given");
	else if (rc == 0)
		rc = desk_answer(desk_of(&l), &other->line, l.came, NULL, true, &ignored);
	return end(&l, rc);
}
