#include "daemon/ctl/web.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "protocol/base/err.h"

#define HEADER_TEXT 96
#define STATUS_OK 200

static size_t on_octets(char *octets, size_t size, size_t n, void *arg)
{
	return rxp_buf_put(arg, octets, size * n) == 0 ? size * n : 0;
}

static bool add_header(struct curl_slist **list, const char *name, const char *value)
{
	char header[HEADER_TEXT];
	struct curl_slist *more;

	snprintf(header, sizeof(header), "%s: %s", name, value);
	more = curl_slist_append(*list, header);
	if (more != NULL)
		*list = more;
	return more != NULL;
}

#define SET(option, value) (code == CURLE_OK ? curl_easy_setopt(curl, option, value) : code)

static CURLcode set_up(CURL *curl, const struct web_question *q, struct curl_slist *headers,
    struct rxp_buf *answer, char why[CURL_ERROR_SIZE])
{
	CURLcode code = curl_easy_setopt(curl, CURLOPT_URL, q->url);

	code = SET(CURLOPT_PROTOCOLS_STR, "http,https");
	code = SET(CURLOPT_FOLLOWLOCATION, 0L);
	code = SET(CURLOPT_TIMEOUT, (long)WEB_SECONDS);
	code = SET(CURLOPT_NOSIGNAL, 1L);
	code = SET(CURLOPT_ERRORBUFFER, why);
	code = SET(CURLOPT_HTTPHEADER, headers);
	code = SET(CURLOPT_POST, 1L);
	code = SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body_len);
	code = SET(CURLOPT_POSTFIELDS, q->body);
	code = SET(CURLOPT_WRITEFUNCTION, on_octets);
	return SET(CURLOPT_WRITEDATA, answer);
}

/* The media type alone, without what may follow it. */
static bool is_media(const char *is, const char *should)
{
	size_t n = strlen(should);

	return is != NULL && strncasecmp(is, should, n) == 0 && strchr("; \t", is[n]) != NULL;
}

/* Nothing of an answer that is not taken is shown: it is a stranger's. */
static int judge(CURL *curl, const struct web_question *q, char problem[WEB_PROBLEM_TEXT])
{
	const char *media = NULL;
	long status = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &media);
	if (status != STATUS_OK)
		snprintf(problem, WEB_PROBLEM_TEXT, "it answered with HTTP status %ld", status);
	else if (!is_media(media, q->accept))
		snprintf(problem, WEB_PROBLEM_TEXT, "its answer is no %s", q->accept);
	else
		return 0;
	return RXP_ERR_IO;
}

int web_post(
    void *arg, const struct web_question *q, struct rxp_buf *answer, char problem[WEB_PROBLEM_TEXT])
{
	char why[CURL_ERROR_SIZE] = "";
	struct curl_slist *headers = NULL;
	CURL *curl = curl_easy_init();
	CURLcode code = CURLE_OUT_OF_MEMORY;
	int rc = RXP_ERR_IO;

	(void)arg;
	if (curl != NULL && add_header(&headers, "Content-Type", q->media) &&
	    add_header(&headers, "Accept", q->accept))
		code = set_up(curl, q, headers, answer, why);
	if (code == CURLE_OK)
		code = curl_easy_perform(curl);
	if (code == CURLE_OK)
		rc = judge(curl, q, problem);
	else if (rxp_buf_error(answer) != 0)
		snprintf(problem, WEB_PROBLEM_TEXT, "its answer is too long");
	else
		snprintf(problem, WEB_PROBLEM_TEXT, "%.200s",
		    why[0] != '\0' ? why : curl_easy_strerror(code));
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	return rc;
}
