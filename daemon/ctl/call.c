#include "daemon/ctl/call.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

#define URL_TEXT 512

static size_t on_octets(char *octets, size_t size, size_t n, void *arg)
{
	return rxp_buf_put(arg, octets, size * n) == 0 ? size * n : 0;
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

static CURLcode set_request(CURL *curl, const struct call_request *r, struct curl_slist *headers)
{
	CURLcode code = curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);

	if (code == CURLE_OK && strcmp(r->method, "POST") == 0)
		code = curl_easy_setopt(curl, CURLOPT_POST, 1L);
	if (code == CURLE_OK && strcmp(r->method, "POST") == 0)
		code = curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)r->body_len);
	if (code == CURLE_OK && strcmp(r->method, "POST") == 0)
		code = curl_easy_setopt(curl, CURLOPT_POSTFIELDS, r->body_len > 0 ? r->body : "");
	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)(r->wait_s + CALL_SECONDS));
	return code;
}

static CURLcode set_transport(CURL *curl, const char *path, struct rxp_buf *out)
{
	CURLcode code = curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, path);

	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_PROXY, "");
	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_octets);
	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_WRITEDATA, out);
	return code;
}

enum call_result call_socket(
    void *arg, const char *socket, const struct call_request *request, struct call_answer *answer)
{
	enum call_result result = CALL_FAILED;
	struct curl_slist *headers = NULL, *more;
	char url[URL_TEXT], media[64];
	CURL *curl = curl_easy_init();
	CURLcode code = CURLE_OUT_OF_MEMORY;

	(void)arg;
	snprintf(url, sizeof(url), "http://localhost%s", request->path);
	snprintf(media, sizeof(media), "Content-Type:%s%s", request->media != NULL ? " " : "",
	    request->media != NULL ? request->media : "");
	/* Without a value the header that curl would set by itself is left out. */
	headers = curl_slist_append(NULL, media);
	more = curl_slist_append(headers, "Expect:");
	if (curl == NULL || headers == NULL || more == NULL)
		goto done;
	code = curl_easy_setopt(curl, CURLOPT_URL, url);
	if (code == CURLE_OK)
		code = set_transport(curl, socket, &answer->body);
	if (code == CURLE_OK)
		code = set_request(curl, request, headers);
	if (code == CURLE_OK)
		code = curl_easy_perform(curl);
	result = result_of(curl, code);
	if (result == CALL_DONE)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
done:
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	return result;
}
