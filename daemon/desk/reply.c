#include "daemon/desk/reply.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "daemon/desk/http.h"

void reply_with(struct http_request *r, const struct reply *reply)
{
	char *text = reply->json != NULL ? json_dumps(reply->json, JSON_COMPACT) : NULL;

	if (text == NULL)
		http_abandon(r);
	else
		http_reply(r, &(struct http_reply){.status = reply->status,
				  .media = reply->media != NULL ? reply->media : "application/json",
				  .octets = text,
				  .len = strlen(text),
				  .header = reply->header,
				  .value = reply->value});
	free(text);
	json_decref(reply->json);
}

void reply_json(struct http_request *r, struct json_t *json)
{
	reply_with(r, &(struct reply){.status = 200, .json = json});
}
