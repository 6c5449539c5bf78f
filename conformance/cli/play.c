/* The commands that speak with a product: init, preflight, and one for each plan. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/cases/facts.h"
#include "conformance/cli/options.h"
#include "conformance/cli/play.h"
#include "conformance/cli/tries.h"
#include "conformance/report/report.h"
#include "conformance/run/desk.h"
#include "conformance/run/plan.h"
#include "conformance/run/preflight.h"
#include "conformance/run/preflight_back.h"
#include "conformance/run/sender.h"
#include "conformance/selftest/selftest.h"
#include "conformance/state/files.h"
#include "conformance/state/moment.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"

#define DEFAULT_WAIT_SECONDS 10
#define MAX_WAIT_SECONDS 600

int play_complain(const char *what, int rc)
{
	fprintf(stderr, "readmit-conform: %s: %s\n", what, rxp_err_text(rc));
	return CONFORM_CONFIG;
}

int command_init(const struct options *o)
{
	const char *dir = o->values[OPTION_STATE];
	const char *endpoint = o->values[OPTION_ENDPOINT];
	int rc = state_make(
	    dir, o->values[OPTION_PARTY], endpoint == NULL ? "" : endpoint, moment_now_ms());
	struct state *s = NULL;
	char fingerprint[RXP_DIGEST_HEX];
	uint8_t pin[32];

	if (rc == 0)
		rc = state_open(&s, dir);
	if (rc != 0)
		return play_complain(dir, rc);
	keypair_pin(&s->root, pin);
	rxp_hex_put(fingerprint, pin, sizeof pin, false);
	printf(
	    "%s/descriptor.xml is for the product; its root fingerprint:\n%s\n", dir, fingerprint);
	state_free(s);
	return CONFORM_PASSED;
}

/* --- what both others need ------------------------------------------------------------------- */

struct stage_set {
	struct state *own, *second; /* second: NULL if there is none */
	struct product *product;
	struct parties parties, between;
	struct target target, other; /* other: with the second State, for its desk */
};

static void strike(struct stage_set *s)
{
	state_free(s->own);
	state_free(s->second);
	product_free(s->product);
}

int play_fingerprint(uint8_t out[RXP_DIGEST_OCTETS], const char *text)
{
	char digits[RXP_DIGEST_HEX];
	size_t n = 0;

	for (; *text != '\0'; text++)
		if (*text != ' ') {
			if (n == sizeof digits - 1)
				return RXP_ERR_SYNTAX;
			digits[n++] = *text;
		}
	digits[n] = '\0';
	return rxp_hex_get(out, RXP_DIGEST_OCTETS, digits, false);
}

/* Said as a check of preflight, which comes before those of its table. */
static int not_opened(const char *seen, const char *hint)
{
	play_print_check(
	    stderr, &(struct preflight_said){
			.words = "the product's descriptor is of the fingerprint that was given",
			.seen = seen,
			.side = "the tester",
			.hint = hint});
	return CONFORM_CONFIG;
}

int play_open_product(struct product **out, const char *descriptor, const char *fingerprint)
{
	struct rxp_buf octets;
	uint8_t root[32];
	int rc = play_fingerprint(root, fingerprint);

	if (rc != 0)
		return not_opened("it is not 64 digits 0 to 9, a to f",
		    "--fingerprint is the root fingerprint of the product, as its owner tells it");
	rxp_buf_init(&octets, RXP_MAX_DESCRIPTOR_OCTETS);
	rc = files_read(&octets, NULL, descriptor);
	if (rc == 0)
		rc = product_open(out, octets.data, octets.len, root);
	rxp_buf_free(&octets);
	if (rc == RXP_ERR_SIGNER)
		return not_opened("it does not hold under it",
		    "ask the product's owner for the descriptor and, on another way, for its root fingerprint: one of the two is of another product, "
		    "or of another time of this one");
	return rc == 0 ? 0 : play_complain(descriptor, rc);
}

static int open_second(struct stage_set *s, const char *dir)
{
	int rc = state_open(&s->second, dir);

	if (rc != 0)
		return play_complain(dir, rc);
	if (strcmp(s->second->party, s->own->party) == 0) {
		fputs(
		    "readmit-conform: --second is a State of the same code: make it with another\n",
		    stderr);
		return CONFORM_CONFIG;
	}
	s->between = (struct parties){s->second, s->product};
	return 0;
}

int play_wait(int *wait_ms, const struct options *o)
{
	const char *wait = o->values[OPTION_WAIT];
	long seconds = wait == NULL ? DEFAULT_WAIT_SECONDS : strtol(wait, NULL, 10);

	if (seconds < 1 || seconds > MAX_WAIT_SECONDS) {
		fprintf(stderr, "readmit-conform: --wait is 1 to %d seconds\n", MAX_WAIT_SECONDS);
		return CONFORM_USAGE;
	}
	*wait_ms = (int)seconds * 1000;
	return 0;
}

static int set_up(struct stage_set *s, const struct options *o)
{
	const struct rxp_identity *i;
	int wait_ms = 0, rc = play_wait(&wait_ms, o);

	*s = (struct stage_set){0};
	if (rc != 0)
		return rc;
	rc = state_open(&s->own, o->values[OPTION_STATE]);
	if (rc != 0)
		return play_complain(o->values[OPTION_STATE], rc);
	rc = play_open_product(&s->product, o->values[OPTION_PEER], o->values[OPTION_FINGERPRINT]);
	if (rc != 0) {
		strike(s);
		return rc;
	}
	if (o->values[OPTION_SECOND] != NULL &&
	    (rc = open_second(s, o->values[OPTION_SECOND])) != 0) {
		strike(s);
		return rc;
	}
	i = &s->product->descriptor->identity;
	s->parties = (struct parties){s->own, s->product};
	s->target = (struct target){.parties = &s->parties,
	    .own = s->own,
	    .dir = o->values[OPTION_STATE],
	    .second = s->second == NULL ? NULL : &s->between,
	    .endpoint = preflight_endpoint(i, wait_ms),
	    .wait_ms = wait_ms,
	    .stress = o->values[OPTION_STRESS] != NULL,
	    .slow = o->values[OPTION_SLOW] != NULL,
	    .anew = o->values[OPTION_DEFECTS] != NULL};
	return 0;
}

/* --- preflight ------------------------------------------------------------------------------- */

void play_print_check(void *file, const struct preflight_said *said)
{
	FILE *to = file;
	const char *as = said->party == NULL ? "" : ", as ", *party = said->party;

	if (party == NULL)
		party = "";
	if (said->holds)
		fprintf(to, "ok      %s%s%s\n", said->words, as, party);
	else
		fprintf(to,
		    "CONFIG  not so: %s%s%s\n        seen: %s\n        side: %s\n        do: %s\n",
		    said->words, as, party, said->seen, said->side, said->hint);
}

/* The suite cannot listen. */
static void print_deaf(enum wire_end end)
{
	play_print_check(
	    stderr, &(struct preflight_said){.words = "the suite listens for the product",
			.seen = wire_end_words(end),
			.side = wire_end_side(end),
			.hint = wire_end_hint(end)});
}

int command_preflight(const struct options *o)
{
	struct stage_set s;
	int status = set_up(&s, o);

	if (status != 0)
		return status;
	status = preflight(&s.target, play_print_check, stdout) ? CONFORM_PASSED : CONFORM_CONFIG;
	strike(&s);
	return status;
}

/* --- the plans ------------------------------------------------------------------------------- */

static int status_of(const struct report *r)
{
	static const struct {
		enum verdict verdict;
		int status;
	} rows[] = {
#define GRAVITY(verdict, exit) {VERDICT_##verdict, CONFORM_##exit},
#include "conformance/cli/gravity.def"
#undef GRAVITY
	};
	_Static_assert(
	    sizeof rows / sizeof rows[0] == VERDICT_COUNT, "every verdict has its place");

	for (size_t i = 0; i < VERDICT_COUNT; i++)
		if (report_count(r, rows[i].verdict) > 0)
			return rows[i].status;
	return CONFORM_USAGE; /* nothing was selected */
}

static void print_summary(const struct report *r)
{
	printf("conformance: %zu cases", report_cases(r));
	for (size_t v = 0; v < VERDICT_COUNT; v++)
		printf(", %zu %s", report_count(r, (enum verdict)v), verdict_word((enum verdict)v));
	putchar('\n');
}

static const char *pattern_of(const struct options *o)
{
	return o->values[OPTION_SELECT] == NULL ? "*" : o->values[OPTION_SELECT];
}

/* 0, or wrong use, which is said before the product is asked for anything. */
static int check_pattern(const struct plan *plan, const struct options *o)
{
	char missed[FACTS_PATTERN];

	if (facts_all_meant(missed, pattern_of(o), plan->facts, plan->total()))
		return 0;
	fprintf(stderr, "readmit-conform: --select: no case of %s is '%s'\n", plan->name, missed);
	return CONFORM_USAGE;
}

int play(const struct plan *plan, const struct target *target, const struct options *o)
{
	char command[OPTIONS_COMMAND], shown[OPTIONS_COMMAND];
	struct report *report = NULL;
	const char *pattern = pattern_of(o);
	int status = CONFORM_ERROR, rc;

	if (check_pattern(plan, o) != 0)
		return CONFORM_USAGE;
	options_command(command, o, false);
	options_command(shown, o, true);
	rc = report_new(&report, target, plan->name, shown, moment_now_ms());
	if (rc == 0 && o->values[OPTION_SELECT] != NULL)
		rc = report_select(report, pattern);
	if (rc == 0)
		rc = tries_all(report, plan, target, command, pattern);
	if (rc == 0 && o->values[OPTION_REPORT] != NULL)
		rc = report_write(report, o->values[OPTION_REPORT], moment_now_ms());
	if (rc == 0) {
		print_summary(report);
		status = status_of(report);
	} else {
		fprintf(stderr, "readmit-conform: the report: %s\n", rxp_err_text(rc));
	}
	report_free(report);
	return status;
}

static int command_plan(const char *name, const struct options *o)
{
	struct stage_set s;
	int status = check_pattern(plan_named(name), o);

	if (status == 0)
		status = set_up(&s, o);
	if (status != 0)
		return status;
	status = preflight(&s.target, play_print_check, stderr)
		     ? play(plan_named(name), &s.target, o)
		     : CONFORM_CONFIG;
	strike(&s);
	return status;
}

/* With a trigger, the product is made to send documents of a case, to each State. */
static int open_desks(struct stage_set *s, const struct options *o)
{
	const char *trigger = o->values[OPTION_TRIGGER];
	int rc = 0;

	if (trigger != NULL)
		rc = desk_open(&s->target.desk, &s->target, trigger, o->values[OPTION_STATE]);
	if (rc != 0)
		return play_complain(o->values[OPTION_STATE], rc);
	if (trigger == NULL || s->second == NULL)
		return 0;
	s->other = s->target;
	s->other.parties = &s->between;
	rc = desk_open(&s->target.second_desk, &s->other, trigger, o->values[OPTION_SECOND]);
	return rc != 0 ? play_complain(o->values[OPTION_SECOND], rc) : 0;
}

static int with_desk(struct stage_set *s, const struct options *o,
    int (*run)(const struct target *target, const struct options *o))
{
	int status = open_desks(s, o);

	if (status == 0)
		status = run(&s->target, o);
	desk_close(s->target.second_desk);
	desk_close(s->target.desk);
	s->target.desk = s->target.second_desk = NULL;
	return status;
}

static int respond(const struct target *target, const struct options *o)
{
	return preflight(target, play_print_check, stderr) ? play(plan_named("respond"), target, o)
							   : CONFORM_CONFIG;
}

/* Of one that opens no port: it fetches what the suite has for it, and what it sends itself gets its Receipt. */
static int respond_to_puller(struct stage_set *s, const struct options *o)
{
	struct sender sender = {
	    .target = &s->target, .own = s->own, .dir = o->values[OPTION_STATE]};
	enum wire_end end = sender_open(&sender, o->values[OPTION_LISTEN]);
	int status = CONFORM_CONFIG;

	if (end != WIRE_NONE) {
		print_deaf(end);
	} else {
		ear_take_all(sender.ear);
		if (preflight(&s->target, play_print_check, stderr))
			status = play(plan_named("respond"), &s->target, o);
	}
	sender_close(&sender);
	return status;
}

int command_respond(const struct options *o)
{
	struct stage_set s;
	int status = check_pattern(plan_named("respond"), o);

	if (status == 0)
		status = set_up(&s, o);
	if (status != 0)
		return status;
	status = s.target.endpoint != NULL ? with_desk(&s, o, respond) : respond_to_puller(&s, o);
	strike(&s);
	return status;
}

int command_wire(const struct options *o)
{
	return command_plan("wire", o);
}

/* --- initiate, smoke ------------------------------------------------------------------------- */

typedef int both_ways(const struct target *target, const struct options *o);

/* Listen, see that both find the way to each other, and then do it. */
static int listen_and(struct stage_set *s, const struct options *o, both_ways *then)
{
	struct sender sender = {.target = &s->target,
	    .own = s->own,
	    .dir = o->values[OPTION_STATE],
	    .trigger = o->values[OPTION_TRIGGER],
	    .manual = o->values[OPTION_MANUAL] != NULL};
	const char *at = o->values[OPTION_LISTEN];
	enum wire_end end;
	int status = CONFORM_CONFIG;

	end = sender_open(&sender, at);
	if (end != WIRE_NONE)
		print_deaf(end);
	else if (preflight(&s->target, play_print_check, stderr) &&
		 preflight_back(&sender, play_print_check, stderr))
		status = then(&s->target, o);
	sender_close(&sender);
	return status;
}

static int command_both_ways(const struct options *o, both_ways *then)
{
	struct stage_set s;
	int status = set_up(&s, o);

	if (status != 0)
		return status;
	status = listen_and(&s, o, then);
	strike(&s);
	return status;
}

static int initiate(const struct target *target, const struct options *o)
{
	return play(plan_named("initiate"), target, o);
}

int command_initiate(const struct options *o)
{
	int status = check_pattern(plan_named("initiate"), o);

	return status == 0 ? command_both_ways(o, initiate) : status;
}

static enum verdict check_one(const char *id, const struct target *target)
{
	size_t i = 0;
	const struct plan *plan = plan_find(id, &i);
	enum verdict verdict;
	struct outcome o;

	if (plan == NULL)
		abort(); /* a test looks for each */
	plan->run(&o, i, target);
	verdict = o.verdict;
	printf("%-10s %s  %s%s%s\n", verdict_word(verdict), id, o.facts->name,
	    verdict == VERDICT_PASS ? "" : ": ", o.why);
	(void)fflush(stdout);
	outcome_clear(&o);
	return verdict;
}

static int smoke(const struct target *target, const struct options *o)
{
	static const char *const checks[] = {
#define SMOKE(id) id,
#include "conformance/cli/smoke.def"
#undef SMOKE
	};
	size_t n = sizeof checks / sizeof checks[0], green = 0;
	bool wrong = false;

	(void)o;
	for (size_t i = 0; i < n; i++) {
		enum verdict v = check_one(checks[i], target);

		green += v == VERDICT_PASS;
		wrong = wrong || v == VERDICT_FAIL || v == VERDICT_WEAK || v == VERDICT_WARN;
	}
	printf("%s: %zu of %zu checks\n", green == n ? "GREEN" : "RED", green, n);
	if (green == n)
		return CONFORM_PASSED;
	return wrong ? CONFORM_FAILED : CONFORM_INCOMPLETE;
}

int command_smoke(const struct options *o)
{
	return command_both_ways(o, smoke);
}

/* --- the suite itself ------------------------------------------------------------------------ */

int play_selftest(const struct target *target, const struct options *o)
{
	struct selftest_result result;
	int rc = selftest_run(
	    &result, &(struct selftest){target, o->values[OPTION_DEFECTS], o->values[OPTION_SWITCH],
			 o->values[OPTION_SELECT] == NULL ? "*" : o->values[OPTION_SELECT],
			 o->values[OPTION_WHOLE] != NULL, o->values[OPTION_REPORT],
			 o->values[OPTION_AGAIN] != NULL});

	if (rc == RXP_ERR_CONFIG)
		return CONFORM_USAGE; /* which was told */
	if (rc != 0)
		return play_complain("selftest", rc);
	printf("selftest: %zu defects, %zu killed, by %zu tries\n", result.defects, result.killed,
	    result.tried);
	if (result.defects == 0)
		return CONFORM_USAGE;
	return result.killed == result.defects ? CONFORM_PASSED : CONFORM_FAILED;
}

/* What the product sends is heard only if --listen says where. */
int command_selftest(const struct options *o)
{
	struct stage_set s;
	int status;

	if (o->values[OPTION_LISTEN] != NULL)
		return command_both_ways(o, play_selftest);
	status = set_up(&s, o);
	if (status != 0)
		return status;
	status = with_desk(&s, o, play_selftest);
	strike(&s);
	return status;
}
