#include "conformance/cases/course.h"

#include <stdlib.h>

#include "conformance/cases/expect_words.h"

/* What the State that asks says, or the one that is asked: as ever, or with the content of an example and edits of that. */
#define ASKS(event) \
	{ \
		RXP_CASE_EVENT_##event, RXP_CASE_REQUESTING, NULL, \
		{ \
			{ \
				NULL, NULL, NULL \
			} \
		} \
	}
#define ASKED(event) \
	{ \
		RXP_CASE_EVENT_##event, RXP_CASE_REQUESTED, NULL, \
		{ \
			{ \
				NULL, NULL, NULL \
			} \
		} \
	}
#define ASKS_BY(event, example, ...) \
	{ \
		RXP_CASE_EVENT_##event, RXP_CASE_REQUESTING, example, \
		{ \
			__VA_ARGS__ \
		} \
	}
#define ASKED_BY(event, example, ...) \
	{ \
		RXP_CASE_EVENT_##event, RXP_CASE_REQUESTED, example, \
		{ \
			__VA_ARGS__ \
		} \
	}
#define WAY(...) \
	(sizeof((struct course_step[]){__VA_ARGS__}) / sizeof(struct course_step)), \
	{ \
		__VA_ARGS__ \
	}
#define NO_WAY \
	0, \
	{ \
		{ \
			0 \
		} \
	}
#define AS_IT_IS \
	{ \
		NULL, NULL, NULL \
	}
#define SPAN(from, until, replace) \
	{ \
		from, until, replace \
	}
#define WITHOUT(element) \
	{ \
		"<" element ">", "</" element ">", "" \
	}
#define MUST_SAY(flag) (1U << RXP_FLAG_##flag)

static const struct course courses[] = {
#define COURSE(requirement, number, name, way, said, change, expected, flags) \
	{{requirement "." number, "RXP-" requirement, name}, way, said, change, expected, flags},
#include "conformance/cases/course.def"
#undef COURSE
};
#define N_COURSES (sizeof courses / sizeof courses[0])

size_t course_total(void)
{
	return N_COURSES;
}

const struct course *course_at(size_t i)
{
	if (i >= N_COURSES)
		abort();
	return &courses[i];
}
