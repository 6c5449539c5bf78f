/*
 * registry_case_rig - documents of a case: as the desk submits them, as the peer sends them, and the
 * case as the desk sees it. On top of registry_world.
 */
#ifndef UNIT_REGISTRY_CASE_RIG_H
#define UNIT_REGISTRY_CASE_RIG_H

#include "daemon/test/unit/registry_world.h"

#define APPLICATION "ReadmissionApplication"
#define REPLY "ReadmissionReply"
#define WITHDRAWAL "Withdrawal"
#define EXTENSION "Extension"
#define RECORD "TransferRecord"
#define DAY INT64_C(86400000)

#define CASE_OTHER "QMA" /* another peer, before PEER in every order of parties */

/* Of a case that the peer opens. */
extern const uint8_t their_case[16];

struct facts {
	uint8_t octets[WORLD_FACTS_MAX];
	size_t len;
};

struct shown {
	struct rec_case_row row;
	char persons[RXP_MAX_PERSONS + 1][RECORD_NAME_MAX];
	char traits[RXP_MAX_PERSONS + 1][RECORD_NAME_MAX];
	struct rec_timeline_row timeline[16];
	size_t n;
	struct rec_hold_row holds[8];
	size_t n_holds;
	struct rec_case_clock_row clocks[32]; /* their steps are not kept */
	size_t n_clocks, n_steps; /* lines of steps in all of them */
	struct rec_clock_mark_row marks[16]; /* their persons are not kept */
	size_t n_marks;
};

/* One event for persons 1 to n but those below first; about: the document that it concerns, or NULL. */
struct facts case_facts(const char *event, unsigned first, unsigned n, const uint8_t *about);
/* The same, with a trait for each of them. */
struct facts case_facts_marked(
    const char *event, unsigned first, unsigned n, const char *trait, const uint8_t *about);
/* One event for P1 at a time, and one of the whole case with the due day of its sender. */
struct facts case_facts_timed(const char *event, int64_t at_ms, const uint8_t *about);
struct facts case_facts_due(const char *event, uint32_t stated_day, const uint8_t *about);
/* One event for P1, with a day that the document states of it. */
struct facts case_facts_until(const char *event, uint32_t stated_day, const uint8_t *about);
/* Behind them, what the document names of what a profile lists (protocol/case/listed.def). */
struct facts case_facts_named(
    struct facts f, const char *element, const char *parent, const char *value);
/* Of the whole case. */
struct facts case_facts_all(const char *event, const uint8_t *about);
struct msg_submit case_submission(
    const char *key, const uint8_t *case_id, const char *type, const struct facts *f);
const struct world_answer *case_submit(struct world *w, const char *key, const uint8_t *case_id,
    const char *type, const struct facts *f);

/* One that is accepted. */
void case_accepted(struct world *w, const char *key, uint8_t case_id[16], const char *type,
    struct facts f, uint8_t id[16]);
void case_not_accepted(struct world *w, const uint8_t *case_id, const char *type, struct facts f,
    int result, const char *words);

/* The n-th delivery gets its receipt; its envelope. */
struct fake_envelope case_receipt(struct world *w, unsigned n, const uint8_t id[16]);
void case_show(struct world *w, const uint8_t case_id[16], struct shown *s);
void case_show_steps(struct world *w, const uint8_t case_id[16], struct shown *s);
struct fake_envelope case_document(
    uint8_t id, const uint8_t case_id[16], const char *type, uint64_t position, struct facts f);

/* Its Previous and its Seen. */
void case_previous(struct fake_envelope *e, const struct fake_envelope *previous);
void case_seen(struct fake_envelope *e, const struct fake_envelope *seen);

/* How many rows a page of a list has. */
unsigned case_listed(struct world *w, const struct msg_list *list);

/* The other peer's document, received after all that PEER did. */
const struct world_answer *case_admit_other(struct world *w, const struct fake_envelope *e);
/* A case that PEER and we have, as case_asked(), and the other peer. */
struct fake_envelope case_asked_beside(struct world *w, uint8_t case_id[16]);

/* A case that we asked for: its application of two persons is receipted. */
struct fake_envelope case_asked(struct world *w, uint8_t case_id[16]);

#endif
