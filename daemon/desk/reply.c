#include "daemon/desk/reply.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

void reply_with(struct http_request *r, const struct reply *reply)
{
	struct http_reply http = {.status = reply->status,
	    .media = reply->media != NULL ? reply->media : "application/json"};
	char *text = reply->json != NULL ? json_dumps(reply->json, JSON_COMPACT) : NULL;

	if (text == NULL) {
		http_abandon(r);
	} else {
		http.octets = text;
		http.len = strlen(text);
		memcpy(http.headers, reply->headers, sizeof(http.headers));
		http_reply(r, &http);
	}
	free(text);
	json_decref(reply->json);
}

void reply_json(struct http_request *r, struct json_t *json)
{
	reply_with(r, &(struct reply){.status = 200, .json = json});
}
