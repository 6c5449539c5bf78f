/* Statistics of a quarter: the node's own figures, the report of them, and the report of another State beside
 * them. */
#include "protocol/case/statistics.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/file.h"
#include "daemon/ctl/view.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/xml/xml.h"

#define NS_BODY "urn:rxp:1:body"
#define REPORT_MAX (64UL * 1024) /* octets of a report */

/* Which role this State had in the cases counted. */
enum side { REQUESTING, REQUESTED, SIDES };
static const char *const sides[SIDES] = {"requesting", "requested"};

struct figures {
	struct rxp_statistics of[SIDES];
	json_t *rows; /* of the API, case by case; owned */
	bool ended; /* the quarter has, by the node's clock */
	char until[VIEW_TEXT]; /* when it does */
};

/* --- fetching ------------------------------------------------------------------------------------- */

static bool take_rows(struct figures *f, const json_t *page)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(page, "items"), i, row)
	{
		const char *role = json_string_value(json_object_get(row, "role"));
		const char *code = json_string_value(json_object_get(row, "counter"));
		json_int_t count = json_integer_value(json_object_get(row, "count"));
		enum rxp_statistic which;

		if (role == NULL || code == NULL || count < 0 ||
		    rxp_statistic_parse(&which, code) != 0)
			return false;
		f->of[strcmp(role, sides[REQUESTED]) == 0].counts[which] += (uint64_t)count;
	}
	f->ended = json_is_true(json_object_get(page, "ended"));
	view_text(f->until, json_object_get(page, "until"));
	return json_array_extend(f->rows, json_object_get(page, "items")) == 0;
}

static const char *period_of(struct ctl *c)
{
	const char *period = c->args.options[OPT_PERIOD];
	struct rxp_period parsed;

	if (period != NULL && rxp_period_parse(&parsed, period) == 0)
		return period;
	ctl_complain(c, "--period is missing or no quarter, as 2026-Q4");
	return NULL;
}

static void page_path(
    const struct ctl *c, char path[CTL_PATH_TEXT], const char *period, const char *after)
{
	const char *peer = c->args.options[OPT_PEER];

	snprintf(path, CTL_PATH_TEXT, "/v1/statistics?period=%s%s%s%s%s", period,
	    peer != NULL ? "&peer=" : "", peer != NULL ? peer : "",
	    after[0] != '\0' ? "&after=" : "", after);
}

/* All pages. */
static enum exit_status fetch(struct ctl *c, struct figures *f, const char *period)
{
	char path[CTL_PATH_TEXT], after[RXP_ID_TEXT] = "";
	enum exit_status status = EXIT_OK;
	bool more = true;

	*f = (struct figures){.rows = json_array()};
	while (status == EXIT_OK && more) {
		json_t *page = NULL;
		const char *next;

		page_path(c, path, period, after);
		status = ctl_call(c, &(struct call_request){.method = "GET", .path = path}, &page);
		if (status == EXIT_OK && !take_rows(f, page)) {
			ctl_complain(
			    c, "the daemon's answer has no figures: is it of this version?");
			status = EXIT_FAILED;
		}
		next = json_string_value(json_object_get(page, "next"));
		more = next != NULL && strcmp(next, after) != 0;
		if (more)
			snprintf(after, sizeof(after), "%s", next);
		json_decref(page);
	}
	return status;
}

/* --- show, report --------------------------------------------------------------------------------- */

static void print_figures(struct ctl *c, const struct figures *f)
{
	fprintf(c->out, "%-26s %10s %10s\n", "COUNTER", "REQUESTING", "REQUESTED");
	for (int i = 0; i < RXP_STATISTIC_COUNT; i++)
		fprintf(c->out, "%-26s %10llu %10llu\n", rxp_statistic_code((enum rxp_statistic)i),
		    (unsigned long long)f->of[REQUESTING].counts[i],
		    (unsigned long long)f->of[REQUESTED].counts[i]);
}

enum exit_status ctl_statistics_show(struct ctl *c)
{
	const char *period = period_of(c);
	struct figures f;
	enum exit_status status;

	if (period == NULL)
		return EXIT_USAGE;
	status = fetch(c, &f, period);
	if (status == EXIT_OK && !ctl_json(c, f.rows))
		print_figures(c, &f);
	json_decref(f.rows);
	return status;
}

/* RXP-STA-011 */
static enum exit_status check_ended(struct ctl *c, const struct figures *f, const char *period)
{
	if (f->ended)
		return EXIT_OK;
	ctl_complain(c,
	    "%s has not ended: report it from %s on; until then `statistics show` has what is "
	    "counted so far",
	    period, f->until);
	return EXIT_INVALID;
}

enum exit_status ctl_statistics_report(struct ctl *c)
{
	const char *period = period_of(c);
	enum exit_status status;
	struct rxp_buf report;
	struct figures f;

	if (period == NULL)
		return EXIT_USAGE;
	rxp_buf_init(&report, REPORT_MAX);
	status = fetch(c, &f, period);
	if (status == EXIT_OK)
		status = check_ended(c, &f, period);
	if (status == EXIT_OK &&
	    rxp_statistics_put(&report, period, &f.of[REQUESTING], &f.of[REQUESTED]) != 0) {
		ctl_complain(c, "out of memory");
		status = EXIT_FAILED;
	}
	if (status == EXIT_OK)
		status = file_write(c, c->args.options[OPT_OUT], FILE_PUBLIC, &report);
	json_decref(f.rows);
	rxp_buf_free(&report);
	return status;
}

/* --- compare -------------------------------------------------------------------------------------- */

/* What a report says of one counter. */
struct told {
	enum rxp_told what;
	uint64_t count;
};
struct report {
	char period[RXP_PERIOD_TEXT];
	struct told of[SIDES][RXP_STATISTIC_COUNT];
};

static int read_counter(struct told side[RXP_STATISTIC_COUNT], const struct _xmlNode *counter)
{
	const char *code = rxp_xml_attribute(counter, "code");
	enum rxp_statistic which;
	struct rxp_walk w;

	if (code == NULL || rxp_statistic_parse(&which, code) != 0)
		return 0; /* one that this version does not count */
	rxp_walk_init(&w, counter, NS_BODY);
	side[which].what = rxp_walk_at(&w, "Count") ? RXP_TOLD_COUNT : RXP_TOLD_FEW;
	if (side[which].what == RXP_TOLD_COUNT)
		return rxp_walk_number(&w, "Count", &side[which].count, INT64_MAX);
	rxp_walk_element(&w, "FewerThanFive");
	return rxp_walk_end(&w);
}

static int read_side(struct told side[RXP_STATISTIC_COUNT], struct rxp_walk *w, const char *name)
{
	const struct _xmlNode *element = rxp_walk_element(w, name);
	struct rxp_walk counters;
	int rc = element == NULL ? RXP_ERR_STRUCTURE : 0;

	for (int i = 0; i < RXP_STATISTIC_COUNT; i++)
		side[i] = (struct told){.what = RXP_TOLD_NOTHING};
	if (rc != 0)
		return rc;
	rxp_walk_init(&counters, element, NS_BODY);
	while (rc == 0 && rxp_walk_at(&counters, "Counter"))
		rc = read_counter(side, rxp_walk_element(&counters, "Counter"));
	return rc != 0 ? rc : rxp_walk_end(&counters);
}

static int read_report(struct report *out, const struct rxp_buf *octets)
{
	struct rxp_xml *xml = NULL;
	struct rxp_walk w;
	int rc = rxp_xml_parse(&xml, octets->data, octets->len, REPORT_MAX, RXP_XML_BODY);

	if (rc == 0) {
		rxp_walk_init(&w, rxp_xml_root(xml), NS_BODY);
		rc = rxp_walk_text(&w, "Period", out->period, sizeof(out->period));
	}
	if (rc == 0)
		rc = read_side(out->of[REQUESTING], &w, "Requesting");
	if (rc == 0)
		rc = read_side(out->of[REQUESTED], &w, "Requested");
	if (rc == 0)
		rc = rxp_walk_end(&w);
	rxp_xml_free(xml);
	return rc;
}

/* The cases that our figure comes from, for whoever looks into it (RXP-STA-006). */
static void print_cases(struct ctl *c, const struct figures *f, enum side side, const char *code)
{
	const json_t *row;
	size_t i;

	json_array_foreach(f->rows, i, row)
	{
		char id[VIEW_TEXT], count[VIEW_TEXT];

		if (strcmp(json_string_value(json_object_get(row, "role")), sides[side]) != 0 ||
		    strcmp(json_string_value(json_object_get(row, "counter")), code) != 0)
			continue;
		view_text(id, json_object_get(row, "case_id"));
		view_text(count, json_object_get(row, "count"));
		fprintf(c->out, "    case %s: %s\n", id, count);
	}
}

static bool agrees(const struct told *theirs, uint64_t ours)
{
	if (theirs->what == RXP_TOLD_NOTHING)
		return true;
	return theirs->what == RXP_TOLD_FEW ? ours < RXP_STATISTICS_LEAST : ours == theirs->count;
}

/* Where we ask, the other State is asked. */
static unsigned compare(struct ctl *c, const struct figures *f, const struct report *r)
{
	unsigned differ = 0;

	for (int side = 0; side < SIDES; side++)
		for (int i = 0; i < RXP_STATISTIC_COUNT; i++) {
			const struct told *theirs =
			    &r->of[side == REQUESTING ? REQUESTED : REQUESTING][i];
			uint64_t ours = f->of[side].counts[i];
			const char *code = rxp_statistic_code((enum rxp_statistic)i);

			if (agrees(theirs, ours))
				continue;
			differ++;
			fprintf(c->out, "%s, where this State is %s: here %llu, there ", code,
			    sides[side], (unsigned long long)ours);
			if (theirs->what == RXP_TOLD_FEW)
				fputs("fewer than 5\n", c->out);
			else
				fprintf(c->out, "%llu\n", (unsigned long long)theirs->count);
			print_cases(c, f, (enum side)side, code);
		}
	return differ;
}

static enum exit_status take_report(struct ctl *c, struct report *out)
{
	const char *path = c->args.argument[0];
	enum exit_status status;
	struct rxp_buf octets;

	if (!ctl_library(c))
		return EXIT_FAILED;
	rxp_buf_init(&octets, REPORT_MAX);
	status = file_read(c, path, "the report", &octets);
	if (status == EXIT_OK && read_report(out, &octets) != 0) {
		ctl_complain(c, "%s is no StatisticsReport", path);
		status = EXIT_INVALID;
	}
	rxp_buf_free(&octets);
	return status;
}

enum exit_status ctl_statistics_compare(struct ctl *c)
{
	struct figures f = {.rows = NULL};
	struct report r = {.period = ""};
	enum exit_status status;
	unsigned differ;

	if (c->args.options[OPT_PEER] == NULL) {
		ctl_complain(c, "--peer is missing: whose report it is");
		return EXIT_USAGE;
	}
	status = take_report(c, &r);
	if (status == EXIT_OK)
		status = fetch(c, &f, r.period);
	if (status == EXIT_OK) {
		differ = compare(c, &f, &r);
		ctl_say(c, "%u figures of %s differ", differ, r.period);
		status = differ == 0 ? EXIT_OK : EXIT_FAILED;
	}
	json_decref(f.rows);
	return status;
}
