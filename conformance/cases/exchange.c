#include "conformance/cases/exchange.h"

#include <stdlib.h>

#include "conformance/cases/expect_words.h"

#define STEPS(...) \
	{ \
		__VA_ARGS__ \
	}
#define NOTHING \
	{ \
		{ \
			NULL \
		} \
	}
/* method, path, content type, body, its octets, Content-Range, status, another one, rxp-offset, form */
#define STEP(method, path, type, body, from, to, range, status, or, offset, form) \
	{ \
		method, path, type, BODY_##body, from, to, range, STATUS(status), or, offset, \
		    form, NULL, NULL \
	}
#define FILE_PATH "/rxp/1/attachments/@NAME@"
#define RXP_TYPE "application/rxp+xml"
#define PUT_AS(body, from, to, range, status, or) \
	STEP("PUT", FILE_PATH, NULL, body, from, to, range, status, or, EXCHANGE_NO_OFFSET, \
	    FORM_ANY)
#define PUT_BODY(body, from, to, status) PUT_AS(body, from, to, NULL, status, 0)
#define PUT(from, to, status) PUT_BODY(FILE, from, to, status)
#define PUT_REFUSED_BODY(body, from, to, offset) \
	STEP("PUT", FILE_PATH, NULL, body, from, to, NULL, 409, 0, offset, FORM_ANY)
#define PUT_REFUSED(from, to, offset) PUT_REFUSED_BODY(FILE, from, to, offset)
#define HEAD(status, offset) \
	STEP("HEAD", FILE_PATH, NULL, NONE, 0, 0, NULL, status, 0, offset, FORM_EMPTY)
#define REQUEST(method, path, type, body, status) \
	STEP(method, path, type, body, 0, EXCHANGE_END, NULL, status, 0, EXCHANGE_NO_OFFSET, \
	    FORM_ANY)
#define GET(path, status) REQUEST("GET", path, NULL, NONE, status)
#define GET_EMPTY(path, status) \
	STEP("GET", path, NULL, NONE, 0, 0, NULL, status, 0, EXCHANGE_NO_OFFSET, FORM_EMPTY)
/* A product may have a message for the suite's State, and gives it. */
#define GET_MESSAGE(path) \
	STEP("GET", path, NULL, NONE, 0, 0, NULL, 204, 200, EXCHANGE_NO_OFFSET, FORM_ENVELOPE)
#define GET_FORM(path, form) \
	STEP("GET", path, NULL, NONE, 0, 0, NULL, 200, 0, EXCHANGE_NO_OFFSET, FORM_##form)
#define GET_WITH(field, value, path, form) \
	{ \
		"GET", path, NULL, BODY_NONE, 0, 0, NULL, STATUS(200), 0, EXCHANGE_NO_OFFSET, \
		    FORM_##form, field, value \
	}
#define POST(path, body, status) REQUEST("POST", path, RXP_TYPE, body, status)
#define PAGE(body) \
	STEP("POST", "/rxp/1/log", RXP_TYPE, body, 0, EXCHANGE_END, NULL, 422, 204, \
	    EXCHANGE_NO_OFFSET, FORM_EMPTY)
#define ANSWER(body, status) POST("/rxp/1/answers", body, status)
#define SENT(expected) \
	{ \
		"", NULL, NULL, BODY_NONE, 0, 0, NULL, expected, 0, EXCHANGE_NO_OFFSET, FORM_ANY, \
		    NULL, NULL \
	}
#define UPLOADED(...) \
	{ \
		PUT(0, EXCHANGE_END, 201), __VA_ARGS__ \
	}

static const struct exchange exchanges[] = {
#define EXCHANGE(requirement, number, name, before, tried, after) \
	{{requirement "." number, "RXP-" requirement, name}, before, tried, after},
#include "conformance/cases/exchange_attachment.def"
#include "conformance/cases/exchange_pull.def"
#undef EXCHANGE
};
#define N_EXCHANGES (sizeof exchanges / sizeof exchanges[0])

size_t exchange_total(void)
{
	return N_EXCHANGES;
}

const struct exchange *exchange_at(size_t i)
{
	if (i >= N_EXCHANGES)
		abort();
	return &exchanges[i];
}
