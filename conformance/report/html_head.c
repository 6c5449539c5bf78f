#include "conformance/report/html_head.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conformance/report/group.h"
#include "conformance/report/html_group.h"
#include "conformance/report/html_reason.h"
#include "conformance/report/page.h"
#include "conformance/report/report_file.h"
#include "conformance/report/tally.h"
#include "conformance/report/text.h"
#include "protocol/base/buf.h"
#include "protocol/base/timestamp.h"

#define DATE_TEXT 64

/* What a page says of the role in which the product was tried. */
static const struct {
	const char *role, *as, *what;
} roles[] = {
    {"respond", "the side that receives",
	"Here the program readmit-conform was one State and the product was the other. It sent what a State may send, and what it "
	"must not: most cases are a right message in which one thing is changed."},
    {"initiate", "the side that sends",
	"Here the program readmit-conform was one State and the product was the other. It took what the product sent, looked whether it "
	"is right, and answered as a State may answer, and as it must not."},
    {"wire", "the side that receives, below the message",
	"Here the program readmit-conform was one State and the product was the other. It looked at connections: what TLS and HTTP/2 "
	"allow and what they forbid, octet by octet (an octet is a byte)."},
    {"proxy", "two products with each other",
	"Here two products spoke with each other, and the program readmit-conform stood between them and did what a network does at "
	"its worst: it cut, kept, doubled and mixed what passed."},
    {"doc", "a reader of documents",
	"Here the program readmit-conform judged octets without a network: documents that are right, and documents in which one thing "
	"is changed."},
};

static const char *as_of(const struct report_file *f)
{
	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
		if (strcmp(roles[i].role, report_text(f, "role")) == 0)
			return roles[i].as;
	return report_text(f, "role");
}

static const char *what_of(const struct report_file *f)
{
	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
		if (strcmp(roles[i].role, report_text(f, "role")) == 0)
			return roles[i].what;
	return "";
}

/* --- counts ------------------------------------------------------------------------------------ */

struct counts {
	size_t all, failed, better, untried, blocked, asked, tried;
	bool part; /* only what somebody selected … */
	bool unsaid; /* … which the report does not say: it has the format of before */
};

static struct counts count(const struct report_file *f)
{
	struct counts c = {.all = report_file_cases(f),
	    .failed = report_file_count(f, VERDICT_FAIL),
	    .better = report_file_count(f, VERDICT_WEAK) + report_file_count(f, VERDICT_WARN),
	    .untried =
		report_file_count(f, VERDICT_INCOMPLETE) + report_file_count(f, VERDICT_ERROR),
	    .blocked = html_blocked(f),
	    .part = report_text(f, "selected")[0] != '\0',
	    .unsaid = !report_has_format(f)};

	c.tried = c.failed + c.better + report_file_count(f, VERDICT_PASS);
	return c;
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void put_name(struct rxp_buf *out, const struct report_file *f)
{
	const char *party = report_product(f, "party");

	(void)rxp_buf_puts(out, party[0] == '\0' ? "the product" : "the product of ");
	text_escaped(out, party);
}

/* --- passed or not ----------------------------------------------------------------------------- */

static void put_failed(struct rxp_buf *out, const struct report_file *f, const struct counts *c)
{
	struct groups *groups = groups_make(f, VERDICT_FAIL);
	size_t kinds = groups == NULL ? 0 : groups->n;

	free(groups);
	(void)rxp_buf_puts(out, "<b>Not passed.</b> ");
	if (c->tried == 1)
		(void)rxp_buf_puts(out, "In the one case that was tried, ");
	else
		text_put(out, "In %zu of the %zu cases that were tried, ", c->failed, c->tried);
	put_name(out, f);
	(void)rxp_buf_puts(out, " does not do what RXP/1 demands.");
	if (kinds > 0 && kinds < c->failed)
		text_put(out,
		    " They go wrong in <b>%zu way%s</b>: behind many cases often stands one defect.",
		    kinds, plural(kinds));
}

/* Of all of them the number is said before. */
static void put_number(struct rxp_buf *out, size_t n, size_t all)
{
	if (n < all)
		text_put(out, "%zu ", n);
}

/* One sentence: why. */
static void put_untried(struct rxp_buf *out, const struct report_file *f, const struct counts *c)
{
	size_t most, said = c->failed > 0 ? c->untried : SIZE_MAX;
	const char *why = html_reason(f, &most);

	if (c->failed > 0)
		text_put(out, " %zu more could not be tried", c->untried);
	else
		(void)rxp_buf_puts(out, " Not tried");
	(void)rxp_buf_puts(out, most == said || c->blocked == said ? " " : ": ");
	if (why != NULL) {
		put_number(out, most, said);
		(void)rxp_buf_puts(out, "(");
		text_escaped(out, why);
		(void)rxp_buf_puts(out, c->blocked > 0 ? "), " : ")");
	}
	if (c->blocked > 0) {
		put_number(out, c->blocked, said);
		text_put(out, "(<a href=\"#blocked\">%s</a>)",
		    c->failed > 0 ? "other failures stand in the way"
				  : "the product goes wrong before they begin");
	}
	(void)rxp_buf_puts(out, ".");
}

/* Of requirements, which are fewer than cases and are what a product must satisfy. */
static void put_requirements(struct rxp_buf *out, const struct report_file *f)
{
	struct tally *tallies = tally_make(f);
	struct tally_sums sums;

	tally_sum(&sums, tallies);
	free(tallies);
	text_put(out,
	    "<p class=\"requirements\">Requirements: <b>%zu</b> passed, <b>%zu</b> failed, <b>%zu</b> not tried, or not in full",
	    sums.passed, sums.failed, sums.untried);
	if (sums.by_others > 0)
		text_put(out,
		    ", <b>%zu</b> not judged, since their cases broke another requirement",
		    sums.by_others);
	(void)rxp_buf_puts(out, ".</p>\n");
}

static void put_verdict(struct rxp_buf *out, const struct report_file *f, const struct counts *c)
{
	bool open = c->tried == 0 || c->untried > 0 || c->part || c->unsaid;
	const char *class = c->failed > 0 ? "fail" : open ? "incomplete" : "pass";

	text_put(out, "<p class=\"sum %s\">", class);
	if (c->failed > 0) {
		put_failed(out, f, c);
	} else if (c->tried == 0) {
		(void)rxp_buf_puts(out,
		    c->blocked == 0
			? "<b>Nothing is known yet.</b> No case could be tried: this says nothing of the product."
			: "<b>Not passed, and hardly tried.</b> The product goes wrong with messages that are right, so that no "
			  "case came to what it tries.");
	} else if (c->untried > 0) {
		text_put(out,
		    "<b>Not decided yet.</b> Nothing is wrong in the %zu cases that were tried, but %zu could not be tried.",
		    c->tried, c->untried);
	} else if (c->part) {
		text_put(out,
		    "<b>Nothing wrong in a part.</b> Only cases that somebody selected were tried; in these %zu, ",
		    c->tried);
		put_name(out, f);
		(void)rxp_buf_puts(out, " does what RXP/1 demands.");
	} else if (c->unsaid) {
		text_put(out,
		    "<b>Nothing wrong in what was tried.</b> An earlier suite made this report, which does not say whether "
		    "somebody selected cases; in these %zu, ",
		    c->tried);
		put_name(out, f);
		(void)rxp_buf_puts(out, " does what RXP/1 demands.");
	} else {
		text_put(out, "<b>Passed.</b> In all %zu cases that were tried, ", c->tried);
		put_name(out, f);
		(void)rxp_buf_puts(out, " does what RXP/1 demands.");
	}
	if (c->untried > 0)
		put_untried(out, f, c);
	if (c->part && (c->failed > 0 || c->untried > 0))
		(void)rxp_buf_puts(out,
		    " Only a part was tried, which somebody selected: <a href=\"#left\">what was not tested</a>.");
	if (c->better > 0)
		text_put(out,
		    " In %zu it is safe, but not quite as the specification says or recommends.",
		    c->better);
	(void)rxp_buf_puts(out, "</p>\n");
}

/* A bar of all verdicts, each as wide as its share and never too narrow to be seen, and what they mean. */
static void put_bar(struct rxp_buf *out, const struct report_file *f)
{
	(void)rxp_buf_puts(out, "<div class=\"bar\" aria-hidden=\"true\">");
	for (unsigned v = 0; v < VERDICT_COUNT; v++) {
		size_t n = report_file_count(f, (enum verdict)v);

		if (n > 0)
			text_put(out,
			    "<span class=\"%s\" style=\"flex-grow:%zu\">%s&nbsp;%zu</span>",
			    verdict_word((enum verdict)v), n, page_mark((enum verdict)v), n);
	}
	(void)rxp_buf_puts(out, "</div>\n<ul class=\"key\">");
	for (unsigned v = 0; v < VERDICT_COUNT; v++) {
		size_t n = report_file_count(f, (enum verdict)v);

		if (n > 0)
			text_put(out,
			    "<li><span class=\"mark %s\">%s</span> <b>%zu %s</b>: %s</li>",
			    verdict_word((enum verdict)v), page_mark((enum verdict)v), n,
			    verdict_word((enum verdict)v), verdict_meaning((enum verdict)v));
	}
	(void)rxp_buf_puts(out, "</ul>\n");
}

/* --- what to do -------------------------------------------------------------------------------- */

static void put_steps(struct rxp_buf *out, const struct counts *c)
{
	(void)rxp_buf_puts(out, "<h2>What to do now</h2>\n<ol>");
	if (c->failed > 0)
		(void)rxp_buf_puts(out,
		    "<li><b>The product's owner</b> gives this page to its makers. <a href=\"#wrong\">What is wrong</a> shows them "
		    "each failure: the clause of the specification, what was sent and what came back, and the command that tries it again.</li>"
		    "<li><b>Its makers</b> begin with the first group below, which weighs most, and mend it; the tester tries one case of "
		    "it again.</li>");
	if (c->failed == 0 && c->blocked > 0)
		(void)rxp_buf_puts(out,
		    "<li><b>The product's makers</b> mend what stands under <a href=\"#blocked\">Where the product goes wrong too early</a>.</li>");
	if (c->untried > c->blocked)
		(void)rxp_buf_puts(out,
		    "<li><b>The tester</b> (who ran the suite) does what stands under <a href=\"#untried\">What could not be tried</a>.</li>");
	if (c->failed > 0 || c->untried > 0 || c->tried == 0 || c->part || c->unsaid)
		(void)rxp_buf_puts(out,
		    c->part
			? "<li><b>The tester</b> then runs the whole of it, with the <a href=\"#command\">Command of this run</a> without "
			  "<code>--select</code>: only a part was tried here.</li>"
			: "<li><b>The tester</b> then runs the whole of it again, with the <a href=\"#command\">Command of this run</a>.</li>");
	else
		(void)rxp_buf_puts(out,
		    "<li><b>Nobody has to mend anything</b> for this report. Keep it, with the file in JSON that it was made of.</li>"
		    "<li>It says how the product does in one role. It conforms when it passes in the roles "
		    "<code>respond</code> (it receives), <code>wire</code> (connections) and <code>initiate</code> (it sends): then "
		    "<code>readmit-conform statement</code> makes a signed statement of the three reports.</li>");
	if (c->better > 0)
		(void)rxp_buf_puts(out,
		    "<li><b>Its makers</b> look at <a href=\"#better\">what could be better</a>. Nobody is in danger of it.</li>");
	(void)rxp_buf_puts(out, "</ol>\n");
}

void html_head(struct rxp_buf *out, const struct report_file *f)
{
	const char *party = report_product(f, "party");
	struct counts c = count(f);

	(void)rxp_buf_puts(out, "<h1>Does ");
	text_escaped(out, party[0] == '\0' ? "it" : party);
	(void)rxp_buf_puts(out, " conform to RXP/1?</h1>\n");
	put_verdict(out, f, &c);
	if (c.failed > 0)
		html_ways(out, f, VERDICT_FAIL);
	put_requirements(out, f);
	put_bar(out, f);
	put_steps(out, &c);
}

/* --- what this is ------------------------------------------------------------------------------ */

/* "23 November 2026, 10:00 UTC"; as it is if it is no time. */
static void put_time(struct rxp_buf *out, const char *text)
{
	char date[DATE_TEXT];
	struct tm tm;
	int64_t ms;
	time_t seconds;

	if (rxp_time_parse(&ms, text) != 0) {
		text_escaped(out, text);
		return;
	}
	seconds = (time_t)(ms / 1000);
	if (gmtime_r(&seconds, &tm) != NULL &&
	    strftime(date, sizeof date, "%d %B %Y, %H:%M UTC", &tm) > 0)
		(void)rxp_buf_puts(out, date[0] == '0' ? date + 1 : date);
}

static void put_fact(struct rxp_buf *out, const char *name, const char *value)
{
	text_put(out, "<dt>%s</dt><dd>", name);
	text_escaped(out, value[0] == '\0' ? "none" : value);
	(void)rxp_buf_puts(out, "</dd>");
}

/* Which octets of a file were meant. */
static void put_digest(struct rxp_buf *out, const char *name, const char *digest)
{
	if (digest[0] != '\0')
		text_put(out, "</dd><dt>%s</dt><dd>SHA-256 <code>%.64s</code>", name, digest);
}

/* What cannot be tried without, and how to come by it. */
static void put_trigger(struct rxp_buf *out, const struct report_file *f)
{
	size_t most;
	const char *why = html_reason(f, &most);

	if (why == NULL || strstr(why, "--trigger") == NULL)
		return;
	text_put(out,
	    "<p>Without <code>--trigger</code> the same %zu cases stay untried whenever it is run again. Add "
	    "<code>--trigger ./send.sh</code>, a file of the tester's that the product's makers fill in. It is called with the number of the "
	    "case, what is wanted, a file and a CaseId; the State to send to is in READMIT_STATE. As an example:</p>\n"
	    "<pre tabindex=\"0\">#!/bin/sh\ncase $2 in\nping) # here the product's command that sends a Ping to \"$READMIT_STATE\"\n\t;;\n"
	    "document) # here the one that sends the content in \"$3\", in the case \"$4\" or, if that is empty, in a new one\n\t;;\n"
	    "*) exit 1 ;;\nesac</pre>\n",
	    most);
}

static void put_command(struct rxp_buf *out, const struct report_file *f)
{
	static const struct {
		const char *found, *meaning;
	} places[] = {
#define PLACE(found, meaning) {found, meaning},
#include "conformance/report/place.def"
#undef PLACE
	};
	const char *command = report_text(f, "command"), *selected = report_text(f, "selected");

	(void)rxp_buf_puts(
	    out, "<h2 id=\"command\">Command of this run</h2>\n<pre tabindex=\"0\">");
	text_escaped(out, command);
	if (selected[0] != '\0') {
		(void)rxp_buf_puts(out, " --select '");
		text_escaped(out, selected);
		(void)rxp_buf_puts(out, "'");
	}
	(void)rxp_buf_puts(out,
	    "</pre>\n<p>The tester types it, in the place of each word in capitals what it stands for. The product under test runs, in a "
	    "state in which no other run is going on; with <code>--select</code> and the number of a case it tries that one alone. One that failed "
	    "here and passes alone depends on what came before it, or on how long the product has run: try it with the cases before it.</p>\n<dl>");
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (strstr(command, places[i].found) != NULL)
			text_put(out, "<dt><code>%s</code></dt><dd>%s.</dd>\n", places[i].found,
			    places[i].meaning);
	(void)rxp_buf_puts(out, "</dl>\n");
	put_trigger(out, f);
}

void html_what(struct rxp_buf *out, const struct report_file *f)
{
	(void)rxp_buf_puts(out,
	    "<h2>What this is</h2>\n<p>RXP/1 is a specification. It says how the authorities of two States exchange documents about "
	    "the readmission of persons (who has to take back whom), so that neither can later deny what it said. A <b>product</b> is a "
	    "State's software for it; States have a code of three letters. ");
	(void)rxp_buf_puts(out, what_of(f));
	(void)rxp_buf_puts(out,
	    " All persons in it are invented. Each sentence of the specification that demands something is a <b>requirement</b> with a "
	    "number, as RXP-ANS-005; each try of the product is a <b>case</b>, as ANS-005.R.p1, and belongs to one requirement.</p>\n"
	    "<dl class=\"head\">");
	put_fact(out, "Product of", report_product(f, "party"));
	put_fact(out, "Reached at", report_product(f, "endpoint"));
	put_fact(out, "Tried as", as_of(f));
	(void)rxp_buf_puts(out, "<dt>Begun</dt><dd>");
	put_time(out, report_text(f, "began"));
	put_digest(out, "Its descriptor", report_product(f, "descriptor"));
	put_digest(out, "Specification", report_text(f, "specification"));
	text_put(out, "</dd><dt>By</dt><dd>%s ", report_text(f, "suite"));
	text_escaped(out, report_text(f, "version"));
	(void)rxp_buf_puts(out, "</dd></dl>\n");
	put_command(out, f);
}
