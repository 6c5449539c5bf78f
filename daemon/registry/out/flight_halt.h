/*
 * flight_halt - what becomes of a message in work that a hold or an emergency stop meets (RXP-HLD-002 to 004).
 */
#ifndef REGISTRY_FLIGHT_HALT_H
#define REGISTRY_FLIGHT_HALT_H

struct db;
struct flight;

/*
 * May it go on? Asked before it is sealed, before its files leave, and in the transaction after which
 * its octets may leave. RXP_ERR_STATE:
 * something halts it, kept in f->halt. What the peer has lost and gets again, and the one try that a person
 * ordered of what is in doubt, go on. RXP_ERR_FULL: the tables that say so are not proved (RXP-LOG-032), so that it waits as it is.
 * Errors of halt_judge_message.
 */
int flight_halt_check(struct flight *f, struct db *db);

/* End it so, after such an RXP_ERR_STATE: it is given up if it was never on a line, else it waits for a person. */
void flight_halt_end(struct flight *f);

#endif
