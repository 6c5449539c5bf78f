#include "conformance/wire/frames_inside.h"

void frames_forget(struct frames_stream *s)
{
	wire_response_clear(&s->response);
	*s = (struct frames_stream){0};
}

struct frames_stream *frames_slot(struct frames *f, uint32_t id)
{
	struct frames_stream *s = &f->streams[id / 2 % FRAMES_STREAMS];

	if (s->id != id) {
		frames_forget(s);
		*s = (struct frames_stream){.id = id, .window = f->initial_window};
		wire_response_init(&s->response);
	}
	return s;
}

const struct frames_stream *frames_stream(const struct frames *f, uint32_t id)
{
	const struct frames_stream *s = &f->streams[id / 2 % FRAMES_STREAMS];

	return s->id == id && id != 0 ? s : NULL;
}
