/*
 * registry_suspect_rig - what tests of keys that are not known share: a key that the gateway saw, and what comes of the question for the
 * peer's descriptor.
 */
#ifndef UNIT_REGISTRY_SUSPECT_RIG_H
#define UNIT_REGISTRY_SUSPECT_RIG_H

#include "daemon/test/unit/registry_world.h"

static inline struct peer *the_peer(struct world *w)
{
	return peers_find(w->assembly->peers, PEER);
}

static inline struct peer *begin(struct world *w)
{
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	return the_peer(w);
}

static inline void hear(struct world *w, const char *party)
{
	struct msg_pin_unknown m = {.party = ""};

	memcpy(m.party, party, strlen(party) + 1);
	assert_int_equal(link_request(w->gateway, IPC_pin_unknown, &m, NULL, 0, NULL), 0);
	pump_for(w->loop, 20);
}

/* The gateway's answer to a question: a descriptor, or none. */
static inline void fetched_for(struct world *w, uint64_t request, const char *octets)
{
	struct msg_descriptor_fetched m = {.outcome = octets == NULL ? (uint32_t)RXP_ERR_IO : 0,
	    .http_status = octets == NULL ? 0 : 200};

	if (octets != NULL)
		m.octets = (struct bytes){(const uint8_t *)octets, strlen(octets)};
	assert_int_equal(link_answer(w->gateway, IPC_descriptor_fetched, request, &m, NULL, 0), 0);
}

static inline void fetched(struct world *w, const char *octets)
{
	fetched_for(w, w->fetch, octets);
}

/* The peer has a newer identity part. */
static inline void newer(struct world *w)
{
	w->descriptor.identity_serial++;
	w->descriptor.identity[0]++;
	w->descriptor.working_created_ms++;
}

/* The peer gives it; what it seals is known from then on. */
static inline void gives(struct world *w)
{
	newer(w);
	w->strange_seal = false;
	fetched(w, "descriptor");
}

#endif
