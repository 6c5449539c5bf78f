/* The information sheet of a person: what was sent, to whom and when, and what the person may do. */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/file.h"
#include "daemon/ctl/view.h"
#include "protocol/base/buf.h"
#include "protocol/document/document.h"

#define SHEET_MAX (256UL * 1024) /* octets of a sheet */
#define DAY_DIGITS 10 /* of a time: YYYY-MM-DD */
#define PLACES_MAX 4

enum language {
#define SHEET_LANGUAGE(NAME, code) LANGUAGE_##NAME,
#include "daemon/ctl/sheet.def"
#undef SHEET_LANGUAGE
	LANGUAGES
};

enum text {
#define SHEET_TEXT(NAME, en, fr) TEXT_##NAME,
#include "daemon/ctl/sheet.def"
#undef SHEET_TEXT
	TEXTS
};

static const char *const codes[LANGUAGES] = {
#define SHEET_LANGUAGE(NAME, code) code,
#include "daemon/ctl/sheet.def"
#undef SHEET_LANGUAGE
};

static const char *const texts[TEXTS][LANGUAGES] = {
#define SHEET_TEXT(NAME, en, fr) {en, fr},
#include "daemon/ctl/sheet.def"
#undef SHEET_TEXT
};

static const char *const types[RXP_TYPE_COUNT][LANGUAGES] = {
#define SHEET_TYPE(NAME, en, fr) [RXP_TYPE_##NAME] = {en, fr},
#include "daemon/ctl/sheet.def"
#undef SHEET_TYPE
};

static const struct {
	const char *office;
	const char *in[LANGUAGES];
} offices[] = {
#define SHEET_OFFICE(office, en, fr) {office, {en, fr}},
#include "daemon/ctl/sheet.def"
#undef SHEET_OFFICE
};

struct sheet {
	struct rxp_buf text;
	enum language language;
};

/* A text with its places filled. */
static void put_words(struct sheet *s, enum text text, const char *const places[PLACES_MAX])
{
	const char *at = texts[text][s->language];

	for (; *at != '\0'; at++) {
		if (at[0] == '{' && at[1] >= '1' && at[1] < '1' + PLACES_MAX && at[2] == '}') {
			rxp_buf_puts(&s->text, places[at[1] - '1']);
			at += 2;
		} else {
			rxp_buf_putc(&s->text, (uint8_t)*at);
		}
	}
}

/* A sentence, and the end of the line. */
static void put(struct sheet *s, enum text text, const char *const places[PLACES_MAX])
{
	put_words(s, text, places);
	rxp_buf_putc(&s->text, '\n');
}

static void put_one(struct sheet *s, enum text text, const char *value)
{
	put(s, text, (const char *const[PLACES_MAX]){value, "", "", ""});
}

static const char *string_of(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	return text != NULL ? text : "";
}

/* The day of a time of the API. */
static void day_of(char out[DAY_DIGITS + 1], const json_t *object, const char *member)
{
	snprintf(out, DAY_DIGITS + 1, "%s", string_of(object, member));
}

static const char *office_text(const struct sheet *s, const char *office)
{
	for (size_t i = 0; i < sizeof(offices) / sizeof(offices[0]); i++)
		if (strcmp(offices[i].office, office) == 0)
			return offices[i].in[s->language];
	return office;
}

static enum text end_of(const json_t *item)
{
	const char *state = string_of(item, "state");

	if (strcmp(state, "refused") == 0 || strcmp(state, "expired") == 0)
		return TEXT_TURNED_AWAY;
	return json_is_string(json_object_get(item, "at")) ? TEXT_SENT : TEXT_ON_ITS_WAY;
}

/* A type without a text of its own is told by its name, so that no document is left out. */
static void put_type(struct sheet *s, enum rxp_type type)
{
	if (types[type][0] != NULL)
		rxp_buf_puts(&s->text, types[type][s->language]);
	else
		put_words(s, TEXT_OTHER_TYPE,
		    (const char *const[PLACES_MAX]){rxp_type_row(type)->wire, "", "", ""});
}

/* false: a type of no case that this version knows. */
static bool put_document(struct sheet *s, const json_t *item)
{
	char at[DAY_DIGITS + 1], erased[DAY_DIGITS + 1];
	enum rxp_type type;

	if (strcmp(string_of(item, "state"), "discarded") == 0)
		return true; /* it was never sent */
	if (rxp_type_parse(&type, string_of(item, "type")) != 0 ||
	    rxp_type_row(type)->scope != RXP_SCOPE_CASE)
		return false;
	day_of(at, item, "at");
	day_of(erased, item, "erased");
	rxp_buf_puts(&s->text, "\n- ");
	put_type(s, type);
	rxp_buf_puts(&s->text, ",\n  ");
	put(s, end_of(item),
	    (const char *const[PLACES_MAX]){string_of(item, "from"), string_of(item, "to"),
		office_text(s, string_of(item, "office")), at});
	if (erased[0] != '\0') {
		rxp_buf_puts(&s->text, "  ");
		put_one(s, TEXT_ERASED, erased);
	}
	return true;
}

static int by_time(const void *a, const void *b)
{
	return strcmp(string_of(*(json_t *const *)a, "at"), string_of(*(json_t *const *)b, "at"));
}

/* In the order in which they were received; those on their way last. */
static bool put_documents(struct sheet *s, const json_t *items)
{
	size_t n = json_array_size(items);
	json_t **sorted = calloc(n + 1, sizeof(json_t *));
	bool good = sorted != NULL;

	for (size_t i = 0; good && i < n; i++)
		sorted[i] = json_array_get(items, i);
	if (good)
		qsort(sorted, n, sizeof(json_t *), by_time);
	for (int on_its_way = 0; on_its_way < 2; on_its_way++)
		for (size_t i = 0; good && i < n; i++)
			if ((string_of(sorted[i], "at")[0] == '\0') == (on_its_way != 0))
				good = put_document(s, sorted[i]);
	free(sorted);
	return good;
}

static bool put_sheet(struct sheet *s, const struct ctl *c, const json_t *json)
{
	const char *own = string_of(json, "own"), *contact = c->args.options[OPT_CONTACT];
	char due[DAY_DIGITS + 1];

	day_of(due, json, "due");
	put_one(s, TEXT_TITLE, "");
	rxp_buf_putc(&s->text, '\n');
	put_one(s, TEXT_CASE, c->args.argument[0]);
	put_one(s, TEXT_PERSON, c->args.argument[1] + 1);
	put_one(s, TEXT_MADE_BY, own);
	rxp_buf_putc(&s->text, '\n');
	put(s, TEXT_STATES, (const char *const[PLACES_MAX]){own, string_of(json, "peer"), "", ""});
	if (!put_documents(s, json_object_get(json, "items")))
		return false;
	rxp_buf_putc(&s->text, '\n');
	put_one(s, due[0] != '\0' ? TEXT_KEPT_UNTIL : TEXT_KEPT_OPEN, due);
	put_one(s, TEXT_CORRECT, "");
	put_one(s, TEXT_COMPLAIN, "");
	put_one(s, TEXT_WRITE_TO, contact != NULL ? contact : texts[TEXT_BLANK][s->language]);
	return rxp_buf_error(&s->text) == 0;
}

static bool take_language(struct ctl *c, enum language *out)
{
	const char *code = c->args.options[OPT_LANGUAGE];

	for (int i = 0; code != NULL && i < LANGUAGES; i++) {
		if (strcmp(codes[i], code) == 0) {
			*out = (enum language)i;
			return true;
		}
	}
	ctl_complain(c, "--language is missing or unknown: en or fr");
	return false;
}

/* A person is P1 to people, and 1 in a path. */
static void sheet_path(const struct ctl *c, char out[CTL_PATH_TEXT])
{
	const char *peer = c->args.options[OPT_PEER];

	snprintf(out, CTL_PATH_TEXT, "/v1/cases/%s/persons/%s/sheet%s%s", c->args.argument[0],
	    c->args.argument[1] + 1, peer != NULL ? "?peer=" : "", peer != NULL ? peer : "");
}

enum exit_status ctl_case_sheet(struct ctl *c)
{
	char path[CTL_PATH_TEXT], reason[CTL_REASON_TEXT];
	struct sheet s = {.language = LANGUAGES};
	enum exit_status status;
	json_t *json = NULL;

	if (!ctl_reason(c, reason) || !take_language(c, &s.language))
		return EXIT_USAGE;
	sheet_path(c, path);
	rxp_buf_init(&s.text, SHEET_MAX);
	status = ctl_call(
	    c, &(struct call_request){.method = "GET", .path = path, .headers = {reason}}, &json);
	if (status == EXIT_OK && !ctl_json(c, json)) {
		if (put_sheet(&s, c, json)) {
			status = file_write(c, c->args.options[OPT_OUT], FILE_PRIVATE, &s.text);
		} else {
			ctl_complain(c, "the daemon's answer is no sheet: is it of this version?");
			status = EXIT_FAILED;
		}
	}
	json_decref(json);
	rxp_buf_free(&s.text);
	return status;
}
