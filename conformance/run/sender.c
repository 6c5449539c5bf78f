#include "conformance/run/sender.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "conformance/run/line.h"
#include "conformance/run/seen.h"
#include "conformance/run/trigger.h"
#include "conformance/state/chance.h"
#include "conformance/state/files.h"
#include "conformance/state/moment.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "conformance/wire/tls.h"
#include "protocol/base/err.h"
#include "protocol/message/answer.h"
#include "protocol/xml/write.h"

#define TURN_MS 50
#define QUIET_MS 300
#define BUSY_MS 500 /* before a product that is busy is asked again */
#define CLOCK_AHEAD_MS 60000 /* of a product, as far as preflight lets it be */
#define WISH_FILE "wish.xml"
#define WISH_PICTURE "wish.jpg"
#define WISH_SCAN "wish-scan.jpg"
#define NO_STATUS 255 /* of one that a signal ended */

/* --- the reaction ---------------------------------------------------------------------------- */

static int compare_seeds(const void *a, const void *b)
{
	const struct sender_seed *one = a, *other = b;

	return memcmp(one->case_id, other->case_id, sizeof one->case_id);
}

static void seed_of(struct sender_seed *seed, const struct draft *d)
{
	memcpy(seed->case_id, d->header.case_id, sizeof seed->case_id);
	memcpy(seed->message_id, d->outer.message_id, sizeof seed->message_id);
	memcpy(seed->envelope, d->digest, sizeof seed->envelope);
	if (EVP_Digest(
		d->document.data, d->document.len, seed->document, NULL, EVP_sha256(), NULL) != 1)
		memset(seed->document, 0, sizeof seed->document);
}

/* Applications that the product has to give back. One that is not receipted is no seed, and ends the sowing. */
static void sow(struct sender *s, struct line *line)
{
	while (s->n_seeds < SENDER_SEEDS) {
		struct seen seen = {.what = {EXPECT_NO_HTTP, 0}};
		struct draft d;
		int rc = draft_begin(&d, s->target->parties, BASE_OPENS, moment_now_ms());

		if (rc == 0) {
			rc = line_send_valid(line, &d, &seen, NULL);
			if (rc == 0 && seen.what.kind == EXPECT_RECEIPT)
				seed_of(&s->seeds[s->n_seeds++], &d);
			draft_clear(&d);
		}
		if (rc != 0 || seen.what.kind != EXPECT_RECEIPT)
			break;
	}
	qsort(s->seeds, s->n_seeds, sizeof s->seeds[0], compare_seeds);
	s->seeded = true;
}

/* The cases are asked for, the last one first, so that their order is the giver's (RXP-HIS-008); without one, all that there is. */
static int name_cases(struct draft *d, const struct sender_seed *cases, size_t n)
{
	if (n == 0)
		return 0;
	rxp_buf_reset(&d->content);
	(void)rxp_buf_puts(&d->content, "<HistoryRequest xmlns=\"urn:rxp:1:body\">");
	for (size_t i = n; i-- > 0;)
		rxp_write_id(&d->content, "CaseId", cases[i].case_id);
	return rxp_buf_puts(&d->content, "</HistoryRequest>");
}

/* The request of some cases, which comes again in the same octets. */
static int make_request(
    struct draft *d, const struct sender *s, const struct sender_seed *cases, size_t n)
{
	int rc = draft_begin(d, s->target->parties, BASE_HISTORY, moment_now_ms());

	if (rc == 0)
		rc = name_cases(d, cases, n);
	return rc == 0 ? draft_make(d, NULL) : rc;
}

static void send_request(struct line *line, const struct draft *d, struct seen *seen)
{
	struct wire_response response;

	*seen = (struct seen){.what = {EXPECT_NO_HTTP, 0}};
	wire_response_init(&response);
	line_send(line, d, seen, &response);
	wire_response_clear(&response);
}

static bool is_busy(const struct seen *seen)
{
	return seen->what.kind == EXPECT_REFUSAL && seen->what.value == RXP_REFUSAL_BUSY;
}

/* `busy` until a time that nobody here waits for, as who has asked enough for a day is told (RXP-HIS-010), has the product send
 * nothing, whatever else comes. */
static bool rests_for_long(const struct sender *s, const struct seen *seen)
{
	return is_busy(seen) &&
	       seen->retry_ms > moment_now_ms() + s->target->wait_ms + CLOCK_AHEAD_MS;
}

/* Tries of messages, and the connections of a product that opens none for another reason. */
static unsigned came(const struct sender *s)
{
	unsigned n = target_pulls(s->target) ? 0 : ear_counted(s->ear)->lines;

	for (const struct heard *h = ear_first(s->ear); h != NULL; h = h->next)
		n += h->tries;
	return n;
}

/* Does what was asked for before come still, or wait to be answered? */
static bool is_coming(const struct sender *s, unsigned before)
{
	return came(s) > before || ear_waiting(s->ear) != NULL;
}

/* Ask, and again while the product is busy, for so long at most: it may not know yet that it gave what was asked for before
 * (RXP-HIS-010). What still comes for that ends it. */
static int ask(
    struct sender *s, struct seen *seen, const struct sender_seed *cases, size_t n, int patience_ms)
{
	struct line line = {.target = s->target, .busy_is_said = true};
	int64_t until_ms = tls_now_ms() + patience_ms;
	unsigned before = came(s);
	struct draft d;
	int rc = make_request(&d, s, cases, n);

	if (rc == 0)
		send_request(&line, &d, seen);
	while (rc == 0 && is_busy(seen) && !rests_for_long(s, seen) && !is_coming(s, before) &&
	       tls_now_ms() < until_ms) {
		int64_t next_ms = tls_now_ms() + BUSY_MS;

		while (!is_coming(s, before) && tls_now_ms() < next_ms)
			ear_turn(s->ear, next_ms);
		if (!is_coming(s, before))
			send_request(&line, &d, seen);
	}
	line_hang_up(&line);
	draft_clear(&d);
	return rc;
}

static void sow_once(struct sender *s)
{
	struct line line = {.target = s->target};

	if (!s->seeded)
		sow(s, &line);
	line_hang_up(&line);
}

static bool react(struct sender *s)
{
	struct seen seen = {.what = {EXPECT_NO_HTTP, 0}};
	unsigned before;
	int rc;

	if (s->refuses)
		return false;
	s->before = ear_counted(s->ear)->messages;
	sow_once(s);
	before = came(s);
	rc = ask(s, &seen, s->seeds, s->n_seeds, s->target->wait_ms);
	s->asked =
	    rc == 0 && (seen.what.kind == EXPECT_RECEIPT ||
			   (is_busy(&seen) && !rests_for_long(s, &seen) && is_coming(s, before)));
	s->refuses = !s->asked;
	if (rc != 0)
		(void)snprintf(s->refused, sizeof s->refused, "the suite: %s", rxp_err_text(rc));
	else if (!s->asked)
		seen_words(s->refused, &seen.what);
	return s->asked;
}

/* Beside what was given before. */
static struct seen ask_anew(struct sender *s, const struct sender_seed *of, int patience_ms)
{
	struct seen seen = {.what = {EXPECT_NO_HTTP, 0}};

	(void)ask(s, &seen, of, 1, patience_ms);
	seen_words(s->refused, &seen.what);
	return seen;
}

static bool ask_for(struct sender *s, const struct sender_seed *of)
{
	s->before = ear_counted(s->ear)->messages;
	s->asked = ask_anew(s, of, s->target->wait_ms).what.kind == EXPECT_RECEIPT;
	return s->asked;
}

bool sender_ask_unknown(struct sender *s)
{
	struct sender_seed unknown = {0};

	return rxp_id_make_v4(unknown.case_id, chance()) == 0 && ask_for(s, &unknown);
}

const struct sender_seed *sender_ask_one(struct sender *s)
{
	sow_once(s);
	return s->n_seeds > 0 && ask_for(s, &s->seeds[0]) ? &s->seeds[0] : NULL;
}

/* Blanks between two elements, which no receiver judges (RXP-DOC-016). */
static int make_large(struct draft *d)
{
	static const char behind[] = "<Head>";
	const uint8_t *at = memmem(d->content.data, d->content.len, behind, sizeof behind - 1);
	struct rxp_buf whole;
	size_t before;
	int rc = 0;

	if (at == NULL)
		return RXP_ERR_NOT_FOUND;
	before = (size_t)(at - d->content.data) + sizeof behind - 1;
	rxp_buf_init(&whole, d->content.max);
	(void)rxp_buf_put(&whole, d->content.data, before);
	for (size_t i = 0; i < RXP_MAX_COPY_OCTETS && rc == 0; i++)
		rc = rxp_buf_putc(&whole, ' ');
	if (rc == 0)
		rc = rxp_buf_put(&whole, d->content.data + before, d->content.len - before);
	rxp_buf_reset(&d->content);
	if (rc == 0)
		rc = rxp_buf_put(&d->content, whole.data, whole.len);
	rxp_buf_free(&whole);
	return rc;
}

bool sender_ask_large(struct sender *s, struct sender_seed *of, struct rxp_buf *document)
{
	struct seen seen = {.what = {EXPECT_NO_HTTP, 0}};
	struct line line = {.target = s->target};
	struct draft d;
	int rc = draft_begin(&d, s->target->parties, BASE_OPENS, moment_now_ms());

	if (rc == 0)
		rc = make_large(&d);
	if (rc == 0)
		rc = line_send_valid(&line, &d, &seen, NULL);
	if (rc == 0)
		rc = rxp_buf_put(document, d.document.data, d.document.len);
	seen_words(s->refused, &seen.what);
	if (rc == 0)
		seed_of(of, &d);
	draft_clear(&d);
	line_hang_up(&line);
	return rc == 0 && seen.what.kind == EXPECT_RECEIPT && ask_for(s, of);
}

bool sender_ask_again(struct sender *s)
{
	struct seen seen = ask_anew(s, &s->seeds[0], 0);

	return !is_busy(&seen);
}

/* Did the last copy, or a Refusal of one, end what was asked for? */
static bool is_given(const struct sender *s)
{
	unsigned n = 0;

	for (const struct heard *h = ear_first(s->ear); h != NULL; h = h->next)
		if (n++ >= s->before && h->copies && h->ended && (h->last || h->refused))
			return true;
	return false;
}

bool sender_has_dropped(struct sender *s)
{
	return s->asked && !is_given(s) && !is_coming(s, came(s)) &&
	       ask_anew(s, &s->seeds[0], 0).what.kind == EXPECT_RECEIPT;
}

bool sender_expects(const struct sender *s)
{
	return ear_waiting(s->ear) != NULL || (s->asked && !is_given(s));
}

/* --- the trigger ----------------------------------------------------------------------------- */

/* false: it runs on. */
static bool reap(struct sender *s)
{
	int status = 0;

	if (s->running == 0)
		return true;
	if (waitpid(s->running, &status, WNOHANG) == 0)
		return false;
	s->running = 0;
	s->ended++;
	s->gave = WIFEXITED(status) ? WEXITSTATUS(status) : NO_STATUS;
	return true;
}

bool sender_misfired(struct sender *s)
{
	return reap(s) && s->gave != 0;
}

bool sender_has_done(struct sender *s)
{
	return s->trigger != NULL && reap(s);
}

int64_t sender_next_look(const struct sender *s, int64_t deadline_ms)
{
	int64_t soon_ms = tls_now_ms() + TURN_MS;

	return s->running != 0 && soon_ms < deadline_ms ? soon_ms : deadline_ms;
}

int64_t sender_until(const struct sender *s, int64_t deadline_ms)
{
	int64_t now_ms = tls_now_ms(), more_ms = now_ms + s->target->wait_ms;
	int64_t last_ms = s->pulled_ms + (int64_t)TRIGGER_SLOWEST * s->target->wait_ms;

	return s->running != 0 && now_ms < last_ms && more_ms > deadline_ms ? more_ms : deadline_ms;
}

void sender_let_go(struct sender *s)
{
	if (reap(s))
		return;
	trigger_end(s->running);
	s->running = 0;
}

/* Until it ends, in bounded time; what the product sends meanwhile is served. */
static void await_trigger(struct sender *s)
{
	int64_t deadline_ms = tls_now_ms() + s->target->wait_ms;

	while (!reap(s) && tls_now_ms() < deadline_ms)
		ear_turn(s->ear, tls_now_ms() + TURN_MS);
	sender_let_go(s);
}

/* The typed content of a valid message, of today, as a file of the State's folder. */
static int write_wish(const struct sender *s, const struct sender_wish *wish)
{
	static const struct edit scanned = {
	    "<AuthenticatedCopy>", NULL, "<Attachment>2</Attachment>@FOUND@"};
	struct draft d;
	int rc = draft_begin(&d, s->target->parties, wish->base, moment_now_ms());

	if (rc != 0)
		return rc;
	if (wish->scan > 0)
		rc = edit_apply(&d.content, &scanned);
	if (rc == 0)
		rc = files_write(s->dir, WISH_FILE, &d.content);
	draft_clear(&d);
	return rc;
}

/* What the trigger is told: words, up to a NULL. */
struct order {
	const char *words[7];
	char file[4096], case_id[RXP_ID_TEXT], picture[4096], scan[4096];
};

/* A picture of so many octets is the next word. */
static bool give_picture(
    struct order *o, char path[4096], const struct sender *s, const char *name, size_t octets)
{
	size_t n = 0;

	while (o->words[n] != NULL)
		n++;
	(void)snprintf(path, 4096, "%s/%s", s->dir, name);
	o->words[n] = path;
	return trigger_picture(s->dir, name, octets) == 0;
}

static bool give_order(
    struct order *o, const struct sender *s, const char *case_id, const struct sender_wish *wish)
{
	*o = (struct order){.words = {case_id, "ping", NULL}};
	if (wish == NULL || (wish->base == BASE_PING && !wish->takes_back))
		return true;
	if (wish->case_id != NULL)
		rxp_id_text(o->case_id, wish->case_id);
	if (wish->takes_back) {
		o->words[1] = "void";
		o->words[2] = "";
		o->words[3] = o->case_id;
		return true;
	}
	(void)snprintf(o->file, sizeof o->file, "%s/" WISH_FILE, s->dir);
	o->words[1] = "document";
	o->words[2] = o->file;
	o->words[3] = o->case_id;
	if (wish->picture > 0) {
		o->words[1] = "attached";
		if (!give_picture(o, o->picture, s, WISH_PICTURE, wish->picture) ||
		    (wish->scan > 0 && !give_picture(o, o->scan, s, WISH_SCAN, wish->scan)))
			return false;
	}
	return write_wish(s, wish) == 0;
}

static bool pull_trigger(struct sender *s, const struct order *o)
{
	if (s->trigger == NULL)
		return false;
	s->gave = 0;
	s->pulled_ms = tls_now_ms();
	s->running = trigger_start(s->trigger, s->own->party, o->words);
	if (s->running < 0)
		s->running = 0;
	return s->running != 0;
}

/* --- a person -------------------------------------------------------------------------------- */

static bool beg(const struct sender *s, const struct order *o)
{
	if (!s->manual)
		return false;
	fprintf(stderr, "%s: have %s send a %s %s%s%s%s%s to %s%s%s, within %d seconds\n",
	    o->words[0], product_party(s->target->parties->product),
	    o->file[0] == '\0' ? o->words[1] : "document", o->file,
	    o->picture[0] == '\0' ? "" : " with the photograph ", o->picture,
	    o->scan[0] == '\0' ? "" : " and the scan ", o->scan, s->own->party,
	    o->case_id[0] == '\0' ? "" : " in the case ", o->case_id, s->target->wait_ms / 1000);
	return true;
}

/* --- the whole ------------------------------------------------------------------------------- */

bool sender_prompt(
    struct sender *s, const char *case_id, const struct sender_wish *wish, char why[OUTCOME_WHY])
{
	struct order o;

	if (wish == NULL && (sender_expects(s) || react(s)))
		return true;
	if (s->is_given_up) {
		(void)snprintf(why, OUTCOME_WHY, TRIGGER_GIVEN_UP);
		return false;
	}
	await_trigger(s); /* one of before may not have read yet what it was told */
	if (!give_order(&o, s, case_id, wish)) {
		(void)snprintf(why, OUTCOME_WHY, "the suite cannot write into %.100s", s->dir);
		return false;
	}
	if (pull_trigger(s, &o) || beg(s, &o))
		return true;
	if (wish != NULL)
		(void)snprintf(
		    why, OUTCOME_WHY, "only --trigger or --manual can have a %s sent", o.words[1]);
	else
		(void)snprintf(why, OUTCOME_WHY,
		    "nothing makes the product send (--trigger can): asked for history, it gave %.100s",
		    s->refuses ? s->refused : "no such document");
	return false;
}

/* Take what still comes, in bounded time. */
static void drain(struct sender *s)
{
	int64_t deadline_ms = tls_now_ms() + s->target->wait_ms;
	int64_t quiet_ms = tls_now_ms() + QUIET_MS;

	ear_take_all(s->ear);
	while (tls_now_ms() < deadline_ms && (sender_expects(s) || tls_now_ms() < quiet_ms))
		ear_turn(s->ear, tls_now_ms() + TURN_MS);
	await_trigger(s);
}

enum wire_end sender_open(struct sender *s, const char *at)
{
	enum wire_end end =
	    ear_open(&s->ear, s->target->parties, s->dir, at != NULL ? at : s->own->endpoint);

	if (end != WIRE_NONE)
		return end;
	s->target->sender = s;
	s->target->aside = ear_aside(s->ear);
	return WIRE_NONE;
}

void sender_close(struct sender *s)
{
	if (s->ear != NULL)
		drain(s);
	ear_close(s->ear);
}
