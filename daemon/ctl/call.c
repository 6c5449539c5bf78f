#include "daemon/ctl/call.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

#define URL_TEXT 8192 /* a document may name many attachments */

struct call {
	CURL *curl;
	const struct call_request *request;
	struct call_answer *answer;
};

/* What is not the file asked for is a problem document, and kept apart from the file. */
static size_t on_octets(char *octets, size_t size, size_t n, void *arg)
{
	struct call *c = arg;
	long status = 0;

	curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
	if (c->request->to != NULL && status == 200)
		return fwrite(octets, size, n, c->request->to) * size;
	return rxp_buf_put(&c->answer->body, octets, size * n) == 0 ? size * n : 0;
}

static size_t on_wanted(char *octets, size_t size, size_t n, void *arg)
{
	const struct call *c = arg;
	size_t got = fread(octets, size, n, c->request->from);

	return got == 0 && ferror(c->request->from) ? CURL_READFUNC_ABORT : got * size;
}

static int on_progress(
    void *arg, curl_off_t down_all, curl_off_t down, curl_off_t up_all, curl_off_t up)
{
	const struct call_request *r = ((const struct call *)arg)->request;

	(void)down_all;
	(void)up_all;
	if (r->progress != NULL)
		r->progress(r->progress_arg, (uint64_t)(r->from != NULL ? up : down));
	return 0;
}

static enum call_result result_of(CURL *curl, CURLcode code)
{
	long error = 0;

	if (code == CURLE_OK)
		return CALL_DONE;
	if (code == CURLE_OPERATION_TIMEDOUT)
		return CALL_TIMEOUT;
	if (code != CURLE_COULDNT_CONNECT)
		return CALL_FAILED;
	curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &error);
	return error == EACCES || error == EPERM ? CALL_NOT_PERMITTED : CALL_NO_DAEMON;
}

/* A file takes the time that it takes, as long as it moves. */
static CURLcode set_time(CURL *curl, const struct call_request *r)
{
	CURLcode code;

	if (r->from == NULL && r->to == NULL)
		return curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)(r->wait_s + CALL_SECONDS));
	code = curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)CALL_STALL_SECONDS);
	return code;
}

static CURLcode set_body(struct call *c)
{
	const struct call_request *r = c->request;
	CURLcode code = curl_easy_setopt(c->curl, CURLOPT_POST, 1L);

	if (code == CURLE_OK)
		code =
		    curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
	if (code == CURLE_OK && r->from == NULL)
		return curl_easy_setopt(
		    c->curl, CURLOPT_POSTFIELDS, r->body_len > 0 ? r->body : "");
	if (code == CURLE_OK)
		code = curl_easy_setopt(c->curl, CURLOPT_READFUNCTION, on_wanted);
	if (code == CURLE_OK)
		code = curl_easy_setopt(c->curl, CURLOPT_READDATA, c);
	return code;
}

static CURLcode set_request(struct call *c, struct curl_slist *headers)
{
	CURLcode code = curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);

	if (code == CURLE_OK && strcmp(c->request->method, "POST") == 0)
		code = set_body(c);
	if (code == CURLE_OK)
		code = curl_easy_setopt(c->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	if (code == CURLE_OK)
		code = curl_easy_setopt(c->curl, CURLOPT_XFERINFODATA, c);
	if (code == CURLE_OK)
		code = curl_easy_setopt(c->curl, CURLOPT_NOPROGRESS, 0L);
	return code != CURLE_OK ? code : set_time(c->curl, c->request);
}

static CURLcode set_transport(struct call *c, const char *path)
{
	CURLcode code = curl_easy_setopt(c->curl, CURLOPT_UNIX_SOCKET_PATH, path);

	if (code == CURLE_OK)
		code = curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http");
	if (code == CURLE_OK)
		code = curl_easy_setopt(c->curl, CURLOPT_PROXY, "");
	if (code == CURLE_OK)
		code = curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
	if (code == CURLE_OK)
		code = curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_octets);
	if (code == CURLE_OK)
		code = curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, c);
	return code;
}

/* The headers of the request; false without memory, and *out is to be freed all the same. */
static bool make_headers(struct curl_slist **out, const struct call_request *r)
{
	const char *own[CALL_HEADERS_MAX + 2] = {"Expect:"};
	char media[64];

	snprintf(media, sizeof(media), "Content-Type:%s%s", r->media != NULL ? " " : "",
	    r->media != NULL ? r->media : "");
	/* Without a value the header that curl would set by itself is left out. */
	own[1] = media;
	memcpy(own + 2, r->headers, sizeof(r->headers));
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]) && own[i] != NULL; i++) {
		struct curl_slist *more = curl_slist_append(*out, own[i]);

		if (more == NULL)
			return false;
		*out = more;
	}
	return true;
}

static void keep_header(CURL *curl, const char *name, char out[CALL_NOTE_TEXT])
{
	struct curl_header *header;

	if (curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
		snprintf(out, CALL_NOTE_TEXT, "%s", header->value);
}

enum call_result call_socket(
    void *arg, const char *socket, const struct call_request *request, struct call_answer *answer)
{
	struct call c = {curl_easy_init(), request, answer};
	enum call_result result = CALL_FAILED;
	struct curl_slist *headers = NULL;
	char url[URL_TEXT];
	CURLcode code = CURLE_OUT_OF_MEMORY;

	(void)arg;
	snprintf(url, sizeof(url), "http://localhost%s", request->path);
	if (c.curl == NULL || !make_headers(&headers, request))
		goto done;
	code = curl_easy_setopt(c.curl, CURLOPT_URL, url);
	if (code == CURLE_OK)
		code = set_transport(&c, socket);
	if (code == CURLE_OK)
		code = set_request(&c, headers);
	if (code == CURLE_OK)
		code = curl_easy_perform(c.curl);
	result = result_of(c.curl, code);
	if (result == CALL_DONE) {
		curl_easy_getinfo(c.curl, CURLINFO_RESPONSE_CODE, &answer->status);
		keep_header(c.curl, "Readmit-Not-Shown", answer->not_shown);
		keep_header(c.curl, "Readmit-Corrected", answer->corrected);
		keep_header(c.curl, "Readmit-Correction-Asked", answer->asked);
	}
done:
	curl_slist_free_all(headers);
	curl_easy_cleanup(c.curl);
	return result;
}
