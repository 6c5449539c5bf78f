#include "conformance/hear/greets.h"

#include "conformance/state/parties.h"
#include "conformance/state/state.h"

#define SMALL_WINDOW 512 /* octets */

void greet_closed(struct greeting *g, const struct parties *parties)
{
	(void)parties;
	g->closed = g->odd = true;
}

void greet_plain(struct greeting *g, const struct parties *parties)
{
	(void)parties;
	g->plain = g->odd = true;
}

void greet_stray(struct greeting *g, const struct parties *parties)
{
	g->credential = &parties->own->stray;
	g->odd = true;
}

void greet_seal(struct greeting *g, const struct parties *parties)
{
	g->credential = &parties->own->seal;
	g->odd = true;
}

void greet_tls_12(struct greeting *g, const struct parties *parties)
{
	(void)parties;
	g->old_tls = g->odd = true;
}

void greet_no_protocol(struct greeting *g, const struct parties *parties)
{
	(void)parties;
	g->protocol = "";
	g->odd = true;
}

void greet_http_1(struct greeting *g, const struct parties *parties)
{
	(void)parties;
	g->protocol = "http/1.1";
	g->odd = true;
}

void greet_expired(struct greeting *g, const struct parties *parties)
{
	g->credential = &parties->own->tls_expired;
}

void greet_future(struct greeting *g, const struct parties *parties)
{
	g->credential = &parties->own->tls_future;
}

void greet_named(struct greeting *g, const struct parties *parties)
{
	g->credential = &parties->own->tls_named;
}

void greet_window(struct greeting *g, const struct parties *parties)
{
	(void)parties;
	g->window = SMALL_WINDOW;
}
