/* The journal: who did what at the desk and why documents were opened; and whether its chain is whole. */
#include "daemon/base/journal.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/view.h"
#include "protocol/base/codec.h"
#include "protocol/base/date.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/timestamp.h"

#define N_OF(columns) (sizeof(columns) / sizeof((columns)[0]))
#define UID_PREFIX "uid:"

/* --- the page -------------------------------------------------------------------------------------- */

/* The number of a user by name or number. false: this machine knows no such user. */
static bool user_number(struct ctl *c, const char *user, unsigned long *out)
{
	const struct passwd *known;
	char *end;

	*out = strtoul(user, &end, 10);
	if (end != user && *end == '\0')
		return true;
	known = getpwnam(user);
	if (known == NULL) {
		ctl_complain(c, "no user %s on this machine: give the number", user);
		return false;
	}
	*out = known->pw_uid;
	return true;
}

/* A day means its beginning in UTC. */
static void since_text(char out[RXP_TIME_TEXT], const char *since)
{
	int32_t day;

	snprintf(out, RXP_TIME_TEXT, "%.10s%s", since,
	    rxp_day_parse(&day, since) == 0 ? "T00:00:00.000Z" : since + RXP_DAY_TEXT - 1);
}

static bool list_path(struct ctl *c, char out[CTL_PATH_TEXT])
{
	const char *const *given = c->args.options;
	char since[RXP_TIME_TEXT];
	unsigned long uid;
	size_t used;

	snprintf(out, CTL_PATH_TEXT, "%s?limit=%u", c->args.command->path,
	    args_number(&c->args, OPT_LIMIT, 50));
	used = strlen(out);
	if (given[OPT_AFTER] != NULL)
		used += (size_t)snprintf(
		    out + used, CTL_PATH_TEXT - used, "&after=%s", given[OPT_AFTER]);
	if (given[OPT_CASE] != NULL)
		used +=
		    (size_t)snprintf(out + used, CTL_PATH_TEXT - used, "&case=%s", given[OPT_CASE]);
	if (given[OPT_PEER] != NULL)
		used +=
		    (size_t)snprintf(out + used, CTL_PATH_TEXT - used, "&peer=%s", given[OPT_PEER]);
	if (given[OPT_SINCE] != NULL) {
		since_text(since, given[OPT_SINCE]);
		used += (size_t)snprintf(out + used, CTL_PATH_TEXT - used, "&since=%s", since);
	}
	if (given[OPT_USER] == NULL)
		return true;
	if (!user_number(c, given[OPT_USER], &uid))
		return false;
	snprintf(out + used, CTL_PATH_TEXT - used, "&user=%lu", uid);
	return true;
}

/* Beside the number that the kernel told, the name that this machine has for it now. */
static void name_user(json_t *item)
{
	const char *user = json_string_value(json_object_get(item, "user"));
	const struct passwd *known;

	if (user == NULL || strncmp(user, UID_PREFIX, strlen(UID_PREFIX)) != 0)
		return;
	known = getpwuid((uid_t)strtoul(user + strlen(UID_PREFIX), NULL, 10));
	if (known != NULL)
		json_object_set_new(item, "user", json_sprintf("%s (%s)", user, known->pw_name));
}

static void print_page(struct ctl *c, const json_t *page)
{
	static const struct view_column COLUMNS[] = {{"N", "n"}, {"TIME", "at"}, {"USER", "user"},
	    {"ROLE", "role"}, {"ACTION", "action"}, {"REASON", "reason"}, {"PEER", "peer"},
	    {"CASE", "case_id"}, {"MESSAGE", "local_id"}};
	const json_t *items = json_object_get(page, "items");
	const json_t *next = json_object_get(page, "next");
	json_t *item;
	size_t i;

	if (json_array_size(items) == 0) {
		ctl_say(c, "no entries");
		return;
	}
	json_array_foreach(items, i, item)
	{
		name_user(item);
	}
	view_table(c->out, items, COLUMNS, N_OF(COLUMNS));
	if (json_is_integer(next))
		ctl_say(c, "more: --after %" JSON_INTEGER_FORMAT, json_integer_value(next));
}

enum exit_status ctl_journal_list(struct ctl *c)
{
	char path[CTL_PATH_TEXT];
	json_t *page = NULL;
	enum exit_status status;

	if (!list_path(c, path))
		return EXIT_USAGE;
	status = ctl_call(c, &(struct call_request){.method = "GET", .path = path}, &page);
	if (status == EXIT_OK && !ctl_json(c, page))
		print_page(c, page);
	json_decref(page);
	return status;
}

/* --- the chain ------------------------------------------------------------------------------------- */

static void take_text(char *out, size_t size, const json_t *item, const char *member)
{
	const char *text = json_string_value(json_object_get(item, member));

	snprintf(out, size, "%s", text != NULL ? text : "");
}

/* Absent ids are zeros. */
static bool take_id(uint8_t out[RXP_ID_OCTETS], const json_t *item, const char *member, int version)
{
	const char *text = json_string_value(json_object_get(item, member));

	return text == NULL || rxp_id_parse(out, text, version) == 0;
}

static bool take_row(struct rec_journal_row *row, const json_t *item)
{
	const char *at = json_string_value(json_object_get(item, "at"));
	const char *head = json_string_value(json_object_get(item, "head"));

	*row =
	    (struct rec_journal_row){.n = (uint64_t)json_integer_value(json_object_get(item, "n")),
		.number = (uint32_t)json_integer_value(json_object_get(item, "number"))};
	take_text(row->user, sizeof(row->user), item, "user");
	take_text(row->role, sizeof(row->role), item, "role");
	take_text(row->action, sizeof(row->action), item, "action");
	take_text(row->reason, sizeof(row->reason), item, "reason");
	take_text(row->peer, sizeof(row->peer), item, "peer");
	return at != NULL && head != NULL && rxp_time_parse(&row->at_ms, at) == 0 &&
	       take_id(row->case_id, item, "case_id", 4) &&
	       take_id(row->local_id, item, "local_id", 7) &&
	       rxp_hex_get(row->head, sizeof(row->head), head, false) == 0;
}

/* Go on with the chain; false where it does not hold, and said so. */
static bool check_page(struct ctl *c, const json_t *page, uint64_t *n, uint8_t head[32])
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(page, "items"), i, item)
	{
		struct rec_journal_row row;
		uint8_t next[32];

		if (!take_row(&row, item) || row.n != *n + 1 ||
		    journal_head(next, head, &row) != 0 ||
		    memcmp(next, row.head, sizeof(next)) != 0) {
			ctl_complain(c, "the journal does not hold at entry %llu",
			    (unsigned long long)*n + 1);
			return false;
		}
		memcpy(head, next, sizeof(next));
		*n = row.n;
	}
	return true;
}

/* Pages from the first entry on. */
static enum exit_status walk(struct ctl *c, uint64_t *n, uint8_t head[32])
{
	bool more = true;

	while (more) {
		char path[CTL_PATH_TEXT];
		json_t *page = NULL;
		enum exit_status status;
		uint64_t before = *n;
		bool holds;

		snprintf(path, sizeof(path), "%s?limit=%d&after=%llu", c->args.command->path,
		    ARGS_ROWS_MAX, (unsigned long long)*n);
		status = ctl_call(c, &(struct call_request){.method = "GET", .path = path}, &page);
		holds = status == EXIT_OK && check_page(c, page, n, head);
		more = json_is_integer(json_object_get(page, "next")) && *n > before;
		json_decref(page);
		if (!holds)
			return status != EXIT_OK ? status : EXIT_FAILED;
	}
	return EXIT_OK;
}

enum exit_status ctl_journal_verify(struct ctl *c)
{
	uint8_t head[32] = {0};
	char hex[RXP_DIGEST_HEX];
	uint64_t n = 0;
	enum exit_status status = walk(c, &n, head);
	json_t *json;

	if (status != EXIT_OK)
		return status;
	rxp_hex_put(hex, head, sizeof(head), false);
	json = json_pack("{s:I, s:s}", "entries", (json_int_t)n, "head", hex);
	if (!ctl_json(c, json))
		fprintf(c->out, "%llu entries, head %s\n", (unsigned long long)n, hex);
	json_decref(json);
	return EXIT_OK;
}
