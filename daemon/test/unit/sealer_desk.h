/*
 * sealer_desk - one State, QRA, whose desk has a sealer check what people wrote.
 *
 * For one test program each: the State is its own variable.
 */
#ifndef UNIT_SEALER_DESK_H
#define UNIT_SEALER_DESK_H

#include "daemon/sealer/check.h"
#include "daemon/test/unit/sealer_fixture.h"
#include "protocol/init.h"

#define BODY " xmlns=\"urn:rxp:1:body\"" /* of the element that a body is */

static struct test_state a;

static inline int set_up(void **state)
{
	(void)state;
	assert_int_equal(rxp_init(), 0);
	state_new(&a, "QRA");
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	state_free(&a);
	rxp_cleanup();
	return 0;
}

static inline int check_with(struct reply *checked, struct bytes body, struct bytes attachments)
{
	const struct msg_check q = content_check(body, attachments);

	reply_init(checked);
	assert_int_equal(check_handle(a.node, &q, checked), 0);
	return (int)checked->body.checked.result;
}

static inline int check_octets(struct reply *checked, const uint8_t *octets, size_t len)
{
	return check_with(checked, (struct bytes){octets, len}, (struct bytes){NULL, 0});
}

static inline int check_text(struct reply *checked, const char *text)
{
	return check_octets(checked, (const uint8_t *)text, strlen(text));
}

#endif
