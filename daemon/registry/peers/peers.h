/*
 * peers - the parties that this node knows, in memory as committed.
 *
 * A peer is never removed: its log and its answers stay. A distrusted one is in no register and its
 * pins are withdrawn; messages to it keep their state and are not sent.
 */
#ifndef REGISTRY_PEERS_H
#define REGISTRY_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/ipc.h"
#include "daemon/registry/peers/dates.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/store/state.h"
#include "daemon/registry/store/store_inbox.h"
#include "daemon/registry/store/store_line.h"
#include "protocol/base/buf.h"

struct node;
struct peers;

/* How often something was done in the minute that began then. */
struct minute {
	int64_t since_mono;
	unsigned n;
};

struct peer {
	char party[4];
	bool active;
	uint64_t
	    distrusted; /* the number of people's order to end the trust (node.distrusts); 0: none since the start */
	uint8_t root
	    [32]; /* that sealed its latest part: compared by people, or one to which its chain led from there */
	uint64_t identity_serial;
	uint8_t identity[32];
	int64_t working_created_ms, added_ms, last_contact_ms;
	bool
	    met_counts; /* whether a line is there since now decides something: the next contact is stored, however late the last one was */
	struct rxp_buf records; /* of its descriptor */
	struct store_line line; /* how it may be used; set by the desk */
	bool
	    fetches_own; /* it pulls, and gets answers of its own before any message (RXP-PUL-013) */
	int64_t
	    own_rests_mono; /* until then the one that it was given last is not given again; kept by recovery/bring.c */
	bool pulls; /* it has no endpoint: nobody can connect to it (RXP-PUL-001) */
	uint8_t log_id[16];
	struct store_log log; /* committed: what receipts may name (RXP-ANS-007) */
	int64_t
	    log_named_ms; /* the earliest ReceivedAt of a receipt that may name it; 0: it began before this
				 node started; INT64_MAX: none does */
	uint64_t counts[STATE_COUNT]; /* messages to and from it, by state */
	int64_t full_told_mono; /* kept by share.c */
	struct dates
	    dates; /* ends of what its descriptor names, and of what it showed on its last connection */
	bool keyless; /* the operator was told that none of its keys is in force */
	/* kept by refresh.c */
	bool was_asked; /* for its descriptor, since the start */
	bool old_at_start; /* what was known of it then; until it was asked */
	bool posting; /* it posted one, which is being verified */
	bool suspected; /* asked since it showed a key that is not known, and gave nothing newer */
	bool
	    shows_strange; /* a server at its address showed one since it was reached there last, … */
	bool strange; /* … and gives nothing newer: the operator was told */
	int64_t
	    heard_mono; /* when it connected, or asked on a connection, last; 0: not since the start */
	int64_t strange_told_mono;
	unsigned asked_in_vain; /* how often in a row, while no key is in force */
	bool no_newer; /* when it was asked last it gave no newer key, though it was time for one */
	unsigned unanswered; /* questions in a row that brought no descriptor */
	int64_t asked_mono, ask_not_before_mono;
	int64_t refresh_mono; /* if it was asked: not before it is without a message that waits */
	int64_t suspect_mono; /* if it is suspected: not before it is asked for that reason again */
	/* kept by the room recovery */
	bool loss_noted; /* its log proves a loss; that recovery begins is not committed yet */
	bool
	    loss_doubted; /* its log names what we do not know, and began no loss: a person decides (RXP-RCV-023) */
	bool recovering; /* new documents of its cases wait (RXP-RCV-003) … */
	bool stuck; /* … until a person has looked into it */
	int64_t came_back_mono; /* when something came back from it last */
	size_t left_cases; /* that are to be asked for once more … */
	int64_t left_mono; /* … since when they are so many (RXP-RCV-026) */
	/* kept by flight_back.c: the receipt that names most entries of its log, and when it came */
	struct peer_named {
		bool loaded, any;
		uint8_t log_id[16];
		uint64_t count;
		int64_t answered_ms, received_ms;
	} named;
	int64_t
	    look_not_before_mono; /* at its log, since a receipt named as many entries as one before */
	/* kept by the room watch; wall time; 0: not yet */
	int64_t compared_ms, watch_tried_ms, blind_told_ms; /* of the log that it keeps for us */
	bool read_since_start;
	int64_t own_checked_ms; /* of the one that we keep for it */
	uint64_t differences; /* that nobody has noted */
	struct minute pages_given, pages_taken;
	bool page_in_work; /* one for it is being made */
	bool log_unreached; /* it could not be asked for its log when that was tried last */
	bool log_wanted; /* somebody wants its log compared, and only it can begin */
	int64_t
	    carried_ms; /* a message or an answer of it was brought in a bundle, of which nothing is told yet */
	unsigned files_in_work; /* messages in work that have attachments; kept by flight.c */
	/* kept by ferry.c: how much of an attachment it held when it was asked last */
	struct peer_held {
		uint8_t digest[32];
		uint64_t octets;
		int64_t until_mono; /* for which that is known; 0: an empty place */
	} held[REGISTRY_HELDS_MAX];
	/* kept by late.c: files of it that follow their documents */
	struct peer_late {
		bool behind,
		    again; /* some wait to be begun before the tick; since the pass began */
		unsigned failures;
		int64_t failed_mono, not_before_mono, heard_from_mono;
	} late;
	/* kept by pace.c */
	unsigned in_work, failures;
	unsigned held_back; /* of its window, since it failed */
	int64_t turn_ms
	    [2]; /* wall time; while it fails, of those without and with attachments: what was due then goes before the rest */
	bool node_failed; /* and not the line to it alone */
	bool found; /* it was heard since it failed */
	bool probe_now; /* one attempt more, before the back-off is over */
	int64_t failed_mono, not_before_mono, deaf_until_mono;
};

/* Load them. Errors as in db.h. */
int peers_new(struct peers **out, struct node *n);
void peers_free(struct peers *p); /* NULL is allowed */

/* NULL if the party is not known. */
struct peer *peers_find(struct peers *p, const char *party);
/* The same, but NULL also if it is distrusted. */
struct peer *peers_active(struct peers *p, const char *party);
/* In the order of party codes; NULL behind the last. */
struct peer *peers_at(struct peers *p, size_t i);

/* A message of the peer is in another state now; STATE_NONE for one that is new. */
void peers_count(struct peer *peer, enum state from, enum state to);

/* The key to encrypt a message for: of those in force the one that came into it last (RXP-ENV-014).
 * RXP_ERR_NOT_FOUND. */
int peers_agreement_key(const struct peer *peer, int64_t now_ms, uint8_t key_id[32]);
/* Is it time to ask the peer for newer ones (RXP-DSC-020)? */
bool peers_keys_old(const struct peer *peer, int64_t now_ms);
/* Until when one of its keys is offered; 0 if there is none. */
int64_t peers_keys_until_ms(const struct peer *peer);

/* Have the log that it keeps for us read at the next tick, or when it posts it. */
void peers_read_log(struct peer *peer);

/* Once more in this minute, if it was not so often yet. */
bool peers_minute(struct minute *m, unsigned most);

/* Until which legal deadline documents go to it now, INT64_MIN: none of a case; INT64_MAX: all. files: those with
 * attachments. */
int64_t peers_goes_until(const struct peer *peer, bool files, int64_t now_ms);

/* The peer was authenticated on a connection: when, is stored. until_ms: end of the certificate that it showed. */
void peers_contact(struct peers *p, struct peer *peer, int64_t until_ms);
/* The same of what came at that time on one that it has. */
void peers_met(struct peers *p, struct peer *peer, int64_t at_ms);

/* Tell of what ends soon of the active ones (RXP-DSC-041). */
void peers_tell_ends(struct peers *p, int64_t now_ms);

/* A committed row of a new or a known peer. RXP_ERR_FULL, RXP_ERR_NOMEM. */
struct store_peer;
int peers_take(struct peers *p, const struct store_peer *row);

#endif
