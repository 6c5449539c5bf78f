/*
 * limits - what a peer may take of the gateway, and for how long.
 *
 * Everything a connection can make the gateway hold is bounded here, per stream, per connection,
 * per address and per party. All times are monotonic milliseconds.
 */
#ifndef GATEWAY_LIMITS_H
#define GATEWAY_LIMITS_H

#include <stdint.h>

/* One connection; what a peer may count on is RXP-HTTP-013. */
#define GATEWAY_HEADER_LIST_OCTETS 8192 /* names, values and 32 per field, as RFC 9113 counts */
#define GATEWAY_STREAMS 32 /* open at a time */
#define GATEWAY_STREAMS_SURE 8 /* that a peer lets us have before it says how many (RXP-HTTP-013) */
#define GATEWAY_INTERIM_RESPONSES 8 /* 1xx answers before the final one */
#define GATEWAY_CONTROL_PER_DATA 2 /* control frames that each DATA frame we send makes lawful */
#define GATEWAY_BUDGET_MS 60000 /* period of the budgets of budget.def */
#define GATEWAY_ACKS_WAITING 64 /* PING and SETTINGS acknowledgements that wait to be sent */
#define GATEWAY_CONNECTION_WINDOW 16777216 /* octets */
#define GATEWAY_STREAM_WINDOW 262144 /* octets; RXP_MAX_ENVELOPE_OCTETS in one go */
#define GATEWAY_FILE_WINDOW 1048576 /* octets, of a stream that is written to a file at once */
#define GATEWAY_SEGMENT_OF_TCP \
	1220 /* octets: 1280, the least that every path of IPv6 takes, without headers … */
#define GATEWAY_BARREN \
	2 /* … for a party of whose connections so many in a row became silent before … */
#define GATEWAY_CARRIED_OCTETS 16384 /* … so much had come through */
#define GATEWAY_UNSENT_OCTETS 16384 /* that wait in a socket: nothing more is given to it, … */
#define GATEWAY_OUT_OCTETS 16384 /* frames joined before they go to TLS; may wait behind those, … */
#define GATEWAY_WAIT_MS \
	500 /* … or what goes in so long, where that is less: nothing is to wait behind much else … */
#define GATEWAY_PIECE_LEAST 4096 /* … but so much */
#define GATEWAY_BODIES_OCTETS 65536 /* of messages of ours that are begun and not with TLS yet */
#define GATEWAY_FILE_SHARE 8 /* of so many octets one is a file's while messages wait */
#define GATEWAY_IN_OCTETS 65536 /* read buffer, shared by all connections */
#define GATEWAY_READS_PER_EVENT 8 /* TLS records of one connection before another has its turn */
#define GATEWAY_PIECE_OCTETS \
	4096 /* that the body of a message must bring in each GATEWAY_BODY_MS */
#define GATEWAY_POST_HANDSHAKE_MESSAGES 64 /* key updates and the like, per connection */

/* All connections. */
#define GATEWAY_INBOUND 256
#define GATEWAY_INBOUND_PER_PARTY 16
#define GATEWAY_HALF_OPEN_PER_ADDRESS 8 /* in their handshake; of IPv6 per /64 */
#define GATEWAY_BODY_OCTETS 67108864 /* reserved for request bodies */
#define GATEWAY_BODY_OCTETS_PER_PARTY 16777216
#define GATEWAY_ACCEPTS_PER_EVENT 16

/* Attachments. What arrives is written as it is read, GATEWAY_READS_PER_EVENT TLS records of a
 * connection in a round; only what comes before the file is known is kept, in place of a body. */
#define GATEWAY_FILE_OCTETS 67108864 /* of the plain file: the default profile's bound */
#define GATEWAY_SEGMENT_OCTETS 1048576 /* RXP-ATT-005 */
#define GATEWAY_TAG_OCTETS 16 /* RXP-ATT-006 */
#define GATEWAY_CIPHERTEXT_OCTETS \
	(GATEWAY_FILE_OCTETS + GATEWAY_FILE_OCTETS / GATEWAY_SEGMENT_OCTETS * GATEWAY_TAG_OCTETS)
#define GATEWAY_PUTS 64 /* that are open or being ended; not more than the window of stage_end */
#define GATEWAY_PUTS_PER_PARTY 8
#define GATEWAY_PUTS_SURE 2 /* of each party (RXP-ATT-036), for whom … */
#define GATEWAY_PUTS_LAST 16 /* … so many places are kept that others do not get */
#define GATEWAY_ASKS_PER_PARTY 8 /* questions of what is held, a quarter of the window of stage */
#define GATEWAY_PUT_OCTETS 16384 /* that a PUT must bring in each GATEWAY_BODY_MS, or end */
#define GATEWAY_OFFSETS 3 /* other offsets that a peer may name to one upload of ours */

/* What peers fetch here, and what we fetch from them (RXP-PUL). */
#define GATEWAY_PICKUP_SKIP 32 /* MessageIds that one request may name */
#define GATEWAY_PICKUP_WAIT_S 30 /* for which one may wait */
#define GATEWAY_PICKUPS_PER_PARTY 4 /* that wait, or whose answer is being sent */
#define GATEWAY_GIVES 32 /* files on their way; not more than the window of give */
#define GATEWAY_GIVES_PER_PARTY 8
#define GATEWAY_DOWNLOADS 8 /* not more than the window of download */
/* Pages of logs that peers ask for and the registry has not made yet (RXP-LOG-004). */
#define GATEWAY_PAGES_PER_PARTY 1

/* Pins, endpoints, names. */
#define GATEWAY_PARTIES 512
#define GATEWAY_FORMER_PINS 16 /* of one party, that it lists no more */
#define GATEWAY_HOST_TEXT 254 /* a DNS name and its NUL */
#define GATEWAY_ADDRESSES 8 /* tried of one name */
#define GATEWAY_ADDRESS_TEXT 64 /* "[v6]:port" and its NUL */

#define GATEWAY_CONNECT_MS 10000
#define GATEWAY_RESOLVE_MS 10000 /* for all servers and tries together */
#define GATEWAY_RESOLVE_TRY_MS 2000
#define GATEWAY_RESOLVE_TRIES 2 /* of each server */
/* RXP-HTTP-012. */
#define GATEWAY_HANDSHAKE_MS 30000 /* four flights, each of which a thin line may lose */
#define GATEWAY_HEAD_MS 10000
#define GATEWAY_BODY_MS 60000
#define GATEWAY_ANSWER_MS 60000 /* from the last octets of our request to the end of its answer */
#define GATEWAY_DOUBT_MS \
	6000 /* that nothing comes back: another connection is tried beside it; … */
#define GATEWAY_UNHEARD_MS 20000 /* … and so long: it is dead */
#define GATEWAY_CLOGGED_OCTETS 65536 /* on their way: more than those … */
#define GATEWAY_CLOGGED_MS 20000 /* … are not waited for if they take so long */
#define GATEWAY_CALL_SHARE \
	32 /* of the time for which a party is away: until it is called again, … */
#define GATEWAY_CALL_FIRST_MS 1000 /* … at least … */
#define GATEWAY_CALL_LAST_MS 30000 /* … and at most */
#define GATEWAY_FAR_MS \
	15000 /* a round trip to whoever is farther away counts as so much; all that rests on one has … */
#define GATEWAY_TRIPS_DOUBT 2 /* … at least so many until a connection is in doubt, … */
#define GATEWAY_TRIPS_LACKS 4 /* … that a packet is missing, too; … */
#define GATEWAY_TRIPS_UNHEARD 4 /* … and it is dead; … */
#define GATEWAY_TRIPS_LOADED 4 /* … that what is on its way takes when files wait; … */
#define GATEWAY_TRIPS_CLOGGED 8 /* … that what is on its way may take; … */
#define GATEWAY_TRIPS_REPEAT 2 /* … between two tries to send the same octets; … */
#define GATEWAY_TRIPS_HANDSHAKE 4 /* … and so many more for the handshake */
#define GATEWAY_MOVES 3 /* of an upload to other connections without another octet held */
#define GATEWAY_REPEAT_MS 5000 /* between two tries to send the same octets, at most, … */
#define GATEWAY_KNOCK_MS 1000 /* … or to begin a connection: a line may be there for seconds */
#define GATEWAY_KNOCKS 60 /* of one connection: our own times end it before */
#define GATEWAY_LISTEN_MS 1000 /* between two looks at that */
#define GATEWAY_QUIET_S 4 /* after which a line is asked whether it is, … */
#define GATEWAY_ASK_AGAIN_S 4 /* … again after that … */
#define GATEWAY_ASKS 5 /* … and so often, since a question may be lost */
#define GATEWAY_STALL_MS 60000 /* that the other side does not take what we send */
#define GATEWAY_IDLE_MS 300000 /* without an open stream */
#define GATEWAY_LAST_WORDS_MS 1000 /* for a GOAWAY to leave before the connection is closed */

/* The same times as values, so that a test can have shorter ones. */
struct gateway_times {
	int64_t connect_ms, handshake_ms, head_ms, body_ms, answer_ms, stall_ms, idle_ms, doubt_ms,
	    listen_ms, call_ms;
};

#define GATEWAY_TIMES \
	((struct gateway_times){GATEWAY_CONNECT_MS, GATEWAY_HANDSHAKE_MS, GATEWAY_HEAD_MS, \
	    GATEWAY_BODY_MS, GATEWAY_ANSWER_MS, GATEWAY_STALL_MS, GATEWAY_IDLE_MS, \
	    GATEWAY_DOUBT_MS, GATEWAY_LISTEN_MS, GATEWAY_CALL_FIRST_MS})

#endif
