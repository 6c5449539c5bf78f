/*
 * expect_words - how the tables of cases say what they expect. For the modules that read those tables, and no others.
 */
#ifndef CONFORM_EXPECT_WORDS_H
#define CONFORM_EXPECT_WORDS_H

#include "conformance/cases/case.h"
#include "protocol/message/answer.h"

/* Without a comma, so that tables may name it in macros of their own. */
#define RECEIPT \
	{ \
		.kind = EXPECT_RECEIPT \
	}
#define SAME \
	{ \
		EXPECT_SAME, 0 \
	}
#define REFUSES(code) \
	{ \
		EXPECT_REFUSAL, RXP_REFUSAL_##code \
	}
#define STATUS(number) \
	{ \
		EXPECT_STATUS, number \
	}
#define NO_HTTP \
	{ \
		EXPECT_NO_HTTP, 0 \
	}

#endif
