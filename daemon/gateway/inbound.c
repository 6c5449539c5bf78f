#include "daemon/gateway/inbound.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/gateway/conn.h"
#include "daemon/gateway/limits.h"

#define NETWORK_OCTETS 8 /* of IPv6: a host has all addresses of a /64 */

/* The same host, whatever the port. */
static bool same_host(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	struct sockaddr_in6 x, y;
	struct sockaddr_in p, q;

	if (a->ss_family != b->ss_family)
		return false;
	if (a->ss_family == AF_INET) {
		memcpy(&p, a, sizeof p);
		memcpy(&q, b, sizeof q);
		return p.sin_addr.s_addr == q.sin_addr.s_addr;
	}
	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return memcmp(&x.sin6_addr, &y.sin6_addr,
		   IN6_IS_ADDR_V4MAPPED(&x.sin6_addr) ? sizeof x.sin6_addr : NETWORK_OCTETS) == 0;
}

struct inbound *inbound_new(
    struct inbound_set *set, struct server *server, const struct sockaddr_storage *address)
{
	struct inbound *in, *oldest = NULL;
	size_t half_open = 0;

	for (in = set->first; in != NULL; in = in->next) {
		if (in->open)
			continue;
		oldest = in;
		half_open += same_host(&in->address, address);
	}
	if (half_open >= GATEWAY_HALF_OPEN_PER_ADDRESS)
		return NULL;
	if (set->count >= GATEWAY_INBOUND) {
		/* Its place is free only when it is buried: the newcomer has to come again. */
		if (oldest != NULL)
			conn_close(oldest->conn, TRANSPORT_TOO_MANY);
		return NULL;
	}
	in = calloc(1, sizeof *in);
	if (in == NULL)
		return NULL;
	in->set = set;
	in->server = server;
	in->address = *address;
	in->next = set->first;
	if (set->first != NULL)
		set->first->prev = in;
	set->first = in;
	set->count++;
	return in;
}

void inbound_free(struct inbound *in)
{
	if (in->prev != NULL)
		in->prev->next = in->next;
	else
		in->set->first = in->next;
	if (in->next != NULL)
		in->next->prev = in->prev;
	in->set->count--;
	inbound_release(in, in->reserved);
	free(in);
}

void inbound_open(struct inbound *in)
{
	in->open = true;
}

size_t inbound_of_party(const struct inbound_set *set, const char party[4])
{
	const struct inbound *in;
	size_t n = 0;

	for (in = set->first; in != NULL; in = in->next)
		n += in->open && strcmp(conn_party(in->conn), party) == 0;
	return n;
}

bool inbound_reserve(struct inbound *in, size_t octets)
{
	struct inbound_set *set = in->set;
	const struct inbound *other;
	size_t party = octets;

	for (other = set->first; other != NULL; other = other->next) {
		if (other->open && strcmp(conn_party(other->conn), conn_party(in->conn)) == 0)
			party += other->reserved;
	}
	if (party > GATEWAY_BODY_OCTETS_PER_PARTY || octets > GATEWAY_BODY_OCTETS - set->reserved)
		return false;
	in->reserved += octets;
	set->reserved += octets;
	return true;
}

void inbound_release(struct inbound *in, size_t octets)
{
	in->reserved -= octets;
	in->set->reserved -= octets;
}

void inbound_resume(const struct inbound_set *set)
{
	const struct inbound *in;

	for (in = set->first; in != NULL; in = in->next)
		conn_pause(in->conn, false);
}
