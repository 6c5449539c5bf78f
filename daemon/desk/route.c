#include "daemon/desk/route.h"

#include <stdio.h>
#include <string.h>

#include "daemon/desk/api.h"
#include "daemon/desk/attachment.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define PROFILE_SIGNS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-"

const struct route route_table[] = {
#define ROUTE(name, method, path, role, query, headers, media, body, body_max, summary) \
	{#name, ROUTE_##method, path, API_##role, query, headers, media, ROUTE_##body, body_max, \
	    summary, api_##name},
#include "daemon/desk/route.def"
#undef ROUTE
};

const size_t route_count = sizeof(route_table) / sizeof(route_table[0]);

static const char *const METHODS[ROUTE_METHODS] = {
    [ROUTE_GET] = "GET",
    [ROUTE_POST] = "POST",
};

const char *route_method_name(enum route_method m)
{
	return METHODS[m];
}

bool route_listed(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (len > 0 && *list != '\0') {
		size_t n = strcspn(list, " ");

		if (n == len && memcmp(list, word, n) == 0)
			return true;
		list += n + (list[n] == ' ');
	}
	return false;
}

static bool take_party(struct route_values *values, const char *text)
{
	if (!rxp_party_valid(text))
		return false;
	memcpy(values->party, text, sizeof(values->party));
	return true;
}

static bool take_id(struct route_values *values, const char *text)
{
	return rxp_id_parse(values->id, text, 7) == 0;
}

static bool take_case(struct route_values *values, const char *text)
{
	return rxp_id_parse(values->id, text, 4) == 0;
}

static bool take_up_to(struct route_values *values, const char *text, uint32_t max)
{
	uint64_t number = 0;

	if (*text < '1')
		return false;
	for (; *text >= '0' && *text <= '9'; text++) {
		number = number * 10 + (uint64_t)(*text - '0');
		if (number > max)
			return false;
	}
	values->number = (uint32_t)number;
	return *text == '\0' && number > 0;
}

/* A number of RXP-ATT-002. */
static bool take_number(struct route_values *values, const char *text)
{
	return take_up_to(values, text, RXP_MAX_ATTACHMENTS);
}

static bool take_version(struct route_values *values, const char *text)
{
	return take_up_to(values, text, RXP_MAX_TERMS_VERSION);
}

/* As RXP-DOC-010 has it; which of them there are, the registry knows. */
static bool take_profile(struct route_values *values, const char *text)
{
	if (text[0] == '\0' || text[0] == '.' || strspn(text, PROFILE_SIGNS) != strlen(text))
		return false;
	snprintf(values->profile, sizeof(values->profile), "%s", text);
	return true;
}

bool route_profile(struct route_values *values, const char *text)
{
	char id[RXP_PROFILE_TEXT];
	size_t len = strcspn(text, "/");

	if (len >= sizeof(id) || text[len] != '/')
		return false;
	memcpy(id, text, len);
	id[len] = '\0';
	return take_profile(values, id) && take_version(values, text + len + 1);
}

static const struct {
	const char *name;
	bool (*take)(struct route_values *values, const char *text);
} VARIABLES[] = {{"{party}", take_party}, {"{id}", take_id}, {"{case}", take_case},
    {"{number}", take_number}, {"{profile}", take_profile}, {"{version}", take_version}};

/* Take the n octets of one path segment as the variable that the template names. */
static bool take_value(
    struct route_values *values, const char *name, size_t name_len, const char *text, size_t n)
{
	char copy[RXP_PROFILE_TEXT];

	if (n >= sizeof(copy))
		return false;
	memcpy(copy, text, n);
	copy[n] = '\0';
	for (size_t i = 0; i < sizeof(VARIABLES) / sizeof(VARIABLES[0]); i++)
		if (strlen(VARIABLES[i].name) == name_len &&
		    memcmp(VARIABLES[i].name, name, name_len) == 0)
			return VARIABLES[i].take(values, copy);
	return false;
}

static bool path_matches(const char *template, const char *path, struct route_values *values)
{
	while (*template == '/' && *path == '/') {
		size_t want = strcspn(++template, "/"), have = strcspn(++path, "/");

		if (*template == '{') {
			if (!take_value(values, template, want, path, have))
				return false;
		} else if (want != have || memcmp(template, path, want) != 0) {
			return false;
		}
		template += want;
		path += have;
	}
	return *template == '\0' && *path == '\0';
}

static void allow_add(char allow[ROUTE_ALLOW_TEXT], enum route_method m)
{
	size_t used = strlen(allow);

	snprintf(allow + used, ROUTE_ALLOW_TEXT - used, "%s%s", used > 0 ? ", " : "",
	    m == ROUTE_GET ? "GET, HEAD" : METHODS[m]);
}

int route_find(const struct route **out, struct route_values *values, char allow[ROUTE_ALLOW_TEXT],
    const char *method, const char *path)
{
	char methods[ROUTE_ALLOW_TEXT] = "";

	if (strcmp(method, "HEAD") == 0)
		method = METHODS[ROUTE_GET];
	for (size_t i = 0; i < route_count; i++) {
		struct route_values v = {0};

		if (!path_matches(route_table[i].path, path, &v))
			continue;
		if (strcmp(METHODS[route_table[i].method], method) == 0) {
			*out = &route_table[i];
			*values = v;
			return 0;
		}
		allow_add(methods, route_table[i].method);
	}
	if (methods[0] == '\0')
		return RXP_ERR_NOT_FOUND;
	memcpy(allow, methods, sizeof(methods));
	return RXP_ERR_UNSUPPORTED;
}
