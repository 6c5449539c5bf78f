/* Attachments: files in, and files out. */
#include "daemon/desk/api.h"

#include <stdio.h>
#include <string.h>

#include "daemon/desk/ask.h"
#include "daemon/desk/attachment.h"
#include "daemon/desk/download.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/problem.h"
#include "daemon/desk/upload.h"

/* A parameter that is a word of the list. false: the request is answered. */
static bool word(
    struct http_request *r, const char *name, enum attachment_list list, const char **out)
{
	char reason[RECORD_NAME_MAX];

	*out = http_query(r, name);
	if (*out != NULL && attachment_listed(list, *out))
		return true;
	snprintf(reason, sizeof(reason), "%s is missing or unknown", name);
	problem_reply(r, PROBLEM_QUERY, reason);
	return false;
}

void api_attachment_add(struct http_request *r)
{
	struct upload_facts facts;

	if (word(r, "type", ATTACHMENT_TYPES, &facts.type) &&
	    word(r, "media_type", ATTACHMENT_MEDIAS, &facts.media_type) &&
	    word(r, "checked_by", ATTACHMENT_CHECKERS, &facts.checked_by))
		upload_begin(r, &facts);
}

static void got(struct http_request *r, const struct link_message *answer)
{
	const struct msg_attachment_not_got *none = answer->body;

	if (answer->type == IPC_attachment_not_got)
		problem_reply_result(
		    r, none->result, none->problem[0] != '\0' ? none->problem : NULL);
	else
		download_begin(r, answer);
}

static void read_attachment(struct http_request *r, bool disputes)
{
	struct msg_attachment_get m = {.number = http_values(r)->number, .disputes = disputes};

	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	snprintf(m.reason, sizeof(m.reason), "%s", http_header(r, "Readmit-Reason"));
	memcpy(m.local_id, http_values(r)->id, sizeof(m.local_id));
	ask_put(http_api(r)->ask, r, IPC_attachment_get, &m, false, got);
}

void api_message_attachment(struct http_request *r)
{
	read_attachment(r, false);
}

void api_message_blocked_attachment(struct http_request *r)
{
	read_attachment(r, true);
}

void api_inbox_attachment(struct http_request *r)
{
	read_attachment(r, false);
}
